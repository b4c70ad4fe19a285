#include "producer/sources/row_documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

struct AppendJson {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(std::int64_t number) const { out += fmt::format("{}", number); }
  void operator()(double number) const {
    // JSON has no word for what is not finite.
    const std::string text = std::isfinite(number) ? fmt::format("{}", number) : "null";
    const bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
    out += whole ? text + ".0" : text;
  }
  void operator()(const std::string& text) const { append_json_string(out, text); }
  void operator()(const RowBlob& blob) const {
    out += '"';
    append_base64(out, blob.bytes);
    out += '"';
  }
};

}  // namespace

Result<void> RowDocuments::check(const RowReader& reader) const {
  const auto& columns = reader.columns();
  if (!column_ || std::find(columns.begin(), columns.end(), *column_) != columns.end()) return {};
  return config_error(fmt::format("{}: expected a column {} in the rows of the query, found {}",
                                  source_, *column_, fmt::join(columns, ", ")));
}

Source::Next RowDocuments::of(const Row& row, const RowReader& reader) {
  const std::vector<std::string>& columns = reader.columns();
  Source::Next next{.state = Source::State::kDocument, .document = {}, .reason = {}};
  next.document.origin.source = source_;
  const auto* number = std::get_if<std::int64_t>(&row[reader.cursor_column()]);
  if (number != nullptr && *number > 0) {
    next.document.origin.record = static_cast<std::uint64_t>(*number);
  }
  bytes_.clear();
  if (!column_) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      bytes_ += i == 0 ? '{' : ',';
      append_json_string(bytes_, columns[i]);
      bytes_ += ':';
      std::visit(AppendJson{bytes_}, row[i]);
    }
    bytes_ += '}';
    next.document.format = Format::kJson;
  } else {
    use_column(row, reader, next);
  }
  next.document.bytes = bytes_;
  return next;
}

void RowDocuments::use_column(const Row& row, const RowReader& reader, Source::Next& next) {
  const std::vector<std::string>& columns = reader.columns();
  const auto found = std::find(columns.begin(), columns.end(), *column_);
  const RowValue none;
  const RowValue& value =
      found == columns.end() ? none : row[static_cast<std::size_t>(found - columns.begin())];
  if (const auto* text = std::get_if<std::string>(&value)) {
    bytes_ = *text;
  } else if (const auto* blob = std::get_if<RowBlob>(&value)) {
    bytes_ = blob->bytes;
  } else {
    next.state = Source::State::kDead;
    reason_ = fmt::format("expected text or a blob in column {}, found {}", *column_,
                          value.index() == 0 ? "nothing" : "a number");
    next.reason = reason_;
  }
  next.document.format = format_of(format_, bytes_);
}

}  // namespace docmill
