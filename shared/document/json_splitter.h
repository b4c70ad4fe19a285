// JsonSplitter: cuts the items of arrays out of a stream of JSON, in constant memory.
//
// The caller reads the file and feeds pieces of any size; records come out in order, as the bytes
// that they have in the file. The values of an object at the path are records too; what is neither
// an array nor an object has no items. A file may hold several documents one after the other; each
// is cut.
//
// Outside of records the file is read as strictly as JsonScanner reads, but for keys that come
// twice: an object of any size cannot be compared with itself in constant memory, and both are
// taken. Of a record only the end is looked for (its strings and brackets); whether it is JSON is
// judged when it is read. A bracket that does not fit leaves no end to find, and ends the file.
//
// A resource: not copied, not for several threads. Memory: limits.document and one token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/json_path.h"
#include "shared/document/json_scanner.h"
#include "shared/document/split_record.h"

namespace docmill {

struct JsonSplitOptions {
  JsonLimits limits = {};  // document: of one record; depth: of the file
  Bytes sample{64 << 10};  // how much of a record above limits.document is kept
};

class JsonSplitter {
 public:
  JsonSplitter(JsonPath path, const JsonSplitOptions& options);

  // Takes the next piece; `last` says that nothing follows (the piece may be empty then). Failure:
  // kMalformed, "line 3, column 7 (byte 41): expected ',' or ']', found '}'"; the records before it
  // are handed out all the same, and every later call gives the same error.
  Result<void> feed(std::string_view chunk, bool last);

  // Hands out the records of the last piece, oldest first; false when there are no more of them.
  bool next(SplitRecord& record);

  // What was not handed out begins here: the record that the failure interrupted, or else the first
  // byte after the last record.
  std::uint64_t rest_offset() const { return in_record() ? record_.offset : rest_offset_; }
  std::uint64_t rest_line() const { return in_record() ? record_.line : rest_line_; }

 private:
  // What the next byte is looked at as. From kRecord on it belongs to a record.
  enum class Look {
    kMark,   // the byte order mark
    kTop,    // a document, or the end
    kValue,  // after ',' in an array, or ':'
    kFirstItem,
    kFirstKey,
    kKey,
    kColon,
    kAfter,    // a value: ',' or the closing bracket
    kString,   // inside a token outside of records
    kEscaped,  // the byte after '\' in one
    kScalar,
    kRecord,
    kRecordString,
    kRecordEscaped,
    kRecordScalar
  };
  // An open array or object outside of records, or inside of one.
  struct Open {
    bool object = false;
    bool on_path = false;      // the steps so far led here
    std::uint32_t steps = 0;   // how many they were
    std::uint64_t number = 0;  // of the item that is next in an array
    bool leads = false;        // the key at hand is on the path
  };
  struct Queued {
    SplitRecord record;
    std::size_t begin = 0;  // of its bytes in output_
    std::size_t length = 0;
  };
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
    std::uint64_t column = 1;
  };

  // Each takes bytes from at_ on and steps over what it took.
  void step();
  void mark();
  void structure();
  void value();
  void key();
  void after();
  void string();
  void scalar();
  void record();
  void record_string();
  void record_scalar();

  bool in_record() const { return look_ >= Look::kRecord; }
  void open(bool on_path, std::uint32_t steps);
  void close();
  void value_ended();
  void begin_record();
  void end_record();
  // Takes the bytes from there to at_ into the record, or into the token.
  void keep(const char* from);
  void take_token(const char* from);
  void begin_token(Look look);
  void token_ended();
  void finish();

  // Brings place_ to at_.
  const Place& locate();
  // What may stand at at_, and what does.
  std::string expected() const;
  std::string found() const;
  void fail_expected();
  void too_deep();
  void fail_at(const Place& place, std::string text);
  Error failure() const;

  JsonPath path_;
  JsonSplitOptions options_;
  JsonScanner token_scanner_;
  JsonTape tape_;

  Look look_ = Look::kMark;
  std::vector<Open> open_;
  std::size_t record_depth_ = 0;  // open_ below the record
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* located_ = nullptr;  // the place that place_ is of
  Place place_;

  std::string token_;  // the string or scalar outside of records that is being read
  Place token_place_;
  bool is_key_ = false;
  bool any_ = false;  // a document was read to its end

  SplitRecord record_;
  std::size_t record_begin_ = 0;  // in output_
  std::uint64_t count_ = 0;
  std::uint64_t rest_offset_ = 0;
  std::uint64_t rest_line_ = 1;
  std::string output_;
  std::vector<Queued> queue_;
  std::size_t handed_out_ = 0;

  Place failed_at_;
  std::string failure_;  // empty while all is well
};

}  // namespace docmill
