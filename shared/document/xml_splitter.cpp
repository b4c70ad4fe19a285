#include "shared/document/xml_splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "shared/document/expat_encodings.h"
#include "shared/document/expat_expansion.h"
#include "shared/document/xml_splitter_parser.h"

namespace docmill {
namespace {

// Pieces are handed to expat in slices, so that it never holds a copy of a large one.
constexpr std::size_t kSlice = 256 << 10;

// How many bytes at the end of the slice may be the first half of a line end in two characters
// (in UTF-16 they are two bytes each): expat counts a line twice when its halves come apart.
std::size_t line_end_begun(std::string_view slice) {
  using namespace std::string_view_literals;
  return slice.ends_with('\r') ? 1 : slice.ends_with("\r\0"sv) ? 2 : 0;
}

}  // namespace

XmlSplitter::XmlSplitter(ElementPath path, const XmlSplitOptions& options)
    : parser_(std::make_unique<Parser>(std::move(path), options)) {}
XmlSplitter::~XmlSplitter() = default;
XmlSplitter::XmlSplitter(XmlSplitter&&) noexcept = default;
XmlSplitter& XmlSplitter::operator=(XmlSplitter&&) noexcept = default;

Result<void> XmlSplitter::feed(std::string_view chunk, bool last) {
  return parser_->feed(chunk, last);
}
bool XmlSplitter::next(XmlRecord& record) { return parser_->next(record); }
const XmlFailure& XmlSplitter::failure() const { return parser_->failure(); }
std::uint64_t XmlSplitter::rest_offset() const { return parser_->rest_offset(); }
std::uint64_t XmlSplitter::rest_line() const { return parser_->rest_line(); }
std::string_view XmlSplitter::before_root() const { return parser_->before_root(); }
std::string_view XmlSplitter::after_root() const { return parser_->after_root(); }

XmlSplitter::Parser::Parser(ElementPath path, const XmlSplitOptions& options)
    : path_(std::move(path)),
      options_(options),
      expat_(XML_ParserCreate(nullptr)),
      kept_(options.keep) {
  if (expat_ == nullptr) throw std::bad_alloc();
  XML_Parser parser = expat_.get();
  XML_SetUserData(parser, this);
  XML_SetXmlDeclHandler(parser, on_declaration);
  XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  // Parameter entities of the internal subset are expanded; external ones come to on_external.
  XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_ALWAYS);
  XML_SetExternalEntityRefHandler(parser, on_external);
  XML_SetEntityDeclHandler(parser, on_entity);
  XML_SetSkippedEntityHandler(parser, on_skipped);
  XML_SetEndDoctypeDeclHandler(parser, on_doctype_end);
  watch_content(false);
  read_encodings_with_iconv(parser);
  limit_expansion(parser);
}

Result<void> XmlSplitter::Parser::feed(std::string_view chunk, bool last) {
  queue_.clear();
  handed_out_ = 0;
  output_.clear();
  if (stopped()) return failure_as_error();
  if (head_.size() < 2) head_.append(chunk.substr(0, 2 - head_.size()));
  std::string joined;
  if (!held_back_.empty()) {
    joined = std::exchange(held_back_, {}).append(chunk);
    chunk = joined;
  }
  do {
    std::string_view slice = chunk.substr(0, kSlice);
    if (!last || slice.size() < chunk.size()) slice.remove_suffix(line_end_begun(slice));
    chunk.remove_prefix(slice.size());
    if (slice.empty() && !last) {
      held_back_ = chunk;
      break;
    }
    Result<void> parsed = parse_slice(slice, last && chunk.empty());
    if (!parsed.ok()) return parsed;
  } while (!chunk.empty());
  return {};
}

Result<void> XmlSplitter::Parser::parse_slice(std::string_view slice, bool last) {
  if (way_ != Way::kWriteAnew) raw_.append(slice);
  fed_ += slice.size();
  const XML_Status status =
      XML_Parse(expat_.get(), slice.data(), static_cast<int>(slice.size()), last ? 1 : 0);
  if (status != XML_STATUS_OK) {
    note_failure(expat_failure(expat_.get()));
    return failure_as_error();
  }
  const XML_Index index = XML_GetCurrentByteIndex(expat_.get());
  if (index >= 0) consumed_ = std::max(consumed_, static_cast<std::uint64_t>(index) + index_base_);
  if (!last && fed_ - consumed_ > options_.limits.document.count + kSlice) {
    note_failure(fmt::format("a tag, comment or processing instruction larger than {}",
                             to_string(options_.limits.document)));
    return failure_as_error();
  }
  drop_consumed();
  return {};
}

// Notes why and where; the first reason stands.
void XmlSplitter::Parser::note_failure(std::string text) {
  if (!failure_.text.empty()) return;
  failure_.text = std::move(text);
  failure_.line = line();
  failure_.column = column() + 1;
  failure_.offset = position();
}

Error XmlSplitter::Parser::failure_as_error() const {
  return malformed(fmt::format("line {}, column {} (byte {}): {}", failure_.line, failure_.column,
                               failure_.offset, failure_.text));
}

std::uint64_t XmlSplitter::Parser::position() const {
  const XML_Index index = XML_GetCurrentByteIndex(expat_.get());
  return index < 0 ? consumed_ : static_cast<std::uint64_t>(index) + index_base_;
}

std::string_view XmlSplitter::Parser::raw(std::uint64_t from, std::uint64_t to) const {
  return std::string_view(raw_).substr(from - raw_offset_, to - from);
}

// Forgets what lies before the open record, or before the place that expat has reached.
void XmlSplitter::Parser::drop_consumed() {
  if (way_ == Way::kWriteAnew) {
    std::string().swap(raw_);
    return;
  }
  if (in_record_ && !record_.oversize &&
      consumed_ - record_.offset > options_.limits.document.count) {
    record_.oversize = true;
    sample_ = raw(record_.offset, std::min(record_.offset + options_.sample.count, consumed_));
  }
  const std::uint64_t keep = in_record_ && !record_.oversize ? record_.offset : consumed_;
  if (keep <= raw_offset_) return;
  raw_.erase(0, keep - raw_offset_);
  raw_offset_ = keep;
}

bool XmlSplitter::Parser::next(XmlRecord& record) {
  if (handed_out_ == queue_.size()) return false;
  const Queued& queued = queue_[handed_out_++];
  record = queued.record;
  record.bytes = std::string_view(output_).substr(queued.begin, queued.length);
  if (queued.notes != nullptr) record.notes = *queued.notes;
  return true;
}

void XmlSplitter::Parser::enqueue(std::initializer_list<std::string_view> parts) {
  const std::size_t begin = output_.size();
  for (const std::string_view part : parts) output_.append(part);
  queue_.push_back(
      {record_, begin, output_.size() - begin, notes_, open_after_, after_line_, after_column_});
}

void XmlSplitter::Parser::stop(std::string text) {
  note_failure(std::move(text));
  XML_StopParser(expat_.get(), XML_FALSE);
}

// Counts an element that opens; false when the file goes too deep.
bool XmlSplitter::Parser::enter() {
  if (stopped()) return false;
  if (++depth_ <= options_.limits.depth) return !lenient_ || references_declared();
  stop(fmt::format("more than {} elements inside each other; raise limits.depth",
                   options_.limits.depth));
  return false;
}

XmlSplitter::Parser::Way XmlSplitter::Parser::choose_way() const {
  const auto wide = [](char c) { return c == '\0' || c == '\xFE' || c == '\xFF'; };
  const bool utf16 = head_.size() == 2 && (wide(head_[0]) || wide(head_[1]));
  return utf16 || rewrite_ || options_.always_write_anew ? Way::kWriteAnew : Way::kCut;
}

void XmlSplitter::Parser::begin_record(const char* name, const char** attributes) {
  in_record_ = true;
  record_depth_ = depth_;
  record_ = {};
  record_.number = ++count_;
  record_.offset = position();
  record_.line = line();
  if (!kept_.none()) {
    kept_.enter(name, attributes);
    std::string notes = kept_.notes();
    kept_.leave();
    if (notes_ == nullptr || *notes_ != notes) {
      notes_ = std::make_shared<const std::string>(std::move(notes));
    }
  }
  addition_.clear();
  inherited_.append_missing(addition_, [attributes](std::string_view wanted) {
    for (const char** pair = attributes; *pair != nullptr; pair += 2) {
      if (wanted == *pair) return true;
    }
    return false;
  });
  if (way_ == Way::kCut) {
    addition_offset_ = record_.offset + 1 + std::strlen(name);
    XML_SetElementHandler(expat_.get(), on_cut_start, on_cut_end);
  } else {
    watch_content(true);
    writer_.clear();
    writer_.start(name, attributes, addition_);
    note_growth();
  }
}

// Writing anew: a record that has grown too large keeps its beginning and is counted on only.
void XmlSplitter::Parser::note_growth() {
  if (writer_.bytes().size() <= options_.limits.document.count && !record_.oversize) return;
  if (!record_.oversize) sample_ = writer_.bytes().substr(0, options_.sample.count);
  record_.oversize = true;
  writer_.forget();
}

void XmlSplitter::Parser::end_record() {
  in_record_ = false;
  const std::uint64_t end =
      position() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(expat_.get()));
  record_.size = end - record_.offset;
  if (way_ == Way::kCut) note_after(end);
  const std::uint64_t limit = options_.limits.document.count;
  if (way_ == Way::kCut && !record_.oversize && record_.size + addition_.size() > limit) {
    record_.oversize = true;
    sample_ = raw(record_.offset, record_.offset + std::min(options_.sample.count, record_.size));
  }
  if (record_.oversize) {
    enqueue({sample_});
  } else if (way_ == Way::kCut) {
    enqueue({raw(record_.offset, addition_offset_), addition_, raw(addition_offset_, end)});
  } else {
    enqueue({writer_.bytes()});
  }
  rest_offset_ = end;
  rest_line_ = way_ == Way::kCut ? after_line_ : line();
  watch_content(false);
}

}  // namespace docmill
