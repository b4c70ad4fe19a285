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

  struct Counts {
    std::uint64_t added = 0;
    std::uint64_t synced = 0;
    std::uint64_t durable = 0;  // committed
  };

  // Of a document of the group at hand. reason: "stage: error".
  void add(const BatchHeader& batch, const Entry& entry, std::string_view reason);
  // Of a document that an earlier commit has settled, so that its dead letter needs no group. Its
  // number, from 1.
  std::uint64_t add_spilled(const BatchHeader& batch, const Entry& entry, std::string_view reason);
  // Whether something was added that is not committed.
  bool has_group() const {
    return group_.added > group_.durable || spilled_.added > spilled_.durable;
  }
  Result<void> sync();
  // Only what add_spilled() took, for a commit without the group. Not between the first sync() of a
  // group and its commit.
  Result<void> sync_spilled();
  void marks(std::vector<FileMark>& out) const { out.push_back(file_.mark()); }
  void committed();
  // See Output.
  void on_current_ledger() { file_.on_current_ledger(); }
  std::uint64_t added() const { return group_.added + spilled_.added; }
  std::uint64_t synced() const { return group_.synced + spilled_.synced; }
  const Counts& spilled() const { return spilled_; }

 private:
  struct Line {
    Lineage lineage;
    Sequence sequence = 0;
    std::uint32_t index = 0;
    std::string text;
  };

  void write_line(const BatchHeader& batch, const Entry& entry, std::string_view reason);
  void append_sorted();

  AppendFile file_;
  WriteOrder order_;
  std::vector<Line> lines_;  // of the group, with kSource: outputs reject what came before others
  std::string group_text_;   // of the group, otherwise
  std::string spilled_text_;
  std::string line_;
  Counts group_;
  Counts spilled_;
};

}  // namespace docmill
