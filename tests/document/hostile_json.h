// HostileJson: seeded documents with keys and strings that are hard to carry in XML.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "shared/document/json_text.h"

namespace docmill::test {

// JSON with whatever hostile keys and strings can have; strings with the escapes they must have.
class HostileJson {
 public:
  explicit HostileJson(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string out;
    value(out, 0);
    return out;
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  std::string text() {
    static const std::vector<std::string> kPieces = {"a",
                                                     "item",
                                                     "json:item",
                                                     "xmlns",
                                                     "xmlns:json",
                                                     "_x",
                                                     "_x0041_",
                                                     "_x_",
                                                     "_",
                                                     " ",
                                                     "\t",
                                                     "\n",
                                                     "\r",
                                                     "<b/>",
                                                     "&lt;",
                                                     "]]>",
                                                     "--",
                                                     "\"",
                                                     "'",
                                                     "\\",
                                                     "\\u0041",
                                                     "=",
                                                     ">",
                                                     "é",
                                                     "😀",
                                                     "中",
                                                     "1",
                                                     "-",
                                                     ".",
                                                     ":",
                                                     "\x7f",
                                                     "\xC2\x85",
                                                     "\xE2\x80\xA8",
                                                     "\xEF\xBF\xBE",
                                                     "\xEF\xBF\xBF",
                                                     "\xEF\xBF\xBD",
                                                     "\xF4\x8F\xBF\xBF",
                                                     "\xCC\x80"};
    std::string out;
    for (std::size_t i = below(5); i > 0; --i) {
      if (below(4) == 0) {
        out += static_cast<char>(below(32));
      } else {
        out += kPieces[below(kPieces.size())];
      }
    }
    return out;
  }

  void value(std::string& out, int depth) {
    static const std::vector<std::string> kScalars = {
        "null", "true", "false", "0", "-0", "1.10", "1e400", "18446744073709551616",
        "0E42", "-1.5"};
    const std::size_t kind = below(depth > 4 ? 2 : 5);
    if (kind == 0) {
      out += kScalars[below(kScalars.size())];
    } else if (kind == 1) {
      append_json_string(out, text());
    } else {
      const bool object = kind != 2;
      out += object ? '{' : '[';
      std::vector<std::string> keys;
      for (std::size_t i = below(4); i > 0; --i) {
        std::string key = text();
        if (object && std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
        if (!keys.empty()) out += ',';
        if (object) {
          append_json_string(out, key);
          out += ':';
        }
        keys.push_back(std::move(key));
        value(out, depth + 1);
      }
      out += object ? '}' : ']';
    }
  }

  std::mt19937 random_;
};

}  // namespace docmill::test
