#include "producer/spooled/spooled_document.h"

#include <fmt/format.h>

#include "shared/base/binary.h"

namespace docmill {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kDead = 0x80;  // beside the format

Result<Spool::Appended> append_record(Spool& spool, std::string_view key, std::uint8_t kind,
                                      std::string_view source, std::string_view said,
                                      std::string_view bytes) {
  std::string record;
  record.reserve(16 + source.size() + said.size() + bytes.size());
  BinaryWriter out(record);
  out.number(kVersion);
  out.number(kind);
  out.text<std::uint16_t>(source);
  out.text<std::uint32_t>(said);
  record += bytes;
  return spool.append(key, record);
}

}  // namespace

Result<Spool::Appended> append_document(Spool& spool, std::string_view key, Format format,
                                        std::string_view source, std::string_view notes,
                                        std::string_view bytes) {
  return append_record(spool, key, static_cast<std::uint8_t>(format), source, notes, bytes);
}

Result<Spool::Appended> append_dead(Spool& spool, std::string_view key, Format format,
                                    std::string_view source, std::string_view reason,
                                    std::string_view bytes) {
  const auto kind = static_cast<std::uint8_t>(kDead | static_cast<std::uint8_t>(format));
  return append_record(spool, key, kind, source, reason, bytes);
}

//      0      1        2         4+...            8+...
//      +------+--------+---------+----------------+----------+
//      | 1    | format | source  | notes / reason | bytes    |
//      +------+--------+---------+----------------+----------+
//       u8      u8       u16 and   u32 and          the rest
//                        text      text
//      format: with 0x80 it is dead, and the second text is the reason
Result<Source::Next> document_of(const Spool::Record& record) {
  BinaryReader in(record.bytes);
  const auto version = in.number<std::uint8_t>();
  const auto kind = in.number<std::uint8_t>();
  const bool dead = (kind & kDead) != 0;
  const auto format = static_cast<std::uint8_t>(kind & ~kDead);
  Source::Next next;
  next.state = dead ? Source::State::kDead : Source::State::kDocument;
  next.document.format = static_cast<Format>(format);
  next.document.origin.source = in.text<std::uint16_t>();
  next.document.origin.record = record.number;
  (dead ? next.reason : next.document.notes) = in.text<std::uint32_t>();
  next.document.bytes = in.left();
  if (!in.ok() || version != kVersion || format > static_cast<std::uint8_t>(Format::kJson)) {
    return corrupt(fmt::format(
        "spool: record {} is none of version {}; use the docmill that wrote it, or start over with "
        "--fresh",
        record.number, kVersion));
  }
  return next;
}

}  // namespace docmill
