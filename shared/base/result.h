// Result: the value of a call, or the Error that a caller is expected to handle.
//
// Expected failure is a Result. A bug aborts with its values (see check.h). An exception of a
// library ends in the file that wraps the library.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace docmill {

// A code exists only where the caller acts differently on it.
enum class ErrorCode {
  kConfig,       // print every finding, exit 78
  kMalformed,    // the document is at fault: dead letter
  kUnavailable,  // back off and try again
  kCorrupt,      // what is on disk contradicts itself: stop, touch nothing
  kEnded,        // nothing more will come: drain
  kStopped,      // asked to stop: drain to the deadline
};

// The text is output: what was expected, what was found, the cure; lower case, no full stop.
struct Error {
  ErrorCode code;
  std::string text;
  bool operator==(const Error&) const = default;
};

inline Error config_error(std::string text) { return {ErrorCode::kConfig, std::move(text)}; }
inline Error malformed(std::string text) { return {ErrorCode::kMalformed, std::move(text)}; }
inline Error unavailable(std::string text) { return {ErrorCode::kUnavailable, std::move(text)}; }
inline Error corrupt(std::string text) { return {ErrorCode::kCorrupt, std::move(text)}; }

// A value or an Error. Reading the side that is not there is a bug and throws
// std::bad_variant_access.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const T& value() const& { return std::get<0>(content_); }
  T& value() & { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : content_(std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<std::monostate, Error> content_;
};

}  // namespace docmill
