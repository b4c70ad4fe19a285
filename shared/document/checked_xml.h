// CheckedXml: pieces of XML out of names and texts that nobody has checked yet.
//
// Nothing is written that would read back as something else: what cannot be carried is refused,
// each with a reason. Whether prefixes are declared and attributes distinct shows only in the
// whole; whoever writes a document has it scanned. Not for several threads.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

class CheckedXml {
 public:
  explicit CheckedXml(std::string& out) : out_(out) {}

  // Each false: nothing more may be written, and failure() says why.
  bool open(std::string_view name);  // the tag stays open for attributes
  bool attribute(std::string_view name, std::string_view value);
  bool text(std::string_view content);
  bool comment(std::string_view content);
  bool instruction(std::string_view target, std::string_view content);
  bool cdata(std::string_view content);
  void close(std::string_view name);

  const std::string& failure() const { return failure_; }

 private:
  void end_tag();
  bool carries(std::string_view content);
  bool fail(std::string text);

  std::string& out_;
  bool tag_open_ = false;
  std::string failure_;
};

}  // namespace docmill
