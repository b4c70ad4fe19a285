// What expat reports while it reads, and what the splitter does about it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "shared/document/xml_splitter_parser.h"

namespace docmill {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

void XmlSplitter::Parser::on_declaration(void* user, const char*, const char* encoding, int) {
  if (encoding == nullptr) return;
  const bool as_it_is =
      equal_ignoring_case(encoding, "utf-8") || equal_ignoring_case(encoding, "us-ascii");
  if (!as_it_is) self(user).rewrite_ = true;
  // In ASCII other characters are mistakes, and the encoding is not said again.
  if (!equal_ignoring_case(encoding, "utf-8")) self(user).resumable_ = false;
}

void XmlSplitter::Parser::on_doctype(void* user, const char*, const char* system, const char*,
                                     int inner) {
  Parser& parser = self(user);
  parser.in_doctype_ = true;
  parser.resumable_ = false;
  if (!parser.options_.accept_doctype) {
    parser.stop("a DOCTYPE is not accepted here; send the document without one");
    return;
  }
  if (system != nullptr) parser.doctype_system_ = system;
  parser.lenient_ = system != nullptr;
  if (inner != 0) parser.rewrite_ = true;
}

// The DTD's outer part is left alone: without it a document is still complete, unless it refers to
// what only that part declares, and then on_skipped hears of it.
int XmlSplitter::Parser::on_external(XML_Parser expat, const char* context, const char*,
                                     const char* system, const char*) {
  Parser& parser = self(XML_GetUserData(expat));
  const std::string_view wanted = system == nullptr ? "" : system;
  if (context == nullptr && wanted == parser.doctype_system_) return XML_STATUS_OK;
  parser.note_failure(fmt::format(
      "an entity is kept in '{}', and nothing outside of the file is fetched; expand it", wanted));
  return XML_STATUS_ERROR;
}

void XmlSplitter::Parser::on_entity(void* user, const char* name, int parameter, const char*, int,
                                    const char*, const char*, const char*, const char*) {
  if (parameter != 0) {
    self(user).lenient_ = true;
  } else {
    self(user).entities_.insert(name);
  }
}

// Where a part of the DTD was not read, or a parameter entity was, expat takes an entity that it
// does not know for one that the other part declares, and drops it from an attribute's value
// without a word. So the start tag at hand is looked through here. Only ASCII names are judged:
// others may stand in the file in another encoding than expat reports them in.
bool XmlSplitter::Parser::references_declared() {
  static constexpr std::string_view kPredefined[] = {"lt", "gt", "amp", "quot", "apos"};
  int offset = 0;
  int size = 0;
  const char* buffer = XML_GetInputContext(expat_.get(), &offset, &size);
  const int length = std::min(XML_GetCurrentByteCount(expat_.get()), size - offset);
  if (buffer == nullptr || length <= 0) return true;
  const std::string_view tag(buffer + offset, static_cast<std::size_t>(length));
  for (std::size_t at = tag.find('&'); at != tag.npos; at = tag.find('&', at + 1)) {
    std::string name = std::string(tag.substr(at + 1, tag.find(';', at) - at - 1));
    std::erase(name, '\0');  // of UTF-16
    const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return c > 0; });
    if (!ascii || name.starts_with('#') || entities_.contains(name)) continue;
    if (std::find(std::begin(kPredefined), std::end(kPredefined), name) != std::end(kPredefined)) {
      continue;
    }
    on_skipped(this, name.c_str(), 0);
    return false;
  }
  return true;
}

void XmlSplitter::Parser::on_skipped(void* user, const char* name, int) {
  self(user).stop(fmt::format("entity '{}' is not declared in the file; expand it", name));
}

void XmlSplitter::Parser::on_outer_start(void* user, const char* name, const char** attributes) {
  Parser& parser = self(user);
  if (!parser.enter()) return;
  if (parser.way_ == Way::kUndecided) parser.way_ = parser.choose_way();
  const ElementPath::State state = parser.path_.step(parser.states_.back(), name);
  if (parser.path_.wanted(state)) {
    parser.begin_record(name, attributes);
    return;
  }
  parser.states_.push_back(state);
  if (!parser.kept_.none()) parser.kept_.enter(name, attributes);
  if (parser.resumable_) parser.note_open(name, attributes);
  for (const char** pair = attributes; *pair != nullptr; pair += 2) {
    if (is_inherited(pair[0])) parser.inherited_.add(parser.depth_, pair[0], pair[1]);
  }
}

void XmlSplitter::Parser::on_outer_end(void* user, const char*) {
  Parser& parser = self(user);
  if (parser.stopped()) return;
  parser.inherited_.leave(parser.depth_);
  parser.states_.pop_back();
  if (!parser.kept_.none()) parser.kept_.leave();
  if (parser.resumable_) parser.note_closed();
  --parser.depth_;
}

void XmlSplitter::Parser::on_cut_start(void* user, const char*, const char**) {
  self(user).enter();
}

void XmlSplitter::Parser::on_cut_end(void* user, const char*) {
  Parser& parser = self(user);
  if (parser.stopped()) return;
  if (parser.depth_ == parser.record_depth_) parser.end_record();
  --parser.depth_;
}

void XmlSplitter::Parser::on_written_start(void* user, const char* name, const char** attributes) {
  Parser& parser = self(user);
  if (!parser.enter()) return;
  parser.writer_.start(name, attributes, "");
  parser.note_growth();
}

void XmlSplitter::Parser::on_written_end(void* user, const char* name) {
  self(user).writer_.end(name);
  self(user).note_growth();
  on_cut_end(user, name);
}

void XmlSplitter::Parser::on_text(void* user, const char* text, int length) {
  self(user).writer_.text({text, static_cast<std::size_t>(length)});
  self(user).note_growth();
}

void XmlSplitter::Parser::on_comment(void* user, const char* text) {
  self(user).writer_.comment(text);
  self(user).note_growth();
}

void XmlSplitter::Parser::on_instruction(void* user, const char* target, const char* text) {
  self(user).writer_.instruction(target, text);
  self(user).note_growth();
}

void XmlSplitter::Parser::on_cdata_start(void* user) { self(user).writer_.start_cdata(); }
void XmlSplitter::Parser::on_cdata_end(void* user) { self(user).writer_.end_cdata(); }

void XmlSplitter::Parser::on_doctype_end(void* user) { self(user).in_doctype_ = false; }

XmlEventWriter* XmlSplitter::Parser::outside() {
  if (depth_ != 0 || in_doctype_) return nullptr;
  return way_ == Way::kUndecided ? &before_ : &after_;
}

void XmlSplitter::Parser::on_outer_comment(void* user, const char* text) {
  if (XmlEventWriter* writer = self(user).outside()) writer->comment(text);
}

void XmlSplitter::Parser::on_outer_instruction(void* user, const char* target, const char* text) {
  if (XmlEventWriter* writer = self(user).outside()) writer->instruction(target, text);
}

void XmlSplitter::Parser::watch_content(bool on) {
  XML_Parser parser = expat_.get();
  const bool outside = options_.keep_outside;
  XML_SetElementHandler(parser, on ? on_written_start : on_outer_start,
                        on ? on_written_end : on_outer_end);
  XML_SetCharacterDataHandler(parser, on ? on_text : nullptr);
  XML_SetCommentHandler(parser, on ? on_comment : outside ? on_outer_comment : nullptr);
  XML_SetProcessingInstructionHandler(parser, on        ? on_instruction
                                              : outside ? on_outer_instruction
                                                        : nullptr);
  XML_SetCdataSectionHandler(parser, on ? on_cdata_start : nullptr, on ? on_cdata_end : nullptr);
}

}  // namespace docmill
