#include "shared/protocol/member_core.h"

#include <algorithm>

#include "shared/base/check.h"

namespace docmill {
namespace {

// News of one heartbeat, so that it fits into a control message; the rest goes with the next one.
constexpr std::size_t kMaxNews = 8192;
// News for a producer that is away. The producer finds out what it was not told.
constexpr std::size_t kMaxKept = 65'536;

template <typename Entry>
void keep(std::vector<Entry>& news, const Entry& entry) {
  if (news.size() < kMaxKept) news.push_back(entry);
}

template <typename Entry>
std::vector<Entry> first_of(const std::vector<Entry>& news) {
  return {news.begin(),
          news.begin() + static_cast<std::ptrdiff_t>(std::min(news.size(), kMaxNews))};
}

template <typename Entry>
void drop_first(std::vector<Entry>& news, std::size_t count) {
  news.erase(news.begin(),
             news.begin() + static_cast<std::ptrdiff_t>(std::min(news.size(), count)));
}

Attempt attempt_of(const BatchHeader& header) { return {header.sequence, header.attempt}; }

}  // namespace

MemberCore::MemberCore(MemberIdentity identity, std::vector<std::string> producers,
                       std::set<std::string> sinks)
    : identity_(std::move(identity)), producers_(std::move(producers)), sinks_(std::move(sinks)) {}

MemberCore::News& MemberCore::news_of(const BatchHeader& header) {
  News& news = news_[header.lineage.producer];
  const std::pair age(header.lineage.epoch, header.run.counter);
  const std::pair known(news.epoch, news.run.counter);
  if (age > known || (age == known && header.run != news.run)) {
    news = News();
    news.epoch = header.lineage.epoch;
    news.run = header.run;
  }
  return news;
}

bool MemberCore::accept(const BatchHeader& header) {
  ++held_;
  if (News& news = news_of(header); news.run == header.run) {
    news.queued.insert(attempt_of(header));
  }
  const bool sinks_known =
      std::all_of(header.sinks.begin(), header.sinks.end(),
                  [this](const std::string& sink) { return sinks_.contains(sink); });
  if (!sinks_known) {
    hand_back(header, ReturnReason::kUnknownSink);
    return false;
  }
  if (!header.condemned && !revisions_.contains(header.processors)) {
    hand_back(header, ReturnReason::kUnknownProcessors);
    return false;
  }
  return true;
}

void MemberCore::started(const BatchHeader& header) {
  News& news = news_of(header);
  if (news.run != header.run) return;
  news.queued.erase(attempt_of(header));
  news.started.insert(attempt_of(header));
  news.untold = true;
}

void MemberCore::passed(const BatchHeader& header) {
  if (News& news = news_of(header); news.run == header.run) {
    keep(news.passed, attempt_of(header));
    news.untold = true;
  }
  finish(header);
}

void MemberCore::hand_back(const BatchHeader& header, ReturnReason reason) {
  if (News& news = news_of(header); news.run == header.run) {
    keep(news.returned, {header.sequence, header.attempt, reason});
    news.untold = true;
  }
  finish(header);
}

void MemberCore::hand_back_all(ReturnReason reason) {
  for (auto& [producer, news] : news_) {
    for (std::set<Attempt>* attempts : {&news.queued, &news.started}) {
      for (const Attempt& one : *attempts) {
        keep(news.returned, {one.sequence, one.attempt, reason});
        news.untold = true;
      }
      attempts->clear();
    }
  }
  held_ = 0;
}

void MemberCore::finish(const BatchHeader& header) {
  DOCMILL_CHECK(held_ > 0, "batch {} was not accepted", header.sequence);
  --held_;
  News& news = news_of(header);
  if (news.run != header.run) return;
  news.queued.erase(attempt_of(header));
  news.started.erase(attempt_of(header));
}

void MemberCore::on_end(const BatchHeader& header) {
  News& news = news_of(header);
  if (news.run != header.run) return;
  news.ended = true;
  // One that a producer sends when it ends may be late, and another run may have begun.
  news.answered = draining_ && header.attempt > 0;
}

void MemberCore::set_connected(const std::string& producer, bool connected) {
  if (connected) {
    connected_.insert(producer);
  } else {
    connected_.erase(producer);
  }
}

bool MemberCore::may_leave(bool has_rested, bool has_waited) const {
  if (!draining_ || held_ > 0) return false;
  return std::all_of(producers_.begin(), producers_.end(), [&](const std::string& producer) {
    const auto found = news_.find(producer);
    const bool ended = found != news_.end() && found->second.ended;
    if (found != news_.end() && found->second.answered) return true;
    if (!connected_.contains(producer)) return ended || has_rested;
    return has_waited && has_rested;
  });
}

Heartbeat MemberCore::heartbeat_for(const std::string& producer) const {
  Heartbeat heartbeat;
  heartbeat.member = identity_.name;
  heartbeat.incarnation = identity_.incarnation;
  heartbeat.address = identity_.address;
  heartbeat.capacity = identity_.capacity;
  heartbeat.state = gone_       ? MemberState::kGone
                    : draining_ ? MemberState::kDraining
                                : MemberState::kReady;
  const auto found = news_.find(producer);
  if (found == news_.end()) return heartbeat;
  const News& news = found->second;
  heartbeat.run = news.run;
  heartbeat.queued = static_cast<std::uint32_t>(news.queued.size());
  heartbeat.started.assign(news.started.begin(), news.started.end());
  heartbeat.passed = first_of(news.passed);
  heartbeat.returned = first_of(news.returned);
  return heartbeat;
}

void MemberCore::told(const Heartbeat& heartbeat, const std::string& producer) {
  const auto found = news_.find(producer);
  if (found == news_.end() || found->second.run != heartbeat.run) return;
  News& news = found->second;
  drop_first(news.passed, heartbeat.passed.size());
  drop_first(news.returned, heartbeat.returned.size());
  news.untold = !news.passed.empty() || !news.returned.empty();
}

bool MemberCore::has_news_for(const std::string& producer) const {
  const auto news = news_.find(producer);
  return news != news_.end() && news->second.untold;
}

bool MemberCore::is_busy_for(const std::string& producer) const {
  const auto news = news_.find(producer);
  return news != news_.end() && (!news->second.queued.empty() || !news->second.started.empty());
}

}  // namespace docmill
