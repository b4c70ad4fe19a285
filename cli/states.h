// What the producers and sinks of one pipeline have on disk, and the locks that keep daemons off it
// while somebody looks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shared/config/pipeline.h"
#include "shared/protocol/ledger_state.h"
#include "shared/protocol/producer_state.h"
#include "shared/store/file_mark.h"
#include "shared/store/producer_store.h"
#include "shared/store/spool_mark.h"
#include "shared/store/state_folder.h"
#include "shared/store/system_disk.h"

namespace docmill {

// Nobody works on these folders while the locks live. A resource.
struct StateLocks {
  std::unique_ptr<SystemDisk> disk;  // the folders are on it
  std::vector<StateFolder> producers;
  std::vector<StateFolder> sinks;
  // Those of the file that have no folder yet.
  std::vector<std::string> new_producers;
  std::vector<std::string> new_sinks;
};

// The producers that have a folder there, by name. kUnavailable: none has.
Result<std::vector<std::string>> producers_in(Disk& disk, const std::filesystem::path& state);

// Every producer and sink of the file, and those that an earlier run has left in the state folder.
// kConfig when a daemon works on one of them for more than an instant; the text names its process.
Result<StateLocks> lock_states(const PipelineConfig& config);

// A spool as its sink's ledger knows it.
struct SinkSpool {
  std::string sink;
  std::filesystem::path folder;
  SpoolMark mark;
};

// Values, by name.
struct States {
  std::vector<std::pair<std::string, Totals>> producers;
  std::vector<std::pair<std::string, LedgerTotals>> sinks;
  std::vector<FileMark> files;               // of all sinks
  std::vector<std::string> unfinished = {};  // files with documents that have no end yet
  std::vector<SinkSpool> spools;
  // By producer.
  std::vector<std::pair<std::string, GivenUp>> given_up = {};
  std::vector<std::pair<std::string, LostDocuments>> lost = {};

  std::uint64_t settled() const;
  std::uint64_t waiting() const;  // settled as delivered, and still in a spool
};

Result<States> read_states(const StateLocks& locks);

}  // namespace docmill
