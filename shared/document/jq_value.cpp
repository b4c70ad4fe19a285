#include "shared/document/jq_value.h"

#include <fmt/format.h>

#include "shared/document/json_number.h"
#include "shared/document/json_text.h"

namespace docmill {
namespace {

std::string_view view_of(const jv& string) {
  // jv_string_length_bytes frees what it is given.
  return {jv_string_value(string),
          static_cast<std::size_t>(jv_string_length_bytes(jv_copy(string)))};
}

class Builder {
 public:
  explicit Builder(const JsonTape& tape) : tape_(tape) {}

  // Recurses as deep as the scanner lets documents be.
  jv value() {
    const JsonNode& node = tape_.nodes[at_++];
    switch (node.kind) {
      case JsonNode::Kind::kObject: {
        jv object = jv_object();
        while (at_ < node.end) {
          jv key = string(tape_.nodes[at_++]);
          object = jv_object_set(object, key, value());
        }
        return object;
      }
      case JsonNode::Kind::kArray: {
        jv array = jv_array();
        while (at_ < node.end) array = jv_array_append(array, value());
        return array;
      }
      case JsonNode::Kind::kString:
        return string(node);
      case JsonNode::Kind::kNumber:
        return jv_number(nearest_double(tape_.text(node)));
      case JsonNode::Kind::kTrue:
        return jv_true();
      case JsonNode::Kind::kFalse:
        return jv_false();
      case JsonNode::Kind::kNull:
        break;
    }
    return jv_null();
  }

 private:
  jv string(const JsonNode& node) {
    std::string_view text = tape_.text(node);
    if (!node.exact) {
      decoded_.clear();
      append_json_decoded(decoded_, text);
      text = decoded_;
    }
    return jv_string_sized(text.data(), static_cast<int>(text.size()));
  }

  const JsonTape& tape_;
  std::uint32_t at_ = 0;
  std::string decoded_;
};

class Writer {
 public:
  Writer(const JqWriteLimits& limits, std::string& out)
      : limits_(limits), most_(out.size() + limits.size.count), out_(out) {}

  // False: a limit was met. Frees the value either way.
  bool value(jv value, std::uint32_t depth) {
    bool done = true;
    switch (jv_get_kind(value)) {
      case JV_KIND_OBJECT:
        done = nests(depth + 1) && object(value, depth + 1);
        break;
      case JV_KIND_ARRAY:
        done = nests(depth + 1) && array(value, depth + 1);
        break;
      case JV_KIND_STRING:
        append_json_string(out_, view_of(value));
        break;
      default: {  // numbers as libjq writes them, true, false and null
        jv text = jv_dump_string(jv_copy(value), 0);
        out_ += view_of(text);
        jv_free(text);
      }
    }
    jv_free(value);
    return done && fits();
  }

  const std::string& failure() const { return failure_; }

 private:
  bool object(jv object, std::uint32_t depth) {
    out_ += '{';
    const char* before = "";
    for (int i = jv_object_iter(object); jv_object_iter_valid(object, i) != 0;
         i = jv_object_iter_next(object, i)) {
      out_ += before;
      before = ",";
      jv key = jv_object_iter_key(object, i);
      append_json_string(out_, view_of(key));
      jv_free(key);
      out_ += ':';
      if (!value(jv_object_iter_value(object, i), depth)) return false;
    }
    out_ += '}';
    return true;
  }

  bool array(jv array, std::uint32_t depth) {
    out_ += '[';
    const int count = jv_array_length(jv_copy(array));
    for (int i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      if (!value(jv_array_get(jv_copy(array), i), depth)) return false;
    }
    out_ += ']';
    return true;
  }

  bool nests(std::uint32_t depth) {
    if (depth > limits_.depth) failure_ = fmt::format("nests deeper than {}", limits_.depth);
    return failure_.empty();
  }

  bool fits() {
    if (out_.size() > most_) failure_ = fmt::format("takes more than {}", to_string(limits_.size));
    return failure_.empty();
  }

  const JqWriteLimits limits_;
  const std::size_t most_;
  std::string& out_;
  std::string failure_;
};

}  // namespace

jv jq_value_of(const JsonTape& tape) { return Builder(tape).value(); }

Result<void> append_jq_value(jv value, const JqWriteLimits& limits, std::string& out) {
  Writer writer(limits, out);
  if (writer.value(value, 0)) return {};
  return malformed("a result of the program " + writer.failure());
}

}  // namespace docmill
