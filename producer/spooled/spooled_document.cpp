#include "producer/spooled/spooled_document.h"

#include <fmt/format.h>

#include "shared/base/binary.h"

namespace docmill {
namespace {

constexpr std::uint8_t kDocument = 1;
constexpr std::uint8_t kDead = 2;

}  // namespace

Result<Spool::Appended> append_document(Spool& spool, std::string_view key, Format format,
                                        std::string_view source, std::string_view notes,
                                        std::string_view bytes, std::string_view reason) {
  std::string record;
  record.reserve(16 + source.size() + notes.size() + reason.size() + bytes.size());
  BinaryWriter out(record);
  out.number(reason.empty() ? kDocument : kDead);
  out.number(static_cast<std::uint8_t>(format));
  out.text<std::uint16_t>(source);
  out.text<std::uint32_t>(notes);
  if (!reason.empty()) out.text<std::uint16_t>(reason);
  record += bytes;
  return spool.append(key, record);
}

//      0      1        2         4+...      8+...      10+...
//      +------+--------+---------+---------+----------+---------+
//      | 1, 2 | format | source  | notes   | reason   | bytes   |
//      +------+--------+---------+---------+----------+---------+
//       u8      u8       u16 and   u32 and   2: u16     the rest
//                        text      text      and text
Result<SpooledDocument> document_of(const Spool::Record& record) {
  BinaryReader in(record.bytes);
  const auto version = in.number<std::uint8_t>();
  const auto format = in.number<std::uint8_t>();
  SpooledDocument found;
  found.document.format = static_cast<Format>(format);
  found.document.origin.source = in.text<std::uint16_t>();
  found.document.origin.record = record.number;
  found.document.notes = in.text<std::uint32_t>();
  if (version == kDead) found.reason = in.text<std::uint16_t>();
  found.document.bytes = in.left();
  if (!in.ok() || (version != kDocument && version != kDead) ||
      format > static_cast<std::uint8_t>(Format::kJson)) {
    return corrupt(fmt::format(
        "spool: record {} is none of version {} or {}; use the docmill that wrote it, or start "
        "over with --fresh",
        record.number, kDocument, kDead));
  }
  return found;
}

}  // namespace docmill
