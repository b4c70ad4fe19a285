#include "producer/spooled/spooled_document.h"

#include <fmt/format.h>

#include "shared/base/binary.h"

namespace docmill {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Result<Spool::Appended> append_document(Spool& spool, std::string_view key, Format format,
                                        std::string_view source, std::string_view notes,
                                        std::string_view bytes) {
  std::string record;
  record.reserve(16 + source.size() + notes.size() + bytes.size());
  BinaryWriter out(record);
  out.number(kVersion);
  out.number(static_cast<std::uint8_t>(format));
  out.text<std::uint16_t>(source);
  out.text<std::uint32_t>(notes);
  record += bytes;
  return spool.append(key, record);
}

//      0      1        2         4+...      8+...
//      +------+--------+---------+---------+----------+
//      | 1    | format | source  | notes   | bytes    |
//      +------+--------+---------+---------+----------+
//       u8      u8       u16 and   u32 and   the rest
//                        text      text
Result<DocumentView> document_of(const Spool::Record& record) {
  BinaryReader in(record.bytes);
  const auto version = in.number<std::uint8_t>();
  const auto format = in.number<std::uint8_t>();
  DocumentView document;
  document.format = static_cast<Format>(format);
  document.origin.source = in.text<std::uint16_t>();
  document.origin.record = record.number;
  document.notes = in.text<std::uint32_t>();
  document.bytes = in.left();
  if (!in.ok() || version != kVersion || format > static_cast<std::uint8_t>(Format::kJson)) {
    return corrupt(fmt::format(
        "spool: record {} is none of version {}; use the docmill that wrote it, or start over with "
        "--fresh",
        record.number, kVersion));
  }
  return document;
}

}  // namespace docmill
