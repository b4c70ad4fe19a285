// The parser inside of XmlSplitter. A private header: expat is known here and in the two files that
// implement it, xml_splitter.cpp (bytes and records) and xml_splitter_events.cpp (expat's
// handlers).
#pragma once

#include <expat.h>

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/inherited_attributes.h"
#include "shared/document/xml_event_writer.h"
#include "shared/document/xml_splitter.h"

namespace docmill {

// Expat's handlers are static members here; an exception never passes through expat, because only
// memory can run out in them, and that ends the process.
class XmlSplitter::Parser {
 public:
  Parser(ElementPath path, const XmlSplitOptions& options);

  Result<void> feed(std::string_view chunk, bool last);
  bool next(XmlRecord& record);
  bool after(XmlResume& after) const;
  bool begin_at(const XmlResume& from);
  const XmlFailure& failure() const { return failure_; }
  std::uint64_t rest_offset() const { return in_record_ ? record_.offset : rest_offset_; }
  std::uint64_t rest_line() const { return in_record_ ? record_.line : rest_line_; }
  std::string_view before_root() const { return before_.bytes(); }
  std::string_view after_root() const { return after_.bytes(); }

 private:
  // kCut: records are slices of the file's own bytes. kWriteAnew: they are written from events.
  enum class Way { kUndecided, kCut, kWriteAnew };

  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  struct Queued {
    XmlRecord record;
    std::size_t begin = 0;  // of its bytes in output_
    std::size_t length = 0;
    std::shared_ptr<const std::string> notes = {};  // null: none
    std::shared_ptr<const std::string> open = {};   // after it; null: nothing can go on there
    std::uint64_t after_line = 0;
    std::uint64_t after_column = 0;  // from 0
  };

  static Parser& self(void* user) { return *static_cast<Parser*>(user); }
  static void on_declaration(void* user, const char* version, const char* encoding, int standalone);
  static void on_doctype(void* user, const char* name, const char* system, const char* id,
                         int inner);
  static int on_external(XML_Parser parser, const char* context, const char* base,
                         const char* system, const char* id);
  static void on_entity(void* user, const char* name, int parameter, const char* value, int length,
                        const char* base, const char* system, const char* id, const char* notation);
  static void on_skipped(void* user, const char* name, int parameter);
  static void on_outer_start(void* user, const char* name, const char** attributes);
  static void on_outer_end(void* user, const char* name);
  static void on_cut_start(void* user, const char* name, const char** attributes);
  static void on_cut_end(void* user, const char* name);
  static void on_written_start(void* user, const char* name, const char** attributes);
  static void on_written_end(void* user, const char* name);
  static void on_text(void* user, const char* text, int length);
  static void on_comment(void* user, const char* text);
  static void on_instruction(void* user, const char* target, const char* text);
  static void on_outer_comment(void* user, const char* text);
  static void on_outer_instruction(void* user, const char* target, const char* text);
  static void on_doctype_end(void* user);
  static void on_cdata_start(void* user);
  static void on_cdata_end(void* user);

  Way choose_way() const;
  void note_open(const char* name, const char** attributes);
  void note_closed();
  void note_after(std::uint64_t end);
  // Of the event at hand, in the file; the column counts from 0.
  std::uint64_t line() const;
  std::uint64_t column() const;
  bool enter();
  bool references_declared();
  void stop(std::string text);
  void begin_record(const char* name, const char** attributes);
  void end_record();
  void enqueue(std::initializer_list<std::string_view> parts);
  void watch_content(bool on);
  // Where the writer of what stands at this place outside of the root is; null inside.
  XmlEventWriter* outside();
  Result<void> parse_slice(std::string_view slice, bool last);
  void drop_consumed();
  void note_growth();
  bool stopped() const { return !failure_.text.empty(); }
  void note_failure(std::string text);
  Error failure_as_error() const;
  std::uint64_t position() const;
  std::string_view raw(std::uint64_t from, std::uint64_t to) const;

  ElementPath path_;
  XmlSplitOptions options_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> expat_;

  Way way_ = Way::kUndecided;
  std::string head_;       // the first two bytes of the file
  std::string held_back_;  // the end of the last piece, when it may be half a line end
  bool rewrite_ = false;   // the encoding or the DOCTYPE needs the general way
  std::string doctype_system_;
  bool lenient_ = false;  // expat drops references in attributes that it finds no declaration for
  bool in_doctype_ = false;
  std::set<std::string, std::less<>> entities_;  // declared general entities

  // Outside of records: for every open element the state of the path.
  std::vector<ElementPath::State> states_{ElementPath::start()};
  InheritedAttributes inherited_;
  KeptAttributes kept_;
  std::uint64_t depth_ = 0;

  // What resuming needs: the start tags that are open, and what expat's places lack.
  bool resumable_ = true;
  std::string open_tags_;
  std::vector<std::size_t> tag_begins_;
  std::shared_ptr<const std::string> open_now_;    // open_tags_, shared by records; null: changed
  std::shared_ptr<const std::string> open_after_;  // the record that ended
  std::uint64_t after_line_ = 0;
  std::uint64_t after_column_ = 0;
  std::uint64_t index_base_ =
      0;  // may wrap around: the tags may be longer than what they stand for
  std::uint64_t line_base_ = 0;
  std::uint64_t column_base_ = 0;  // of the first line

  bool in_record_ = false;
  std::uint64_t record_depth_ = 0;
  XmlRecord record_;
  std::shared_ptr<const std::string> notes_;  // of the open record; shared with its siblings
  std::string addition_;                      // the inherited attributes that its start tag lacks
  std::uint64_t addition_offset_ = 0;         // where in the file they belong
  std::string sample_;
  XmlEventWriter writer_;
  XmlEventWriter before_;  // the root element
  XmlEventWriter after_;

  std::string raw_;  // the file's bytes from raw_offset_ on (way kCut)
  std::uint64_t raw_offset_ = 0;
  std::uint64_t fed_ = 0;       // bytes given to expat
  std::uint64_t consumed_ = 0;  // bytes that expat is known to be through with

  std::uint64_t count_ = 0;
  std::uint64_t rest_offset_ = 0;
  std::uint64_t rest_line_ = 1;
  std::string output_;
  std::vector<Queued> queue_;
  std::size_t handed_out_ = 0;

  XmlFailure failure_;  // its text is empty while all is well
};

}  // namespace docmill
