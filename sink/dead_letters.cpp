#include "sink/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

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
  write_line(batch, entry, reason);
  if (order_ == WriteOrder::kSource) {
    lines_.push_back({batch.lineage, batch.sequence, entry.index, line_});
  } else {
    group_text_ += line_;
  }
  ++group_.added;
}

std::uint64_t DeadLetters::add_spilled(const BatchHeader& batch, const Entry& entry,
                                       std::string_view reason) {
  write_line(batch, entry, reason);
  spilled_text_ += line_;
  return ++spilled_.added;
}

Result<void> DeadLetters::sync() {
  file_.append(std::exchange(spilled_text_, {}));
  append_sorted();
  file_.append(std::exchange(group_text_, {}));
  auto synced = file_.sync();
  if (!synced) return synced;
  group_.synced = group_.added;
  spilled_.synced = spilled_.added;
  return {};
}

Result<void> DeadLetters::sync_spilled() {
  file_.append(std::exchange(spilled_text_, {}));
  auto synced = file_.sync();
  if (synced) spilled_.synced = spilled_.added;
  return synced;
}

void DeadLetters::committed() {
  group_.durable = group_.synced;
  spilled_.durable = spilled_.synced;
}

void DeadLetters::write_line(const BatchHeader& batch, const Entry& entry,
                             std::string_view reason) {
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
