// JsonBuffer: a growing piece of memory that JSON text is written into, kept from document to
// document.
//
// Text comes from checked XML: UTF-8, and of the control characters only tab, newline and carriage
// return. Not for several threads.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace docmill {

class JsonBuffer {
 public:
  void clear() { size_ = 0; }
  std::string_view view() const { return {bytes_.get(), size_}; }

  void put(char c) {
    make_room(1);
    bytes_[size_++] = c;
  }
  // As it is: punctuation, names that need no escaping.
  void put(std::string_view text) {
    make_room(text.size());
    std::memcpy(bytes_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  // "text", in quotes and escaped.
  void put_string(std::string_view text);
  // "@name": or "name": (prefix '\0'), for names of XML, which never need escaping.
  void put_key(char prefix, std::string_view name);

 private:
  void make_room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
  }
  void grow(std::size_t count);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace docmill
