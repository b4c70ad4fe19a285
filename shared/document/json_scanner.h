// JsonScanner: the strict guard. In one pass it decides whether bytes are a JSON document (RFC
// 8259) and leaves a tape of its nodes.
//
// UTF-8 only; one byte order mark at the beginning is passed over. Half of a surrogate pair in
// '\u' escapes is an error, as is a key that comes twice in an object, unless the policy says which
// of the two to keep. Nothing recurses, and time is linear in the bytes whatever the keys are. A
// scanner keeps its memory from document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/document/json_tape.h"
#include "shared/document/xml_limits.h"

namespace docmill {

struct JsonLimits {
  Bytes document{64ULL << 20};  // never above 4 GiB: offsets into a document are 32 bits
  Bytes token{10'000'000};      // one string or number
  std::uint32_t depth = 512;    // objects and arrays open at once; never above 10,000
};

// The limits that a pipeline sets for its documents, as they bound JSON.
inline JsonLimits json_limits(const XmlLimits& limits) {
  return {.document = limits.document, .token = limits.token, .depth = limits.depth};
}

// What becomes of a key that an object has already: kFirst and kLast keep one member of the key,
// where it stands.
enum class DuplicateKeys { kReject, kFirst, kLast };

struct JsonReadOptions {
  JsonLimits limits = {};
  DuplicateKeys duplicates = DuplicateKeys::kReject;
};

class JsonScanner {
 public:
  explicit JsonScanner(const JsonReadOptions& options = {});

  // Failure: kMalformed, "line 3, column 7: ...". The tape points into bytes.
  Result<void> scan(std::string_view bytes, JsonTape& tape);

 private:
  // Keys of one object while they are compared.
  struct Key {
    std::string_view content;
    std::uint32_t node;
  };

  // Each takes the place where its construct begins and returns the place after it; nullptr when
  // failure_ was set.
  const char* value(const char* p);
  const char* next_in_container(const char* p);
  const char* key(const char* p);
  const char* string(const char* p);
  const char* escape(const char* p);
  const char* number(const char* p);
  const char* digits(const char* p, const char* after);
  const char* literal(const char* p);
  const char* open(const char* p, JsonNode::Kind kind);
  const char* close(const char* p);
  const char* space(const char* p);

  bool distinct_keys(std::uint32_t object);
  void collect_keys(std::uint32_t object);
  // The position in keys_ of an earlier key of the same content; i when there is none.
  std::size_t find_twin(std::size_t i);
  bool drop_twin(Key& earlier, const Key& later);
  void remove_dropped();

  // What stands at p, for messages.
  std::string found(const char* p) const;
  const char* fail(const char* at, std::string text);
  const char* bad_byte(const char* at);
  const char* too_long(const char* begin, const char* end);

  std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(tape_->nodes.size()); }
  JsonNode& push(JsonNode::Kind kind, const char* begin, const char* end);

  JsonReadOptions options_;
  std::uint64_t seed_;  // of the hash, so that nobody can choose keys that collide
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  JsonTape* tape_ = nullptr;
  std::vector<std::uint32_t> open_;   // nodes of the containers that are open
  std::vector<Key> keys_;             // of the object that closes
  std::string decoded_;               // contents of those of them that have escapes
  std::vector<std::uint32_t> table_;  // open addressing: positions in keys_, plus one
  bool any_dropped_ = false;
  const char* failed_at_ = nullptr;
  std::string failure_;
};

}  // namespace docmill
