// YamlBuilder: makes a YamlNode tree from the parser's events and stops at the limits before memory
// is spent. Private to yaml.cpp; not a header for others, because it shows the YAML library.
#pragma once

#include <yaml-cpp/eventhandler.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/yaml_node.h"

namespace docmill {

// Thrown through the parser to stop it, and caught in yaml.cpp.
struct YamlStop {
  int line;
  std::string text;
};

class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  // What a tree costs; known when it is closed, so that an alias is refused before it is copied.
  struct Cost {
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    std::size_t depth = 1;
  };
  struct Anchored {
    YamlNode node;
    Cost cost;
  };
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    Cost cost;
    std::optional<YamlEntry> entry;  // a key that waits for its value
  };

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void close();
  void finish(YamlNode node, const Cost& cost, YAML::anchor_t anchor);
  void place(YamlNode node, const Cost& cost);
  void spend(const Cost& cost, int line);

  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace docmill
