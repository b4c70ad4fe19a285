#include "shared/document/xml_reader.h"

#include <fmt/format.h>

#include "shared/base/check.h"
#include "shared/document/expat_verdict.h"
#include "shared/document/xml_splitter.h"

namespace docmill {
namespace {

Error at(const XmlFailure& failure) {
  return malformed(
      fmt::format("line {}, column {}: {}", failure.line, failure.column, failure.text));
}

}  // namespace

XmlReader::XmlReader(const XmlReadOptions& options)
    : options_(options),
      scanner_(options.limits, options.dtd == DtdPolicy::kInternal),
      lenient_(options.limits, options.dtd == DtdPolicy::kInternal) {}

Result<const XmlTape*> XmlReader::read(std::string_view bytes) {
  Result<const XmlTape*> read = read_strictly(bytes);
  was_lenient_ = !read.ok() && options_.parser == ParserPolicy::kLenient;
  return was_lenient_ ? read_leniently(bytes) : read;
}

Result<const XmlTape*> XmlReader::read_strictly(std::string_view bytes) {
  const Result<XmlScanner::Verdict> verdict = scanner_.scan(bytes, tape_);
  if (!verdict.ok()) return verdict.error();
  if (*verdict == XmlScanner::Verdict::kNeedsExpat) return read_other(bytes);
  return &tape_;
}

Result<const XmlTape*> XmlReader::read_leniently(std::string_view bytes) {
  const Result<std::string_view> utf8 = encoding_.to_utf8(bytes, options_.limits.document);
  if (!utf8.ok()) return utf8.error();
  const Result<void> read = lenient_.read(*utf8, tape_);
  if (!read.ok()) return read.error();
  return &tape_;
}

Result<const XmlTape*> XmlReader::read_other(std::string_view bytes) {
  const Result<std::string_view> utf8 = encoding_.to_utf8(bytes, options_.limits.document);
  if (!utf8.ok()) return utf8.error();
  if (utf8->data() == bytes.data()) return read_expanded(bytes);
  const Result<XmlScanner::Verdict> verdict = scanner_.scan(*utf8, tape_);
  if (!verdict.ok()) return verdict.error();
  if (*verdict == XmlScanner::Verdict::kNeedsExpat) return read_expanded(*utf8);
  return &tape_;
}

Result<const XmlTape*> XmlReader::read_expanded(std::string_view bytes) {
  Result<ElementPath> root = ElementPath::parse("/*");
  DOCMILL_CHECK(root.ok(), "{}", root.error().text);
  XmlSplitOptions split;
  split.limits = options_.limits;
  split.accept_doctype = options_.dtd == DtdPolicy::kInternal;
  split.always_write_anew = true;
  split.keep_outside = true;
  XmlSplitter splitter(std::move(root).value(), split);
  const Result<void> fed = splitter.feed(bytes, true);
  if (!fed.ok()) return at(splitter.failure());
  XmlRecord record;
  DOCMILL_CHECK(splitter.next(record), "a document of {} bytes without a root", bytes.size());
  if (record.oversize) {
    return malformed(fmt::format("the document is larger than limits.document of {} when expanded",
                                 to_string(options_.limits.document)));
  }
  // Outside of the root element only expat sees that a name has a ':' where namespaces forbid it.
  const std::string_view before = bytes.substr(0, record.offset);
  const std::string_view after = bytes.substr(record.offset + record.size);
  XmlFailure failure;
  if ((before.find(':') != before.npos || after.find(':') != after.npos) &&
      !expat_accepts(bytes, failure)) {
    return at(failure);
  }
  expanded_ = splitter.before_root();
  expanded_ += record.bytes;
  expanded_ += splitter.after_root();
  const Result<XmlScanner::Verdict> verdict = scanner_.scan(expanded_, tape_);
  if (verdict.ok()) {
    DOCMILL_CHECK(*verdict == XmlScanner::Verdict::kAccepted, "expanded: {}", expanded_);
    return &tape_;
  }
  // What expat let through without namespaces it names with them, at the place in the original.
  if (!expat_accepts(bytes, failure)) return at(failure);
  return malformed("when expanded: " + verdict.error().text);
}

}  // namespace docmill
