// HttpSpool: documents that wait on disk for a server that is slow or away, and are brought to it
// in their order beside everything else that the sink does.
//
// What is durable here counts as delivered. A position beside the spool says what the server has
// answered for; it may lag after a crash, and then some documents are sent again, with the same
// keys. What the server refuses goes to the sink's dead letters. One thread; a resource.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/store/spool.h"
#include "sink/http/http_delivery.h"
#include "sink/json_line.h"
#include "sink/output_context.h"

namespace docmill {

class HttpSpool {
 public:
  // folder: its own. each: documents are sent as they are, not as lines of JSON.
  static Result<std::unique_ptr<HttpSpool>> open(const std::filesystem::path& folder, Bytes room,
                                                 bool each, HttpDelivery delivery,
                                                 const OutputContext& context);
  ~HttpSpool();
  // How many documents waited in that folder when its spool was last closed; 0 when it is none.
  static std::uint64_t waiting_in(const std::filesystem::path& folder);
  HttpSpool(const HttpSpool&) = delete;
  HttpSpool& operator=(const HttpSpool&) = delete;

  void add(const DocumentId& id, const DocumentView& document);
  // kUnavailable without a text: there is no room until the server takes something.
  Result<void> sync();
  // What never fits, since the last call.
  std::vector<Rejected> take_rejected() { return std::exchange(rejected_, {}); }
  Result<void> serve() { return go_on(Duration::zero()); }
  // Dead letters are committed, and a group is.
  Result<void> settle();
  // There are documents that the server has not answered for, and it answers.
  bool gets_on() const { return waiting_ > 0 && !delivery_.fails(); }
  int fd() const { return delivery_.fd(); }

 private:
  struct Pending {
    std::string key;
    std::string record;
    std::size_t number = 0;  // in the group
  };
  struct UnderWay {
    std::uint64_t size = 0;
    std::string record;  // until it is answered for
  };
  HttpSpool(std::filesystem::path folder, Spool spool, Bytes room, bool each, HttpDelivery delivery,
            const OutputContext& context);

  Result<void> begin();
  bool is_full(const Pending& next) const;
  Result<void> go_on(Duration wait);
  Result<void> read_ahead();
  Result<void> bury(const HttpDelivery::Done& done);
  void done_with(std::uint64_t number);
  Result<void> move_on();
  void keep_position();

  std::filesystem::path folder_;
  Spool spool_;
  Bytes room_;
  bool each_;
  HttpDelivery delivery_;
  std::string place_;
  const Clock& clock_;
  Log& log_;
  DeadLetters& dead_letters_;
  JsonLine line_{false};
  std::deque<Pending> pending_;  // of the group, for which there was no room yet
  std::size_t group_ = 0;        // documents of the group
  std::vector<Rejected> rejected_;
  bool said_full_ = false;
  std::uint64_t read_ = 0;                       // the last number that was given to the delivery
  std::uint64_t answered_ = 0;                   // everything up to it is done
  std::uint64_t kept_ = 0;                       // what the file of the position says
  std::uint64_t kept_waiting_ = 0;               // and of `waiting_`
  std::map<std::uint64_t, UnderWay> under_way_;  // read, and not done; by number
  // Dead letters that are not committed yet, by which of the file's they are.
  std::map<std::uint64_t, std::uint64_t> buried_;
  std::uint64_t waiting_ = 0;        // documents
  std::uint64_t waiting_bytes_ = 0;  // of them; the spool keeps what is done for its keys
  Time next_keep_{};
};

}  // namespace docmill
