// What the files that wrap libxml2 and libxslt share: the start of the library, the files that it
// may read, its errors as text, and ownership of its objects.
#pragma once

#include <memory>
#include <string>

#include "shared/document/named_files.h"

namespace docmill {

// Once for the process, from any thread. libxml2 reads no file and no address, except through a
// LibXml2Files.
void start_libxml2();

// While this lives, libxml2 has the files of `files` on this thread: for schemas and what they
// import. Without one it has none, so that a document cannot make it read.
class LibXml2Files {
 public:
  explicit LibXml2Files(NamedFiles& files);
  ~LibXml2Files();
  LibXml2Files(const LibXml2Files&) = delete;
  LibXml2Files& operator=(const LibXml2Files&) = delete;

  // For libxml2. url: a path as it is written, or with its special characters escaped.
  Result<std::string_view> read(const std::string& url);
  // The first file that could not be read, and why; empty when there was none.
  const std::string& failure() const { return failure_; }

 private:
  Error keep(const std::string& name, const Error& error);

  NamedFiles& files_;
  std::string failure_;
};

// What libxml2 says while this lives: on this thread, the first error.
class LibXml2Errors {
 public:
  LibXml2Errors();
  ~LibXml2Errors();
  LibXml2Errors(const LibXml2Errors&) = delete;
  LibXml2Errors& operator=(const LibXml2Errors&) = delete;

  // "line 3, /catalog/book[2]/price: ..."; empty when there was none.
  const std::string& text() const { return text_; }
  void keep(std::string text) {
    if (text_.empty()) text_ = std::move(text);
  }

 private:
  std::string text_;
};

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;

}  // namespace docmill
