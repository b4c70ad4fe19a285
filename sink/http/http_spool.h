// HttpSpool: documents that wait on disk for a server that is slow or away, and are posted to it in
// their order beside everything else that the sink does.
//
// It is committed like a file: the ledger's commit says which numbers of the spool wait
// (SpoolMark), and names a document as waiting together with its settlement. A crash leaves records
// that no commit names; they are never sent, since their documents come again. A document that the
// server refuses becomes a dead letter, and leaves the mark in the commit that has the dead letter,
// so there is exactly one. What the server took leaves the mark a little later: after a crash it
// may be sent again, with the same key. One thread; a resource.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/throttle.h"
#include "shared/store/spool.h"
#include "sink/http/http_delivery.h"
#include "sink/http/waiting_numbers.h"
#include "sink/json_line.h"
#include "sink/output_context.h"
#include "sink/spilling.h"

namespace docmill {

struct HttpSpoolConfig {
  std::filesystem::path folder;  // its own
  std::string url;
  Bytes room;
  bool each = false;  // documents are sent as they are, not as lines of JSON
};

class HttpSpool {
 public:
  // kConfig: documents wait, and their folder does not exist.
  static Result<std::unique_ptr<HttpSpool>> open(HttpSpoolConfig config, HttpDelivery delivery,
                                                 const OutputContext& context);
  ~HttpSpool();
  HttpSpool(const HttpSpool&) = delete;
  HttpSpool& operator=(const HttpSpool&) = delete;

  void add(const DocumentId& id, const DocumentView& document);
  // The group is as large as one commit should be.
  bool full() const;
  // kUnavailable without a text: the room is used up until the server takes something.
  Result<void> sync();
  // See Spilling.
  bool needs_commit() const;
  void write_mark(Transaction& transaction, Spilling::Group group);
  // That transaction is committed. Memory only.
  void committed();
  // Gives back the room of what is done, and sends what was committed.
  Result<void> settle();
  // kUnavailable: a record cannot be read now; call again.
  Result<void> serve() { return progress(); }
  // Documents wait, and the server answers.
  bool gets_on() const { return totals_.waiting > 0 && !delivery_.fails(); }
  Spill spill() const {
    return {config_.folder.filename(), totals_, totals_.waiting > 0 && delivery_.fails(),
            delivery_.answers()};
  }
  int fd() const { return delivery_.fd(); }

 private:
  struct UnderWay {
    std::uint64_t size = 0;
    std::string record;             // until it is answered for
    std::uint64_t dead_letter = 0;  // which of the file's it is; 0: none
  };
  // What a commit says.
  struct Position {
    std::uint64_t first = 0;      // no number below it waits
    std::uint64_t delivered = 0;  // of delivered_
    bool group = false;           // with the group
  };
  HttpSpool(HttpSpoolConfig config, Spool spool, HttpDelivery delivery,
            const OutputContext& context);

  static std::uint64_t size_on_disk(std::string_view record) {
    return kSpoolHeaderBytes + record.size();
  }
  Result<void> begin(const SpoolMark& mark);
  bool is_full(std::string_view next) const;
  Result<void> write_group();
  void log_full();
  Result<void> progress();
  Result<void> read_ahead();
  Result<void> dead_letter(const HttpDelivery::Done& done);
  void delivered(std::uint64_t number);
  // The mark of what is committed, without the documents whose dead letters are at most this one of
  // the file's.
  SpoolMark mark(std::uint64_t dead_letters) const;
  // The first number that waits by this mark, or will wait when the group is committed.
  std::uint64_t first_number(const SpoolMark& mark) const;
  void count_lost();
  Result<void> commit_position();
  Result<void> forget();
  void log_retry(const Error& error);

  HttpSpoolConfig config_;
  Spool spool_;
  HttpDelivery delivery_;
  std::string place_;
  const Clock& clock_;
  Log& log_;
  LedgerStore& ledger_;
  DeadLetters& dead_letters_;
  JsonLine line_{false};
  std::uint64_t life_;  // the first number of this life of the spool

  // The group.
  std::deque<std::string> pending_;  // records that are not in the spool yet
  std::uint64_t pending_bytes_ = 0;
  std::optional<SpoolRange> group_;  // what is in the spool, and not committed
  std::uint64_t group_documents_ = 0;
  std::uint64_t group_bytes_ = 0;
  bool lacks_room_ = false;   // the disk, for the group
  bool logged_full_ = false;  // for this group
  Throttle full_said_;        // a server that is merely slow makes each group wait

  // What is committed.
  SpoolTotals totals_;
  std::uint64_t waiting_bytes_ = 0;  // of those that are not refused yet
  WaitingNumbers unread_;
  std::map<std::uint64_t, UnderWay> under_way_;     // read, and not settled; by number
  std::map<std::uint64_t, std::uint64_t> refused_;  // numbers, by their dead letter
  std::uint64_t refused_bytes_ = 0;
  std::uint64_t delivered_ = 0;  // changes without a dead letter, since the start
  // In the sink's transaction, until that is known to be committed. Its outcome may stay unknown
  // after an error; a mark of our own could then take the group out of the ledger.
  std::optional<Position> written_;
  Position committed_;
  Time next_position_{};
  Throttle retries_said_;
};

}  // namespace docmill
