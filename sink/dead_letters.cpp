#include "sink/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "shared/document/json_text.h"
#include "shared/document/utf8.h"
#include "sink/document_names.h"

namespace docmill {
namespace {

void append_member(std::string& line, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(line), ",\"{}\":", name);
  append_json_string(line, text);
}

}  // namespace

void DeadLetters::add(const BatchHeader& batch, const Entry& entry, std::string_view reason) {
  const DocumentView& document = entry.document;
  line_.clear();
  if (is_utf8(document.bytes)) {
    line_ += "{\"document\":";
    append_json_string(line_, document.bytes);
  } else {
    line_ += "{\"document_base64\":\"";
    append_base64(line_, document.bytes);
    line_ += '"';
  }
  const std::size_t colon = reason.find(": ");
  const bool has_stage = colon != std::string_view::npos;
  append_member(line_, "format", name_of(document.format));
  append_member(line_, "stage", has_stage ? reason.substr(0, colon) : "sink");
  append_member(line_, "error", has_stage ? reason.substr(colon + 2) : reason);
  append_member(line_, "source", document.origin.source);
  fmt::format_to(std::back_inserter(line_), R"(,"record":{},"offset":{},"line":{})",
                 document.origin.record, document.origin.offset, document.origin.line);
  append_member(line_, "producer", batch.lineage.producer);
  fmt::format_to(std::back_inserter(line_),
                 ",\"epoch\":\"{:016x}\",\"sequence\":{},\"index\":{}}}\n", batch.lineage.epoch,
                 batch.sequence, entry.index);
  if (order_ == WriteOrder::kSource) {
    lines_.push_back({batch.lineage, batch.sequence, entry.index, line_});
  } else {
    file_.append(line_);
  }
  ++added_;
}

// Those of one document stay in the order in which they came.
void DeadLetters::append_sorted() {
  std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return std::tie(a.lineage, a.sequence, a.index) < std::tie(b.lineage, b.sequence, b.index);
  });
  for (const Line& line : lines_) file_.append(line.text);
  lines_.clear();
}

}  // namespace docmill
