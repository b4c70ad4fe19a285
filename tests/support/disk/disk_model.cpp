#include "tests/support/disk/disk_model.h"

#include <algorithm>

namespace docmill::test {
namespace {

constexpr std::uint64_t kSector = 512;

// The parts of a change that a disk writes one by one.
std::vector<DiskNode::Change> sectors_of(const DiskNode::Change& change) {
  if (!change.bytes) return {change};
  std::vector<DiskNode::Change> sectors;
  for (std::uint64_t at = 0; at < change.bytes->size();) {
    const std::uint64_t offset = change.offset + at;
    const std::uint64_t size = std::min(kSector - offset % kSector, change.bytes->size() - at);
    sectors.push_back({offset, change.bytes->substr(at, size)});
    at += size;
  }
  return sectors;
}

}  // namespace

NodePointer DiskModel::new_node(bool folder) {
  auto node = std::make_shared<DiskNode>();
  node->number = ++last_node_;
  node->folder = folder;
  return node;
}

std::string DiskModel::normal(std::string_view path) {
  std::string normal;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name == "..") {
      normal = parent_of(normal);
    } else if (!name.empty() && name != ".") {
      if (!normal.empty()) normal += '/';
      normal += name;
    }
  }
  return normal;
}

std::string DiskModel::parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(0, slash);
}

NodePointer DiskModel::find(const std::string& path) const {
  const auto found = now_.find(path);
  return found == now_.end() ? nullptr : found->second;
}

std::vector<std::string> DiskModel::names_in(const std::string& folder) const {
  std::vector<std::string> names;
  for (const auto& [path, node] : now_) {
    if (path.empty() || parent_of(path) != folder) continue;
    names.push_back(path.substr(folder.empty() ? 0 : folder.size() + 1));
  }
  return names;
}

NodePointer DiskModel::create(const std::string& path, bool folder) {
  const NodePointer node = new_node(folder);
  changes_.push_back({{path, node}});
  apply(changes_.back(), now_);
  return node;
}

void DiskModel::rename(const std::string& from, const std::string& to) {
  if (const NodePointer replaced = find(to)) used_ -= replaced->now.size();
  changes_.push_back({{from, nullptr}, {to, find(from)}});
  apply(changes_.back(), now_);
}

void DiskModel::remove(const std::string& path) {
  used_ -= find(path)->now.size();
  changes_.push_back({{path, nullptr}});
  apply(changes_.back(), now_);
}

std::size_t DiskModel::write(DiskNode& node, std::uint64_t offset, std::string_view bytes) {
  const std::uint64_t free = room > used_ ? room - used_ : 0;
  const std::uint64_t size = node.now.size();
  if (offset + bytes.size() > size && offset + bytes.size() - size > free) {
    const std::uint64_t fits = size + free;
    bytes = bytes.substr(0, fits > offset ? fits - offset : 0);
    if (bytes.empty()) return 0;
  }
  node.changes.push_back({offset, std::string(bytes)});
  apply(node.changes.back(), node.now);
  used_ += node.now.size() - size;
  return bytes.size();
}

void DiskModel::resize(DiskNode& node, std::uint64_t size) {
  used_ += size - node.now.size();  // modulo 2^64
  node.changes.push_back({size, std::nullopt});
  apply(node.changes.back(), node.now);
}

void DiskModel::apply(const DiskNode::Change& change, std::string& content) {
  if (!change.bytes) return content.resize(change.offset);
  const std::uint64_t end = change.offset + change.bytes->size();
  if (content.size() < end) content.resize(end);
  content.replace(change.offset, change.bytes->size(), *change.bytes);
}

void DiskModel::apply(const NameChange& change, Names& names) {
  for (const auto& [path, node] : change) {
    if (node) {
      names[path] = node;
    } else {
      names.erase(path);
    }
  }
}

void DiskModel::sync(DiskNode& node) {
  for (const DiskNode::Change& change : node.changes) apply(change, node.durable);
  node.changes.clear();
}

void DiskModel::lose(DiskNode& node) { node.changes.clear(); }

void DiskModel::sync_names(const std::string& folder) {
  std::vector<NameChange> left;
  for (NameChange& change : changes_) {
    const bool belongs = std::any_of(change.begin(), change.end(), [&](const auto& one) {
      return parent_of(one.first) == folder;
    });
    if (belongs) {
      apply(change, durable_);
    } else {
      left.push_back(std::move(change));
    }
  }
  changes_ = std::move(left);
}

void DiskModel::sync_everything() {
  for (const auto& [path, node] : now_) sync(*node);
  for (const NameChange& change : changes_) apply(change, durable_);
  changes_.clear();
}

void DiskModel::cut_power(simulation::Dice& dice) {
  const std::uint64_t way = dice.below(4);
  const std::uint64_t first = dice.below(changes_.size() + 1);
  for (std::uint64_t i = 0; i < changes_.size(); ++i) {
    const bool kept = way == 1 || (way == 2 && i < first) || (way == 3 && dice.chance(50));
    if (kept) apply(changes_[i], durable_);
  }
  changes_.clear();
  // A name whose folder is lost is lost.
  for (auto name = durable_.begin(); name != durable_.end();) {
    const auto folder = durable_.find(parent_of(name->first));
    const bool has_folder = folder != durable_.end() && folder->second->folder;
    name = has_folder ? std::next(name) : durable_.erase(name);
  }
  now_ = durable_;
  for (const auto& [path, node] : now_) cut(*node, dice);
  count_used();
}

void DiskModel::cut(DiskNode& node, simulation::Dice& dice) {
  const std::uint64_t way = node.changes.empty() ? 0 : dice.below(4);
  if (way == 1) sync(node);
  if (way == 2) {
    const std::uint64_t last = dice.below(node.changes.size());
    for (std::uint64_t i = 0; i < last; ++i) apply(node.changes[i], node.durable);
    DiskNode::Change& torn = node.changes[last];
    if (torn.bytes) {
      torn.bytes->resize(dice.below(torn.bytes->size() + 1));
      if (!torn.bytes->empty()) apply(torn, node.durable);
    }
  }
  if (way == 3) {
    for (const DiskNode::Change& change : node.changes) {
      for (const DiskNode::Change& sector : sectors_of(change)) {
        if (dice.chance(50)) apply(sector, node.durable);
      }
    }
  }
  node.changes.clear();
  node.now = node.durable;
  node.locked_by = 0;
  node.levels.clear();
}

void DiskModel::count_used() {
  used_ = 0;
  for (const auto& [path, node] : now_) used_ += node->now.size();
}

DiskModel::Backup DiskModel::back_up() const {
  Backup backup;
  for (const auto& [path, node] : now_) {
    backup[path] = {node->number, node->folder ? std::nullopt : std::optional(node->now)};
  }
  return backup;
}

void DiskModel::restore(const Backup& backup) {
  now_.clear();
  changes_.clear();
  for (const auto& [path, saved] : backup) {
    const NodePointer node = now_[path] = new_node(!saved.content.has_value());
    node->number = saved.number;
    node->now = node->durable = saved.content.value_or("");
  }
  durable_ = now_;
  count_used();
}

std::string DiskModel::read(const std::string& path) const {
  const NodePointer node = find(normal(path));
  return node ? node->now : std::string();
}

}  // namespace docmill::test
