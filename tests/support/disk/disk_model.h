// DiskModel: the files and folders of one simulated host, as they are now and as a power cut would
// leave them.
//
// It assumes no more than POSIX promises. A file's bytes are durable after a sync of the file, a
// name after a sync of its folder. Of what was not synced, a power cut keeps all, nothing, the
// first changes, or any of their sectors. One thread; processes use it through SimulatedDisk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/dice.h"

namespace docmill::test {

struct DiskNode {
  struct Change {
    std::uint64_t offset = 0;
    std::optional<std::string> bytes;  // none: the file was cut, or extended, to the offset
  };

  std::uint64_t number = 0;  // its inode
  bool folder = false;
  std::string now;
  std::string durable;
  std::vector<Change> changes;  // of `now` against `durable`, in order
  int locked_by = 0;            // the descriptor; 0: none
  std::map<int, int> levels;    // SQLite's locks, by descriptor
};

using NodePointer = std::shared_ptr<DiskNode>;

class DiskModel {
 public:
  DiskModel() { now_[""] = durable_[""] = new_node(true); }
  DiskModel(const DiskModel&) = delete;
  DiskModel& operator=(const DiskModel&) = delete;

  // Bytes that all files may have together; more gives ENOSPC.
  std::uint64_t room = UINT64_MAX;

  // Without "." and "..", relative to the root: "a/b". The root is "".
  static std::string normal(std::string_view path);
  static std::string parent_of(const std::string& path);

  // Null when there is no such name.
  NodePointer find(const std::string& path) const;
  std::vector<std::string> names_in(const std::string& folder) const;
  std::uint64_t used() const { return used_; }
  // Never given twice.
  int next_number() { return ++last_number_; }

  NodePointer create(const std::string& path, bool folder);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& path);
  // Writes what fits. Returns how much.
  std::size_t write(DiskNode& node, std::uint64_t offset, std::string_view bytes);
  void resize(DiskNode& node, std::uint64_t size);

  void sync(DiskNode& node);
  // A sync that failed: the changes can be read until the power goes, and no later sync writes
  // them.
  void lose(DiskNode& node);
  void sync_names(const std::string& folder);
  void sync_everything();

  void cut_power(simulation::Dice& dice);

  // A snapshot of the disk as it is now, and the way back to it. Files keep their inodes, as with
  // a volume manager or a virtual machine.
  struct SavedNode {
    std::uint64_t number = 0;
    std::optional<std::string> content;  // none: a folder
  };
  using Backup = std::map<std::string, SavedNode>;
  Backup back_up() const;
  void restore(const Backup& backup);

  // For tests: the content of a file now; "" when there is none.
  std::string read(const std::string& path) const;

 private:
  using Names = std::map<std::string, NodePointer>;
  // A change of one or two names that happens at once.
  using NameChange = std::vector<std::pair<std::string, NodePointer>>;  // null: removed

  NodePointer new_node(bool folder);
  static void apply(const DiskNode::Change& change, std::string& content);
  static void apply(const NameChange& change, Names& names);
  void cut(DiskNode& node, simulation::Dice& dice);
  void count_used();

  Names now_;
  Names durable_;
  std::vector<NameChange> changes_;
  std::uint64_t used_ = 0;
  int last_number_ = 2;
  std::uint64_t last_node_ = 0;
};

}  // namespace docmill::test
