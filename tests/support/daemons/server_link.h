// ServerLink: the way to a simulated HTTP server, which answers late, is away for a while, takes
// documents whose answer is lost, and refuses some for good.
//
// One thread. What was sent and not answered is lost with it; what the server took is not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "sink/http/http_link.h"
#include "tests/simulation/dice.h"
#include "tests/support/daemons/server_output.h"

namespace docmill::daemons {

// Whether the server behind a spool refuses the document of this number.
inline bool is_refused_by_server(std::uint64_t n) { return n % 13 == 4; }

class ServerLink final : public HttpLink {
 public:
  ServerLink(Server& server, simulation::Dice& dice, const Clock& clock)
      : server_(server), dice_(dice), clock_(clock) {}

  std::uint64_t start(HttpClientRequest request) override;
  std::vector<HttpClientResponse> turn(Duration wait) override;
  // Never polled. Without a descriptor the sink would not pause between two looks.
  int fd() const override { return 0; }

 private:
  struct Post {
    HttpClientResponse answer;
    bool taken = false;  // the server has the documents
  };

  HttpClientResponse answer(Post post);
  // Its documents are lines. False, and none is taken, when the server refuses one of them.
  bool take(const std::string& body);

  Server& server_;
  simulation::Dice& dice_;
  const Clock& clock_;
  std::uint64_t last_ = 0;
  std::multimap<Time, Post> open_;  // by when they are answered
};

}  // namespace docmill::daemons
