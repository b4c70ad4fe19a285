// HttpInlet: documents that clients POST, answered when they are in the spool on disk; and what
// became of one, for who asks.
//
// The server's thread hands whole requests over; the producer's appends what has come in the
// meantime as one group, so that many requests share a sync.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "producer/http/http_documents.h"
#include "producer/http/http_server.h"
#include "producer/spooled/inlet.h"
#include "shared/base/clock.h"
#include "shared/transport/wakeup.h"

namespace docmill {

struct HttpInletSettings {
  std::string bind;
  std::string token;  // empty: none is asked for
  HttpLimits limits;
  std::uint64_t epoch = 0;  // of the producer; a part of every id
};

class HttpInlet final : public Inlet, private HttpHandler {
 public:
  static Result<std::unique_ptr<Inlet>> open(HttpInletSettings settings, const Clock& clock);
  ~HttpInlet() override;

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  void paused() override;
  void progress(std::uint64_t settled, std::uint64_t read) override;
  int fd() const override { return wakeup_.fd(); }

 private:
  struct Posted {
    HttpExchange* exchange;
    const HttpRequest* request;
  };
  struct Waiting {
    HttpExchange* exchange;
    HttpAnswer answer;
    std::uint64_t last;  // number of a document of it
  };

  HttpInlet(HttpInletSettings settings, const Clock& clock, Wakeup wakeup)
      : settings_(std::move(settings)), clock_(clock), wakeup_(std::move(wakeup)) {}

  std::optional<HttpAnswer> before_body(const HttpRequest& request) override;
  std::optional<HttpAnswer> take(HttpExchange& exchange, const HttpRequest& request) override;

  std::optional<HttpAnswer> refusal(const HttpRequest& request) const;
  HttpAnswer whereabouts(std::string_view id) const;
  Result<void> append(Spool& spool, const Posted& posted);
  // The numbers of the documents of a request, all of them or an Error.
  Result<std::vector<std::uint64_t>> append_all(Spool& spool, const PostedType& type,
                                                const std::string& key,
                                                const std::vector<std::string_view>& documents);
  std::string id_of(std::uint64_t number) const;

  HttpInletSettings settings_;
  const Clock& clock_;
  Wakeup wakeup_;
  std::mutex mutex_;          // of came_ and paused_
  std::deque<Posted> came_;   // and was not taken in
  bool paused_ = true;        // until the first take_in()
  std::deque<Waiting> kept_;  // taken in, not yet durable
  Time next_look_{};
  std::atomic<std::uint64_t> last_{0};  // numbers: the last that is durable, given out, settled
  std::atomic<std::uint64_t> read_{0};
  std::atomic<std::uint64_t> settled_{0};
  // Its thread calls this object, so it is destroyed first. The producer's thread only: the
  // server's thread may run before this is set and while it is being reset.
  std::unique_ptr<HttpServer> server_;
};

}  // namespace docmill
