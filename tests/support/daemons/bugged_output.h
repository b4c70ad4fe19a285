// BuggedOutput: the sqlite output, or a server, with a mistake planted around it.
//
// One thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/runtime/component.h"
#include "shared/store/database.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

class BuggedOutput final : public Output {
 public:
  BuggedOutput(std::unique_ptr<Output> output, Bug bug) : output_(std::move(output)), bug_(bug) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    if (bug_ == Bug::kStuckOnRejections) group_.push_back(number_of(document.bytes));
    output_->add(id, document);
  }
  Result<void> sync() override {
    auto synced = output_->sync();
    if (bug_ != Bug::kStuckOnRejections || rejects() != Rejects::kAfterSync) return synced;
    for (Rejected& one : output_->take_rejected()) {
      if (is_rejected_by_table(group_[one.number])) {
        return corrupt("a document is rejected, and not for the first time");
      }
      rejected_.push_back(std::move(one));
    }
    return synced;
  }
  void marks(std::vector<FileMark>& out) const override { output_->marks(out); }
  Result<void> settle() override {
    group_.clear();
    return output_->settle();
  }
  bool due(Time now, bool stopping) override { return output_->due(now, stopping); }
  bool full(std::size_t waiting) const override { return output_->full(waiting); }
  // Beside another output that rejects, its documents are not held back.
  Rejects rejects() const override { return output_->rejects(); }
  std::vector<Rejected> take_rejected() override {
    if (!rejected_.empty()) return std::exchange(rejected_, {});
    std::vector<Rejected> rejected = output_->take_rejected();
    if (bug_ == Bug::kRejectionLostByRetry && rolled_back_) rejected.clear();
    rolled_back_ = false;
    return rejected;
  }
  void write(Transaction& transaction, const LedgerFacts& facts) override {
    output_->write(transaction, facts);
    rolled_back_ = !transaction.result().ok();
  }

 private:
  std::unique_ptr<Output> output_;
  Bug bug_;
  bool rolled_back_ = false;
  std::vector<std::uint64_t> group_;  // the numbers of its documents
  std::vector<Rejected> rejected_;
};

}  // namespace docmill::daemons
