// RenamingDisk: the real disk, on which other programs rename files in between two calls of
// docmill, or keep files from being opened.
#pragma once

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/real_disk.h"

namespace docmill::test {

class RenamingDisk : public Disk {
 public:
  using Action = std::function<void()>;

  // The next call that lists this folder does so, then runs the action. Each call runs one action.
  void after_list(const std::string& folder, Action action) {
    after_list_[folder].push_back(std::move(action));
  }
  // The next call that opens this path runs the action first.
  void before_open(const std::string& path, Action action) {
    before_open_[path].push_back(std::move(action));
  }
  // Opening this path fails, until allow().
  void refuse(const std::string& path) { refused_.insert(path); }
  void allow(const std::string& path) { refused_.erase(path); }
  // How many actions no call has run yet.
  std::size_t left() const { return left(after_list_) + left(before_open_); }
  void clear() {
    after_list_.clear();
    before_open_.clear();
  }

  int open(int folder, const std::string& path, int flags, mode_t mode) override {
    run(before_open_, path);
    if (refused_.contains(path)) {
      errno = EACCES;
      return -1;
    }
    return real_disk().open(folder, path, flags, mode);
  }
  int list(const std::string& path, std::vector<std::string>& names) override {
    const int outcome = real_disk().list(path, names);
    run(after_list_, path);
    return outcome;
  }

  int open_beneath(int folder, const std::string& name) override {
    return real_disk().open_beneath(folder, name);
  }
  void close(int file) override { real_disk().close(file); }
  ssize_t read(int file, char* bytes, std::size_t size, std::uint64_t offset) override {
    return real_disk().read(file, bytes, size, offset);
  }
  ssize_t write(int file, std::string_view bytes, std::uint64_t offset) override {
    return real_disk().write(file, bytes, offset);
  }
  int truncate(int file, std::uint64_t size) override { return real_disk().truncate(file, size); }
  int sync(int file) override { return real_disk().sync(file); }
  int sync_names(int folder) override { return real_disk().sync_names(folder); }
  int sync_everything(int file) override { return real_disk().sync_everything(file); }
  int lock(int file) override { return real_disk().lock(file); }
  int look(int file, FileFacts& facts) override { return real_disk().look(file, facts); }
  int look_at(int folder, const std::string& path, FileFacts& facts) override {
    return real_disk().look_at(folder, path, facts);
  }
  int make_folder(int folder, const std::string& path, mode_t mode) override {
    return real_disk().make_folder(folder, path, mode);
  }
  int rename(const std::string& from, const std::string& to) override {
    return real_disk().rename(from, to);
  }
  int rename_new(int from_folder, const std::string& from, int to_folder,
                 const std::string& to) override {
    return real_disk().rename_new(from_folder, from, to_folder, to);
  }
  int remove(int folder, const std::string& path) override {
    return real_disk().remove(folder, path);
  }
  const char* database_files() const override { return real_disk().database_files(); }

 private:
  using Actions = std::map<std::string, std::deque<Action>>;

  static void run(Actions& actions, const std::string& path) {
    const auto found = actions.find(path);
    if (found == actions.end() || found->second.empty()) return;
    const Action action = std::move(found->second.front());
    found->second.pop_front();
    action();
  }
  static std::size_t left(const Actions& actions) {
    std::size_t count = 0;
    for (const auto& [path, waiting] : actions) count += waiting.size();
    return count;
  }

  Actions after_list_;
  Actions before_open_;
  std::set<std::string> refused_;
};

}  // namespace docmill::test
