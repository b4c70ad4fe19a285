// DeadLetters: the documents that could not be processed, with the reason, where people read,
// repair and replay them.
//
// One JSON object a line: document (or document_base64, where the bytes are not UTF-8), format,
// stage, error, source, record, offset, line, producer, epoch, sequence, index. Committed like an
// output. One thread.
#pragma once

#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/payload.h"
#include "shared/store/append_file.h"

namespace docmill {

class DeadLetters {
 public:
  explicit DeadLetters(AppendFile file, WriteOrder order = WriteOrder::kAny)
      : file_(std::move(file)), order_(order) {}

  // reason: "stage: error".
  void add(const BatchHeader& batch, const Entry& entry, std::string_view reason);
  // Whether something was added that is not committed.
  bool has_group() const { return added_ > durable_; }
  Result<void> sync() {
    append_sorted();
    const auto synced = file_.sync();
    if (synced) synced_ = added_;
    return synced;
  }
  void marks(std::vector<FileMark>& out) const { out.push_back(file_.mark()); }
  void committed() { durable_ = synced_; }
  // How many were added, how many of them are synced, and how many are committed.
  std::uint64_t added() const { return added_; }
  std::uint64_t synced() const { return synced_; }
  std::uint64_t durable() const { return durable_; }

 private:
  struct Line {
    Lineage lineage;
    Sequence sequence = 0;
    std::uint32_t index = 0;
    std::string text;
  };

  void append_sorted();

  AppendFile file_;
  WriteOrder order_;
  std::vector<Line> lines_;  // of the group, with kSource: outputs reject what came before others
  std::string line_;
  std::uint64_t added_ = 0;
  std::uint64_t synced_ = 0;
  std::uint64_t durable_ = 0;
};

}  // namespace docmill
