# What every target shares: the language, the warnings, and two functions that keep the lists short.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(DOCMILL_WERROR "Warnings are errors" ON)
set(DOCMILL_SANITIZE "" CACHE STRING "Sanitizers for every target, for example address,undefined or thread")

option(DOCMILL_FUZZ "Build the targets of libFuzzer; wants clang" OFF)

# Half of the time to compile went into headers that nearly every file has. Off: every file shows that it includes what
# it uses (scripts/lint).
option(DOCMILL_PRECOMPILE "Precompile the headers that nearly every file has" ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(docmill_options INTERFACE)
target_include_directories(docmill_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(docmill_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast $<$<BOOL:${DOCMILL_WERROR}>:-Werror>)
# GCC 12 takes "text" + std::string for an overlapping copy when it optimises (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(docmill_options INTERFACE -Wno-restrict)
endif()
if(DOCMILL_FUZZ)
  target_compile_options(docmill_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DOCMILL_SANITIZE)
  # With sanitizers GCC 12 takes what <regex> moves for uninitialized (its bug 105562).
  target_compile_options(docmill_options INTERFACE -fsanitize=${DOCMILL_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(docmill_options INTERFACE -fsanitize=${DOCMILL_SANITIZE})
else()
  target_compile_options(docmill_options INTERFACE -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
  target_link_options(docmill_options INTERFACE -Wl,-z,relro,-z,now)
endif()

# docmill_precompile(NAME FROM): the target uses the headers precompiled for FROM; for itself: precompiles those that
# follow.
function(docmill_precompile name from)
  if(NOT DOCMILL_PRECOMPILE)
    return()
  endif()
  # What ccache needs to know of a precompiled header.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  if(name STREQUAL from)
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <cstdint> <filesystem> <functional> <map> <memory>
      <optional> <string> <string_view> <utility> <vector> <fmt/format.h> ${ARGN})
  else()
    target_precompile_headers(${name} REUSE_FROM ${from})
  endif()
endfunction()

# docmill_library(NAME DEPENDS...): all .cpp files of the folder and of the folders below it, but main.cpp.
function(docmill_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp *.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    add_library(${name} INTERFACE)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PUBLIC docmill_options ${ARGN})
  docmill_precompile(${name} docmill_base)
endfunction()

# docmill_program(NAME DEPENDS...): the folder's main.cpp.
function(docmill_program name)
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
    return()
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${ARGN})
endfunction()
