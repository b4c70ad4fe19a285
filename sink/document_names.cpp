#include "sink/document_names.h"

#include <fmt/format.h>

namespace docmill {

std::string idempotency_key(const DocumentId& id) {
  return fmt::format("{}-{:016x}-{}-{}-{}", id.producer, id.epoch, id.sequence, id.index, id.part);
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::kXml:
      return "xml";
    case Format::kJson:
      return "json";
    case Format::kText:
      return "text";
    case Format::kBytes:
      break;
  }
  return "bytes";
}

}  // namespace docmill
