// GroupCommit: makes a group of documents durable: outputs, dead letters and ledger together, or
// nothing.
//
// First the outputs that can reject documents decide; then the others get what is left, and are
// synced; then the ledger is committed. With an output in the ledger's database all of that is in
// one transaction. What fails is tried again from the group as it was decided: a rejected document
// stays rejected, and a document is given to an output once.
//
// One thread. Owns nothing: all parts outlive it.
#pragma once

#include <memory>
#include <vector>

#include "shared/protocol/ledger_core.h"
#include "shared/runtime/component.h"
#include "shared/store/ledger_store.h"
#include "sink/dead_letters.h"
#include "sink/group_documents.h"

namespace docmill {

class GroupCommit {
 public:
  struct Parts {
    LedgerStore* store = nullptr;
    LedgerCore* core = nullptr;
    DeadLetters* dead_letters = nullptr;
    const std::vector<std::unique_ptr<Output>>* outputs = nullptr;
    GroupDocuments* documents = nullptr;  // none: no output rejects documents
    Publisher* publisher = nullptr;       // none: nothing is published
  };

  explicit GroupCommit(const Parts& parts) : parts_(parts) {}

  // Begins the commit of all that was added. False when nothing needs one. stopping: the outputs
  // end what they have begun; only when no group is left.
  bool begin(Time now, bool stopping);
  // Between begin() and the first advance() that succeeds; nothing may be added meanwhile.
  bool active() const { return stage_ != Stage::kIdle; }
  // The ledger has the group; only settle() of the outputs and the publisher is left.
  bool committed() const { return stage_ == Stage::kSettle; }
  // After advance() failed without a text, so long after begin(): how long to wait for the
  // descriptors of the outputs before the next call.
  Duration pause(Duration so_far) const;
  // Does what can be done now. kUnavailable: call again, at once when it has no text, else after a
  // while. After any other error the sink must end.
  Result<void> advance();

 private:
  enum class Stage { kIdle, kDecide, kSync, kWrite, kSettle };

  Result<void> take_stage();
  Result<void> decide();
  bool needs_refused_commit() const;
  Result<void> commit_refused();
  bool decides_in_transaction() const;
  Result<void> collect(Rejects when);
  void hand_over();
  Result<void> sync();
  Result<void> sync(Output& output);
  Result<void> write();
  LedgerStore::Change write_in(Transaction& transaction, Result<void>& collected);
  Result<void> settle();

  Parts parts_;
  Stage stage_ = Stage::kIdle;
  const Output* waits_for_ = nullptr;  // its sync() failed
  bool handed_over_ = false;           // the outputs that never reject have the group
};

}  // namespace docmill
