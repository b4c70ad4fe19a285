// SimulatedDatabaseFiles: the SQLite VFS of a SimulatedDisk. SQLite's unix VFS is the model: what
// is synced when, what counts as full, and which file exists.
//
// Without shared memory, so that a write-ahead log needs exclusive locking. Registered with SQLite
// for as long as the object lives.
#pragma once

#include <memory>
#include <string>

namespace docmill::test {

class SimulatedDisk;

class SimulatedDatabaseFiles {
 public:
  explicit SimulatedDatabaseFiles(SimulatedDisk& disk);
  ~SimulatedDatabaseFiles();
  SimulatedDatabaseFiles(const SimulatedDatabaseFiles&) = delete;
  SimulatedDatabaseFiles& operator=(const SimulatedDatabaseFiles&) = delete;

  const char* name() const { return name_.c_str(); }

 private:
  struct Registration;

  std::string name_;
  std::unique_ptr<Registration> registration_;
};

}  // namespace docmill::test
