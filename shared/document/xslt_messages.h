// XsltMessages: what libxslt prints, as one error: it prints places, errors and the texts of
// xsl:message one after the other.
//
// Not for several threads.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

class XsltMessages {
 public:
  // main: the file that errors need not name.
  explicit XsltMessages(std::string main = "") : main_(std::move(main)) {}

  // What libxslt prints at once.
  void add(std::string_view text);

  // "line 3, element value-of: ...": the first error; empty when there was none.
  const std::string& error() const { return error_; }
  // The last text of xsl:message.
  const std::string& message() const { return message_; }

 private:
  std::string main_;
  std::string place_;  // of the error that comes next
  bool expects_error_ = false;
  std::string error_;
  std::string message_;
};

}  // namespace docmill
