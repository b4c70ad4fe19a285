// LedgerWorld: a LedgerCore, and what batches may do to it, found out in another way.
//
// It writes down each document that the core lets be written, by the whole identity of its batch,
// and complains of one that comes twice, of one that was not asked for, and of an ack for one that
// is neither written nor below the watermark.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "shared/protocol/ledger_core.h"
#include "tests/frames/frame_mutator.h"

namespace docmill {

class LedgerWorld {
 public:
  explicit LedgerWorld(FrameMutator& dice);

  // The header of a batch as a transformer or a liar would send it; its payload is always the same.
  std::string frame();
  static const std::string& payload();
  // Empty when the core did with it what it may.
  std::string feed(const BatchHeader& header);

  std::uint64_t written() const { return written_; }

 private:
  std::string write(const BatchHeader& header, const Judgement& judgement);
  std::string commit();

  using Identity = std::tuple<Lineage, Sequence, std::uint64_t>;
  FrameMutator& dice_;
  LedgerCore core_;
  std::map<Identity, std::set<std::uint32_t>> documents_;
  std::map<std::pair<Lineage, Sequence>, std::uint64_t> content_;  // the hash that came first
  std::map<Lineage, Sequence> watermarks_;
  std::map<std::string, std::uint64_t> newest_epoch_;
  std::uint64_t written_ = 0;
};

}  // namespace docmill
