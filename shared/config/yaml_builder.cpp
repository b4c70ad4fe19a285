#include "shared/config/yaml_builder.h"

#include <fmt/format.h>
#include <yaml-cpp/mark.h>

#include <algorithm>

#include "shared/config/findings.h"

namespace docmill {
namespace {

constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kMostBytes = 8 << 20;
constexpr std::size_t kMostDepth = 64;

int line_of(const YAML::Mark& mark) { return mark.line + 1; }

}  // namespace

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  YamlNode node;
  node.line = line_of(mark);
  spend({}, node.line);
  finish(std::move(node), {}, anchor);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.line = line_of(mark);
  node.text = value;
  node.plain = tag == "?";  // what the library calls a scalar without quotes and without a tag
  const Cost cost{.bytes = value.size()};
  spend(cost, node.line);
  finish(std::move(node), cost, anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end()) {
    throw YamlStop{line_of(mark), "an alias cannot stand inside of what it names"};
  }
  spend(known->second.cost, line_of(mark));
  place(known->second.node, known->second.cost);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  open(YamlNode::Kind::kList, mark, anchor);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  open(YamlNode::Kind::kMap, mark, anchor);
}

void YamlBuilder::open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
  YamlNode node;
  node.kind = kind;
  node.line = line_of(mark);
  spend({}, node.line);
  open_.push_back({.node = std::move(node), .anchor = anchor, .cost = {}, .entry = {}});
}

void YamlBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  finish(std::move(done.node), done.cost, done.anchor);
}

void YamlBuilder::finish(YamlNode node, const Cost& cost, YAML::anchor_t anchor) {
  if (anchor != 0) {
    spend(cost, node.line);  // the copy kept for aliases costs as much again
    anchors_[anchor] = {node, cost};
  }
  place(std::move(node), cost);
}

void YamlBuilder::place(YamlNode node, const Cost& cost) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  parent.cost.nodes += cost.nodes;
  parent.cost.bytes += cost.bytes;
  parent.cost.depth = std::max(parent.cost.depth, cost.depth + 1);
  if (parent.node.kind == YamlNode::Kind::kList) {
    parent.node.items.push_back(std::move(node));
  } else if (!parent.entry) {
    if (node.kind != YamlNode::Kind::kScalar) {
      throw YamlStop{node.line, fmt::format("a key must be text, got {}", found(node))};
    }
    parent.entry = YamlEntry{.key = std::move(node.text), .line = node.line, .value = {}};
  } else {
    if (node.kind != YamlNode::Kind::kScalar) node.line = parent.entry->line;
    parent.entry->value = std::move(node);
    parent.node.entries.push_back(std::move(*parent.entry));
    parent.entry.reset();
  }
}

void YamlBuilder::spend(const Cost& cost, int line) {
  nodes_ += cost.nodes;
  bytes_ += cost.bytes;
  if (open_.size() + cost.depth > kMostDepth) {
    throw YamlStop{line, fmt::format("nested deeper than {} levels", kMostDepth)};
  }
  if (nodes_ > kMostNodes || bytes_ > kMostBytes) {
    throw YamlStop{
        line, fmt::format("larger than {} values or 8MiB once aliases are expanded", kMostNodes)};
  }
}

}  // namespace docmill
