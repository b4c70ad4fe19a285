// What surrounds a program for libjq so that it sees nothing but its document, and what libjq says
// against a program, in our words. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

// The program behind definitions that take the place of what it must not call.
std::string guarded_jq(std::string_view program);

// message: the first that libjq gave of a program that guarded_jq made. "line 2, column 5: ...".
std::string jq_diagnosis(std::string_view message, std::string_view guarded);

}  // namespace docmill
