// What the files that wrap libxml2 and libxslt share: the start of the library, its errors as
// text, and ownership of its objects.
#pragma once

#include <memory>
#include <string>

namespace docmill {

// Once for the process, from any thread. Files may be read, addresses of a network not.
void start_libxml2();

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
