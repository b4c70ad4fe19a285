#include "cli/testing/yaml_json.h"

#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"

namespace docmill {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write(const YamlNode& node) {
    switch (node.kind) {
      case YamlNode::Kind::kNull:
        out_ += "null";
        return;
      case YamlNode::Kind::kScalar:
        return write_scalar(node);
      case YamlNode::Kind::kList:
        return write_list(node);
      case YamlNode::Kind::kMap:
        return write_map(node);
    }
  }

 private:
  void write_scalar(const YamlNode& node) {
    if (node.plain && scanner_.scan(node.text, tape_) && tape_.nodes.size() == 1) {
      out_ += node.text;
    } else {
      append_json_string(out_, node.text);
    }
  }

  void write_list(const YamlNode& node) {
    out_ += '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out_ += ',';
      write(node.items[i]);
    }
    out_ += ']';
  }

  void write_map(const YamlNode& node) {
    out_ += '{';
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      if (i > 0) out_ += ',';
      append_json_string(out_, node.entries[i].key);
      out_ += ':';
      write(node.entries[i].value);
    }
    out_ += '}';
  }

  std::string& out_;
  JsonScanner scanner_;
  JsonTape tape_;
};

}  // namespace

std::string json_of(const YamlNode& node) {
  std::string out;
  Writer(out).write(node);
  return out;
}

}  // namespace docmill
