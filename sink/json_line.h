// JsonLine: a document as JSON on one line, for outputs that write JSON.
//
// JSON loses the white space between its tokens and a byte order mark, nothing else. Another
// format, and what claims to be JSON and is not, becomes a JSON string. Keeps its memory from
// document to document; one thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/document/document.h"
#include "shared/document/json_scanner.h"

namespace docmill {

inline constexpr std::string_view kMetadataMeaning =
    "Each document is {\"metadata\": {...}, \"document\": ...}: source, record, offset and line of "
    "where it came from, and what processors noted (loss, key).";

class JsonLine {
 public:
  // with_metadata: {"metadata": {...}, "document": ...}.
  explicit JsonLine(bool with_metadata) : with_metadata_(with_metadata), scanner_(kAnyJson) {}

  // Without a line end; valid until the next call, and as long as the document is.
  std::string_view write(DocumentView document);

 private:
  void append_metadata(const DocumentView& document);
  void append_document(const DocumentView& document);

  // A pipeline's own limits were enforced where its documents were made.
  static constexpr JsonReadOptions kAnyJson{
      .limits = {.document{(1ULL << 32) - 1}, .token{(1ULL << 32) - 1}, .depth = 10'000}};

  bool with_metadata_;
  JsonScanner scanner_;
  JsonTape tape_;
  std::string line_;
};

}  // namespace docmill
