// JsonTape: a JSON document that was found well-formed, as a flat list of nodes that point into its
// bytes.
//
// It is what the scanner leaves behind and what writers of other formats read: no allocation for a
// node, no copy of a string, no number converted. Whoever owns the bytes keeps them while the tape
// is used.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace docmill {

// The nodes of an object's members come in pairs: the key, a string, and its value. Everything
// stands in document order.
struct JsonNode {
  enum class Kind : std::uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull };

  std::uint32_t start = 0;   // string: after the opening quote; number: its first byte
  std::uint32_t length = 0;  // string: up to the closing quote; of the whole container
  std::uint32_t end = 0;     // the index after the last descendant
  Kind kind = Kind::kNull;
  bool exact = true;     // string: the bytes are the content; there are no escapes
  bool dropped = false;  // key: while scanning, a repeat that the policy takes out
};

struct JsonTape {
  std::string_view source;
  std::vector<JsonNode> nodes;  // the first is the document's value
  bool minified = false;        // the source has no byte outside of its tokens

  // A string's bytes without the quotes, as they are written; a number's lexeme; a container from
  // bracket to bracket.
  std::string_view text(const JsonNode& node) const {
    return {source.data() + node.start, node.length};
  }
};

}  // namespace docmill
