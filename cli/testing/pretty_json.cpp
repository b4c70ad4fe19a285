#include "cli/testing/pretty_json.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

// Deeper levels are not indented further: lines of a deep document would be all indent.
constexpr std::size_t kMostIndent = 40;

std::string content(const JsonTape& tape, std::uint32_t string) {
  std::string text;
  append_json_decoded(text, tape.text(tape.nodes[string]));
  return text;
}

class Writer {
 public:
  Writer(const JsonTape& tape, const JsonTape* like, std::string& out)
      : tape_(tape), like_(like), out_(out) {}

  // like: the node at the same place in like_; kNone: there is none.
  void write(std::uint32_t node, std::uint32_t like) {
    const JsonNode& value = tape_.nodes[node];
    switch (value.kind) {
      case Kind::kObject:
        return write_object(node, kind_of(like) == Kind::kObject ? like : kNone);
      case Kind::kArray:
        return write_array(node, kind_of(like) == Kind::kArray ? like : kNone);
      case Kind::kString:
        append_json_string(out_, content(tape_, node));
        return;
      default:
        out_ += tape_.text(value);
    }
  }

  static constexpr std::uint32_t kNone = ~0U;

 private:
  struct Member {
    std::string key;
    std::uint32_t value;
    std::uint32_t like = kNone;  // the value of the key there
    std::size_t rank;            // where it stands
  };

  Kind kind_of(std::uint32_t like) const {
    return like == kNone ? Kind::kNull : like_->nodes[like].kind;
  }

  std::vector<Member> members(std::uint32_t object, std::uint32_t like) const {
    std::unordered_map<std::string, std::pair<std::uint32_t, std::size_t>> there;
    for (std::uint32_t i = like; like != kNone && ++i < like_->nodes[like].end;) {
      const std::uint32_t value = i + 1;
      there.emplace(content(*like_, i), std::pair(value, there.size()));
      i = like_->nodes[value].end - 1;
    }
    std::vector<Member> all;
    for (std::uint32_t i = object + 1; i < tape_.nodes[object].end;) {
      Member member{.key = content(tape_, i), .value = i + 1, .rank = there.size()};
      if (const auto at = there.find(member.key); at != there.end()) {
        std::tie(member.like, member.rank) = at->second;
      }
      i = tape_.nodes[member.value].end;
      all.push_back(std::move(member));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Member& a, const Member& b) { return a.rank < b.rank; });
    return all;
  }

  void write_object(std::uint32_t object, std::uint32_t like) {
    const std::vector<Member> all = members(object, like);
    if (all.empty()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    ++depth_;
    for (const Member& member : all) {
      begin_line();
      append_json_string(out_, member.key);
      out_ += ": ";
      write(member.value, member.like);
    }
    end_container('}');
  }

  void write_array(std::uint32_t array, std::uint32_t like) {
    if (tape_.nodes[array].end == array + 1) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    ++depth_;
    std::uint32_t there = like == kNone ? kNone : like + 1;
    for (std::uint32_t item = array + 1; item < tape_.nodes[array].end;) {
      begin_line();
      if (there != kNone && there >= like_->nodes[like].end) there = kNone;
      write(item, there);
      item = tape_.nodes[item].end;
      if (there != kNone) there = like_->nodes[there].end;
    }
    end_container(']');
  }

  void begin_line() {
    out_ += '\n';
    out_.append(2 * std::min(depth_, kMostIndent), ' ');
  }

  void end_container(char bracket) {
    --depth_;
    begin_line();
    out_ += bracket;
  }

  const JsonTape& tape_;
  const JsonTape* like_;
  std::string& out_;
  std::size_t depth_ = 0;
};

}  // namespace

void append_pretty(const JsonTape& tape, const JsonTape* like, std::string& out) {
  Writer(tape, like, out).write(0, like == nullptr ? Writer::kNone : 0);
}

}  // namespace docmill
