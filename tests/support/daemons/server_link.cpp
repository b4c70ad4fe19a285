#include "tests/support/daemons/server_link.h"

#include <chrono>
#include <sstream>

namespace docmill::daemons {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint64_t ServerLink::start(HttpClientRequest request) {
  const Duration delay = dice_.chance(85) ? dice_.time(microseconds(100), milliseconds(20))
                                          : dice_.time(milliseconds(20), seconds(2));
  Post post;
  post.answer.request = ++last_;
  // It may have them long before its answer arrives.
  post.taken = !server_.fails && dice_.chance(40) && take(request.body);
  post.answer.sent = std::move(request);
  open_.emplace(clock_.now() + delay, std::move(post));
  return last_;
}

std::vector<HttpClientResponse> ServerLink::turn(Duration) {
  std::vector<HttpClientResponse> answers;
  while (!open_.empty() && open_.begin()->first <= clock_.now()) {
    answers.push_back(answer(std::move(open_.begin()->second)));
    open_.erase(open_.begin());
  }
  return answers;
}

HttpClientResponse ServerLink::answer(Post post) {
  HttpClientResponse answer = std::move(post.answer);
  if (server_.fails || dice_.chance(2)) {
    if (dice_.chance(20)) take(answer.sent.body);
    const bool answers = dice_.chance(50);
    answer.status = answers ? 503 : 0;
    answer.text = answers ? "busy" : "no answer within 2s";
    if (answers && dice_.chance(30)) answer.retry_after = dice_.time(milliseconds(1), seconds(2));
    return answer;
  }
  answer.status = post.taken || take(answer.sent.body) ? 200 : 422;
  return answer;
}

bool ServerLink::take(const std::string& body) {
  std::vector<std::string> ids;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    if (is_refused_by_server(number_of(line))) return false;
    ids.push_back(field_of(line, "id"));
  }
  for (const std::string& id : ids) ++server_.received[id];
  return true;
}

}  // namespace docmill::daemons
