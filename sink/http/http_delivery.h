// HttpDelivery: brings documents to a server, each until it has been answered for - in batches,
// with retries after growing pauses, and in halves when the server refuses a batch for one of them.
//
// What an answer means: 2xx, delivered. 408, 425, 429, 5xx, no answer: the server's trouble; again.
// A redirect, 401, 403, 404, 405, 407: the trouble of the settings, which every document would
// have; again, too, and said. Any other status: the document's; a batch is divided until the
// document at fault is alone, which is rejected. With one connection documents arrive in the order
// in which they were added. One thread; nothing waits but turn().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "sink/http/http_link.h"

namespace docmill {

enum class HttpBody { kNdjson, kJsonArray, kEach };

struct HttpDeliveryConfig {
  HttpBody body = HttpBody::kNdjson;
  std::size_t documents = 100;  // of a batch
  std::size_t bytes = 1 << 20;  // of a batch; a larger document goes alone
  std::size_t connections = 1;
  Duration first_retry{};  // doubled each time,
  Duration longest_retry{};
};

class HttpDelivery {
 public:
  struct Done {
    std::uint64_t number = 0;
    std::string rejected;  // why; empty: the server has it
  };

  // place: "sink.outputs.http". clock and log outlive it.
  HttpDelivery(std::unique_ptr<HttpLink> server, const HttpDeliveryConfig& config, std::string url,
               std::string place, const Clock& clock, Log& log);

  // number: the caller's. id: the same for this document for ever. bytes: as they stand in the
  // body.
  void add(std::uint64_t number, std::string id, std::string content_type, std::string bytes);
  // The batch that was begun goes, full or not.
  void close() { open_ = false; }
  // Sends what can be sent, waits at most that long, and gives what came to its end.
  std::vector<Done> turn(Duration wait);
  // Nothing is gained by adding more now.
  bool wants_more() const { return waiting_.size() <= config_.connections; }
  // The server did not answer, or not as it should, the last time.
  bool fails() const { return failures_ > 0; }
  // Requests whose documents the server has taken or refused.
  std::uint64_t answers() const { return answers_; }
  // Documents that were added and are not done.
  std::size_t documents() const { return documents_; }
  int fd() const { return server_->fd(); }

 private:
  struct Document {
    std::uint64_t number = 0;
    std::string id;
    std::string content_type;
    std::string bytes;
  };
  struct Post {
    std::vector<Document> documents;
    std::size_t bytes = 0;
  };

  void send();
  HttpClientRequest request_of(const Post& post) const;
  void take(HttpClientResponse answer, std::vector<Done>& done);
  void again(Post post, const HttpClientResponse& answer, const char* cure);
  void divide(Post post);
  Duration pause(const HttpClientResponse& answer);

  std::unique_ptr<HttpLink> server_;
  HttpDeliveryConfig config_;
  std::string url_;
  std::string place_;
  const Clock& clock_;
  Log& log_;
  std::deque<Post> waiting_;
  bool open_ = false;  // the last one that waits takes more
  std::map<std::uint64_t, Post> sent_;
  std::size_t documents_ = 0;
  std::uint64_t answers_ = 0;
  int failures_ = 0;  // since the last answer that was none
  // A server that refuses and accepts in turn decides how often there is something to log.
  Throttle failures_said_;
  bool said_ = false;  // of the failures since the last answer that was none
  Time not_before_{};
  std::mt19937_64 random_;
};

}  // namespace docmill
