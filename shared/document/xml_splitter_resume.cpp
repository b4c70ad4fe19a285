// Going on in the middle of a file: what is open after a record, and how it is opened again.
#include <algorithm>

#include "shared/document/xml_splitter_parser.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

// A position is written down with each batch: what is open there may not take more than this.
constexpr std::size_t kMostOpen = 4096;

std::uint64_t columns(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::optional<XmlSplitter> XmlSplitter::resume(ElementPath path, const XmlSplitOptions& options,
                                               const XmlResume& from) {
  XmlSplitter splitter(std::move(path), options);
  if (!splitter.parser_->begin_at(from)) return std::nullopt;
  return splitter;
}

bool XmlSplitter::after(XmlResume& after) const { return parser_->after(after); }

void XmlSplitter::Parser::note_open(const char* name, const char** attributes) {
  tag_begins_.push_back(open_tags_.size());
  open_now_ = nullptr;
  open_tags_.append("<").append(name);
  for (const char** pair = attributes; *pair != nullptr; pair += 2) {
    if (!is_inherited(pair[0]) && (kept_.none() || !kept_.keeps(pair[0]))) continue;
    open_tags_.append(" ").append(pair[0]).append("=\"");
    append_attribute(open_tags_, pair[1]);
    open_tags_ += '"';
  }
  open_tags_ += '>';
}

void XmlSplitter::Parser::note_closed() {
  open_tags_.resize(tag_begins_.back());
  tag_begins_.pop_back();
  open_now_ = nullptr;
}

// The place after the end tag of a record that is cut out of the file's own bytes.
void XmlSplitter::Parser::note_after(std::uint64_t end) {
  after_line_ = line();
  after_column_ = column();
  const std::string_view tag = raw(position(), end);
  for (std::size_t i = 0; i < tag.size(); ++i) {
    const bool second_half = tag[i] == '\n' && i > 0 && tag[i - 1] == '\r';
    if (tag[i] == '\r' || (tag[i] == '\n' && !second_half)) ++after_line_;
    after_column_ =
        tag[i] == '\r' || tag[i] == '\n' ? 0 : after_column_ + columns(tag.substr(i, 1));
  }
  const bool possible = resumable_ && !tag_begins_.empty() && open_tags_.size() <= kMostOpen;
  if (possible && open_now_ == nullptr) open_now_ = std::make_shared<const std::string>(open_tags_);
  open_after_ = possible ? open_now_ : nullptr;
}

bool XmlSplitter::Parser::after(XmlResume& after) const {
  if (handed_out_ == 0) return false;
  const Queued& queued = queue_[handed_out_ - 1];
  if (queued.open == nullptr) return false;
  after.records = queued.record.number;
  after.offset = queued.record.offset + queued.record.size;
  after.line = queued.after_line;
  after.column = queued.after_column + 1;
  after.open = *queued.open;
  return true;
}

// The start tags that are open there stand for all that came before. False when they are not that
// for this path.
bool XmlSplitter::Parser::begin_at(const XmlResume& from) {
  const XML_Status status =
      XML_Parse(expat_.get(), from.open.data(), static_cast<int>(from.open.size()), 0);
  if (status != XML_STATUS_OK || stopped() || depth_ == 0 || count_ > 0) return false;
  index_base_ = from.offset - from.open.size();
  line_base_ = from.line - 1;
  column_base_ = from.column - 1 - columns(from.open);
  raw_.clear();
  raw_offset_ = fed_ = consumed_ = rest_offset_ = from.offset;
  rest_line_ = from.line;
  count_ = from.records;
  return true;
}

std::uint64_t XmlSplitter::Parser::line() const {
  return XML_GetCurrentLineNumber(expat_.get()) + line_base_;
}

std::uint64_t XmlSplitter::Parser::column() const {
  const bool first_line = XML_GetCurrentLineNumber(expat_.get()) == 1;
  return XML_GetCurrentColumnNumber(expat_.get()) + (first_line ? column_base_ : 0);
}

}  // namespace docmill
