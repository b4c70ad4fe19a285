#include "producer/files/file_position.h"

#include <fmt/format.h>

#include "producer/files/number_text.h"

namespace docmill {

std::string to_text(const FilePosition& position, std::string_view reader) {
  if (!position.open.empty() && !position.end) {
    return fmt::format("{} 2 {} {} {} {} {} {}", reader, position.file, position.record,
                       position.offset, position.line, position.column, position.open);
  }
  return fmt::format("{} 1 {} {} {} {}{}", reader, position.file, position.record, position.offset,
                     position.line, position.end ? " end" : "");
}

Result<FilePosition> parse_position(std::string_view text, std::string_view reader) {
  FilePosition position;
  if (text.empty()) return position;
  std::string_view left = text;
  bool understood = take_word(left, reader);
  const bool inside = understood && reader == "split" && take_word(left, "2");
  understood = understood && (inside || take_word(left, "1")) && take_number(left, position.file) &&
               take_number(left, position.record) && take_number(left, position.offset) &&
               take_number(left, position.line) &&
               (inside ? take_number(left, position.column) && left.starts_with('<')
                       : left.empty() || left == "end");
  if (!understood) {
    return corrupt(fmt::format(
        "expected the position of a '{}' source, found '{}'; use the version and the source that "
        "wrote it, or start over with --fresh",
        reader, text));
  }
  if (inside) position.open = left;
  position.end = left == "end";
  return position;
}

}  // namespace docmill
