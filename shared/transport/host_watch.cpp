#include "shared/transport/host_watch.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace docmill {

struct HostWatch::Shared {
  std::mutex mutex;
  std::condition_variable ending;
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
    : shared_(std::make_shared<Shared>()) {
  std::thread(run, shared_, std::move(hosts), every, std::move(lookup)).detach();
}

HostWatch::~HostWatch() {
  if (!shared_) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->over = true;
  shared_->ending.notify_all();
}

std::map<std::string, Result<HostWatch::Addresses>> HostWatch::take() {
  if (!shared_->has_news) return {};
  const std::lock_guard lock(shared_->mutex);
  shared_->has_news = false;
  return std::exchange(shared_->news, {});
}

void HostWatch::run(const std::shared_ptr<Shared>& shared, const std::set<std::string>& hosts,
                    Duration every, const Lookup& lookup) {
  std::map<std::string, std::string> known;
  for (;;) {
    for (const std::string& host : hosts) {
      auto found = lookup(host);
      const std::string text =
          found ? fmt::format("{}", fmt::join(*found, " ")) : "? " + found.error().text;
      if (const auto [old, is_new] = known.try_emplace(host, text); !is_new) {
        if (old->second == text) continue;
        old->second = text;
      }
      const std::lock_guard lock(shared->mutex);
      shared->news.insert_or_assign(host, std::move(found));
      shared->has_news = true;
    }
    std::unique_lock lock(shared->mutex);
    if (shared->ending.wait_for(lock, every, [&] { return shared->over; })) return;
  }
}

}  // namespace docmill
