// XmlEventWriter: a parser's events as XML in UTF-8, with nothing left to expand.
//
// Names, values and texts come as expat reports them: decoded, with line ends as '\n'. Not for
// several threads.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

class XmlEventWriter {
 public:
  void clear();
  // What was written so far. After the last end() of a balanced sequence it is a whole element.
  const std::string& bytes() const { return bytes_; }
  // Gives up what was written and the memory under it, but stays in the middle of the element.
  void forget();

  // names_and_values: expat's array, pairs and then nullptr. more: further ` name="value"` texts.
  void start(const char* name, const char** names_and_values, std::string_view more);
  void end(const char* name);
  void text(std::string_view content);
  void comment(std::string_view content);
  void instruction(std::string_view target, std::string_view content);
  void start_cdata();
  void end_cdata();

 private:
  void close_tag();

  std::string bytes_;
  bool tag_open_ = false;  // "<name a='b'" is written, '>' or '/>' is not
  bool in_cdata_ = false;
};

}  // namespace docmill
