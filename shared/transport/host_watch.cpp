#include "shared/transport/host_watch.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "shared/base/start_thread.h"

namespace docmill {

struct HostWatch::Shared {
  Shared(std::set<std::string> names, Duration period, Lookup how)
      : hosts(std::move(names)), every(period), lookup(std::move(how)) {}

  const std::set<std::string> hosts;
  const Duration every;
  const Lookup lookup;
  // None: the thread runs.
  std::optional<std::chrono::steady_clock::time_point> start_at{std::in_place};

  std::mutex mutex;
  std::condition_variable ending;
  std::condition_variable arrived;
  bool over = false;                              // by mutex
  std::map<std::string, Result<Addresses>> news;  // by mutex
  std::atomic<bool> has_news = false;
};

Result<HostWatch::Addresses> HostWatch::look_up(const std::string& host) {
  const bool bracketed = host.starts_with('[');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(
      bracketed ? host.substr(1, host.size() - 2).c_str() : host.c_str(), nullptr, &hints, &found);
  if (problem != 0) return unavailable(::gai_strerror(problem));
  Addresses old_ones;
  Addresses new_ones;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST] = {};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) != 0) {
      continue;
    }
    if (one->ai_family == AF_INET) old_ones.insert(text);
    if (one->ai_family == AF_INET6) new_ones.insert(fmt::format("[{}]", text));
  }
  ::freeaddrinfo(found);
  return old_ones.empty() ? new_ones : old_ones;
}

bool HostWatch::is_name(const std::string& host) {
  in_addr address{};
  return host != "*" && !host.starts_with('[') && ::inet_pton(AF_INET, host.c_str(), &address) != 1;
}

HostWatch::HostWatch(std::set<std::string> hosts, Duration every, Lookup lookup)
    : shared_(std::make_shared<Shared>(std::move(hosts), every, std::move(lookup))) {
  start();
}

void HostWatch::start() {
  if (!shared_->start_at) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < *shared_->start_at) return;
  auto thread = start_thread([shared = shared_] { run(shared); });
  if (thread) {
    shared_->start_at.reset();
    thread->detach();
    return;
  }
  shared_->start_at = now + shared_->every;
  for (const std::string& host : shared_->hosts) {
    shared_->news.insert_or_assign(host, thread.error());
  }
  shared_->has_news = true;
}

HostWatch::~HostWatch() {
  if (!shared_) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->over = true;
  shared_->ending.notify_all();
}

std::map<std::string, Result<HostWatch::Addresses>> HostWatch::take(Duration most) {
  start();
  if (!shared_->has_news && most == Duration::zero()) return {};
  std::unique_lock lock(shared_->mutex);
  shared_->arrived.wait_for(lock, most, [this] { return shared_->has_news.load(); });
  shared_->has_news = false;
  return std::exchange(shared_->news, {});
}

void HostWatch::run(const std::shared_ptr<Shared>& shared) {
  std::map<std::string, std::string> known;
  for (;;) {
    for (const std::string& host : shared->hosts) {
      auto found = shared->lookup(host);
      const std::string text =
          found ? fmt::format("{}", fmt::join(*found, " ")) : "? " + found.error().text;
      if (const auto [old, is_new] = known.try_emplace(host, text); !is_new) {
        if (old->second == text) continue;
        old->second = text;
      }
      const std::lock_guard lock(shared->mutex);
      shared->news.insert_or_assign(host, std::move(found));
      shared->has_news = true;
      shared->arrived.notify_all();
    }
    std::unique_lock lock(shared->mutex);
    if (shared->ending.wait_for(lock, shared->every, [&] { return shared->over; })) return;
  }
}

}  // namespace docmill
