#include "sink/http/http_document.h"

#include <fmt/format.h>

#include "shared/base/binary.h"

namespace docmill {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string content_type_of(Format format) {
  switch (format) {
    case Format::kJson:
      return "application/json";
    case Format::kXml:
      return "application/xml";
    case Format::kText:
      return "text/plain; charset=utf-8";
    case Format::kBytes:
      break;
  }
  return "application/octet-stream";
}

// | version u8 | format u8 | producer u8 + text | epoch u64 | sequence u64 | index u32 | part u32 |
// | source u32 + text | record u64 | offset u64 | line u64 | notes u32 + text | the document |
std::string encode_spooled(const DocumentId& id, const DocumentView& document) {
  std::string bytes;
  BinaryWriter writer(bytes);
  writer.number(kVersion);
  writer.number(static_cast<std::uint8_t>(document.format));
  writer.text<std::uint8_t>(id.producer);
  writer.number(id.epoch);
  writer.number(id.sequence);
  writer.number(id.index);
  writer.number(id.part);
  writer.text<std::uint32_t>(document.origin.source);
  writer.number(document.origin.record);
  writer.number(document.origin.offset);
  writer.number(document.origin.line);
  writer.text<std::uint32_t>(document.notes);
  bytes += document.bytes;
  return bytes;
}

Result<SpooledHttpDocument> decode_spooled(std::string_view bytes) {
  BinaryReader reader(bytes);
  SpooledHttpDocument found;
  const auto version = reader.number<std::uint8_t>();
  found.document.format = static_cast<Format>(reader.number<std::uint8_t>());
  found.id.producer = reader.text<std::uint8_t>();
  found.id.epoch = reader.number<std::uint64_t>();
  found.id.sequence = reader.number<std::uint64_t>();
  found.id.index = reader.number<std::uint32_t>();
  found.id.part = reader.number<std::uint32_t>();
  found.document.origin.source = reader.text<std::uint32_t>();
  found.document.origin.record = reader.number<std::uint64_t>();
  found.document.origin.offset = reader.number<std::uint64_t>();
  found.document.origin.line = reader.number<std::uint64_t>();
  found.document.notes = reader.text<std::uint32_t>();
  found.document.bytes = reader.left();
  if (!reader.ok() || version != kVersion) {
    return corrupt(
        fmt::format("expected a spooled document of version {}, found version {}; use the docmill "
                    "that wrote it",
                    kVersion, version));
  }
  return found;
}

}  // namespace docmill
