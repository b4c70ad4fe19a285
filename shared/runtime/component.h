// The three interfaces that a component implements, and the contract with the runtime that calls
// it.
//
// One thread calls a component; no two calls overlap. A component does one thing once: the runtime
// retries, counts, dead-letters and stops. An Error tells the runtime what to do next (see
// ErrorCode).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/document/document.h"
#include "shared/store/file_mark.h"

namespace docmill {

class Transaction;   // shared/store/database.h
struct LedgerFacts;  // shared/protocol/ledger_state.h

// Reads documents one after the other, the same ones in the same order after a restart from a
// position.
class Source {
 public:
  enum class State {
    kDocument,  // `document` is the next one
    kDead,  // `document` could not be read whole; `reason` says why; it goes to the dead letters
    kBoundary,  // an input ended; the next document is of another one
    kIdle,      // nothing right now
    kBusy,      // not known yet: finding it takes longer than one call may; call peek() again
    kCaughtUp,  // said once: all that an earlier run may have read has been read again
    kEnded,     // nothing more will come
  };
  struct Next {
    State state = State::kIdle;
    DocumentView document;  // valid until take()
    std::string_view reason;
    // What counts against the bytes of a batch: the size that the document had when it was first
    // seen, so that one that has shrunk does not move those behind it. Without it, the size that
    // the document has now. 0 is a size like any other: that of an empty file.
    std::optional<std::uint64_t> size = {};
  };

  virtual ~Source() = default;
  // The next thing; the same one until take(). An Error ends the producer. A call takes some tens
  // of milliseconds at most, whatever the input is: the loop has acks, heartbeats and signals to
  // look at. What takes longer is kBusy meanwhile, which decides nothing about the documents.
  virtual Result<Next> peek() = 0;
  // Steps over what peek() gave.
  virtual void take() = 0;
  // Where to read on after the last document that was taken; understood by a later run of the same
  // source.
  virtual std::string position() const = 0;

  // For what comes in by itself. Takes it; called in each turn of the producer's loop, also while
  // nothing is read.
  virtual Result<void> serve() { return {}; }
  // Everything up to this position, which may be of another kind of source, is settled for good.
  virtual Result<void> settled(const std::string& /*position*/) { return {}; }
  // settled() has left some of its work to serve(); a producer does not end before it is done.
  virtual bool owes() const { return false; }
  // The producer is retired. True: takes nothing more in, and ends when it has given out what it
  // took; false: it can be left where it stands.
  virtual bool drain() { return false; }
  // Readable when serve() has something to do; -1: it is called now and then.
  virtual int fd() const { return -1; }
};

// Where a processor puts what it makes of one document.
class Emitter {
 public:
  virtual ~Emitter() = default;
  // Begins a document: append its bytes to the string, which may hold other bytes already; then
  // end().
  virtual std::string& begin(Format format) = 0;
  // Says something about the document that was begun, or, before the first begin(), about all that
  // follow (notes.h). Each has all notes of the one that it is made of.
  virtual void note(std::string_view name, std::string_view value) = 0;
  virtual void end() = 0;
};

// Makes none, one or many documents of one. Deterministic: the same document gives the same ones.
class Processor {
 public:
  virtual ~Processor() = default;
  // kMalformed: the document becomes a dead letter with this text, and what was emitted for it is
  // dropped.
  virtual Result<void> process(const DocumentView& document, Emitter& emitter) = 0;
};

// Which document it is, and stays whoever sends it again: the part-th (from 0) of what became of a
// producer's document.
struct DocumentId {
  std::string_view producer;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint32_t index = 0;
  std::uint32_t part = 0;
};

// A document that an output cannot write: the number-th (from 0) that it was given of the current
// group.
struct Rejected {
  std::size_t number = 0;
  std::string reason;
};

// When an output knows that it cannot write a document. A group goes to its outputs in this order,
// and each is given only the documents that those before it did not reject.
enum class Rejects {
  kAfterSync,      // a server or a program decides
  kInTransaction,  // the database decides while the ledger's transaction is open
  kNever,
};

// Writes documents where a group of them becomes durable at once.
class Output {
 public:
  virtual ~Output() = default;
  // Takes the document into the current group. Memory only.
  virtual void add(const DocumentId& id, const DocumentView& document) = 0;
  // Makes the group durable; also called again when nothing was added since the last success.
  // kUnavailable (disk full): nothing of the group counts as written; call again. Without a text:
  // it is under way, nothing is wrong; call again at once. It takes no longer than a few tenths of
  // a second where it waits for others than the disk.
  virtual Result<void> sync() = 0;
  // What the ledger must commit with the group, after sync().
  virtual void marks(std::vector<FileMark>& out) const = 0;

  // The ledger has the marks: does what waited for that, before anybody is told that the group is
  // settled. kUnavailable: call again.
  virtual Result<void> settle() { return {}; }
  // A producer's batch was accepted in this life, so the ledger is no older copy: what the outputs
  // have beyond it was never committed, and may go. Said before due(), with each such group.
  virtual void on_current_ledger() {}
  // Whether it wants a commit though nothing may have been added; asked in each turn of the sink's
  // loop, before sync(). stopping: for the last time, in an orderly end.
  virtual bool due(Time /*now*/, bool /*stopping*/) { return false; }
  // The group should end: it is as large as can be. waiting: how many documents of the group it
  // will be given when other outputs have decided.
  virtual bool full(std::size_t /*waiting*/) const { return false; }

  // Unless kNever, documents are kept until the group is committed.
  virtual Rejects rejects() const { return Rejects::kNever; }
  // The documents rejected since the last call, each once; asked after every sync() or write(),
  // whether it succeeded or not. A rejection is final for the group, also when the transaction is
  // rolled back: the document becomes a dead letter in the commit that succeeds.
  virtual std::vector<Rejected> take_rejected() { return {}; }
  // For kInTransaction: puts the group into the ledger's transaction, without the rejected
  // documents. The transaction may be rolled back; then write() is called again.
  virtual void write(Transaction& /*transaction*/, const LedgerFacts& /*facts*/) {}

  // For what goes on beside the groups; called in each turn of the sink's loop, and while it waits.
  virtual Result<void> serve() { return {}; }
  // What was committed is on its way to where it belongs, and gets on: at its end the sink gives it
  // a few seconds.
  virtual bool waits() const { return false; }
  // The sink ends in order: what was handed to a peer may still leave within that time.
  virtual void end(Duration /*left*/) {}
  // Readable when serve() has something to do; -1: it is called now and then.
  virtual int fd() const { return -1; }
};

}  // namespace docmill
