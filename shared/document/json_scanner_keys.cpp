// Keys that come twice: the other half of json_scanner.cpp.
#include <fmt/format.h>

#include "shared/base/hash.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"

namespace docmill {
namespace {

constexpr std::size_t kFewKeys = 8;  // up to here keys are compared one by one

}  // namespace

void JsonScanner::collect_keys(std::uint32_t object) {
  const std::vector<JsonNode>& nodes = tape_->nodes;
  keys_.clear();
  std::size_t escaped = 0;
  for (std::uint32_t i = object + 1; i < nodes[object].end; i = nodes[i + 1].end) {
    keys_.push_back({tape_->text(nodes[i]), i});
    if (!nodes[i].exact) escaped += nodes[i].length;
  }
  if (escaped == 0) return;
  // Content is never longer than its escaped form, so the views into decoded_ stay where they are.
  decoded_.clear();
  decoded_.reserve(escaped);
  for (Key& key : keys_) {
    if (nodes[key.node].exact) continue;
    const std::size_t begin = decoded_.size();
    append_json_decoded(decoded_, key.content);
    key.content = std::string_view(decoded_).substr(begin);
  }
}

std::size_t JsonScanner::find_twin(std::size_t i) {
  const std::string_view content = keys_[i].content;
  if (keys_.size() <= kFewKeys) {
    std::size_t k = 0;
    while (k < i && keys_[k].content != content) ++k;
    return k;
  }
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hash64(content, seed_) & mask;
  while (table_[slot] != 0 && keys_[table_[slot] - 1].content != content) slot = (slot + 1) & mask;
  if (table_[slot] != 0) return table_[slot] - 1;
  table_[slot] = static_cast<std::uint32_t>(i + 1);
  return i;
}

bool JsonScanner::distinct_keys(std::uint32_t object) {
  const std::vector<JsonNode>& nodes = tape_->nodes;
  if (nodes[object].end - object < 4) return true;  // one scalar member at most
  collect_keys(object);
  if (keys_.size() > kFewKeys) {
    std::size_t slots = 4 * kFewKeys;
    while (slots < keys_.size() * 2) slots *= 2;
    table_.assign(slots, 0);
  }
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::size_t twin = find_twin(i);
    if (twin != i && !drop_twin(keys_[twin], keys_[i])) return false;
  }
  return true;
}

bool JsonScanner::drop_twin(Key& earlier, const Key& later) {
  if (options_.duplicates == DuplicateKeys::kReject) {
    std::string quoted;
    append_json_string(quoted, later.content.substr(0, 64));
    fail(begin_ + tape_->nodes[later.node].start - 1,
         fmt::format("key {} is given twice; keep one (to_xml can choose, with 'duplicates')",
                     quoted));
    return false;
  }
  any_dropped_ = true;
  if (options_.duplicates == DuplicateKeys::kFirst) {
    tape_->nodes[later.node].dropped = true;
  } else {
    tape_->nodes[earlier.node].dropped = true;
    earlier.node = later.node;  // stands for both when the key comes once more
  }
  return true;
}

void JsonScanner::remove_dropped() {
  std::vector<JsonNode>& nodes = tape_->nodes;
  // Where each node goes; what is taken out goes where the next one that stays goes.
  std::vector<std::uint32_t> moved(nodes.size() + 1);
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < nodes.size();) {
    if (!nodes[i].dropped) {
      moved[i++] = count++;
      continue;
    }
    for (const std::uint32_t end = nodes[i + 1].end; i < end; ++i) moved[i] = count;
  }
  moved[nodes.size()] = count;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (moved[i + 1] == moved[i]) continue;
    JsonNode node = nodes[i];
    node.end = moved[node.end];
    nodes[moved[i]] = node;
  }
  nodes.resize(count);
  tape_->minified = false;
}

}  // namespace docmill
