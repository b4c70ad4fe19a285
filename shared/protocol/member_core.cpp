#include "shared/protocol/member_core.h"

#include <algorithm>

#include "shared/base/check.h"

namespace docmill {

MemberCore::MemberCore(MemberIdentity identity, std::vector<std::string> producers,
                       std::set<std::string> sinks)
    : identity_(std::move(identity)), producers_(std::move(producers)), sinks_(std::move(sinks)) {}

MemberCore::News& MemberCore::news_of(const BatchHeader& header) {
  News& news = news_[header.lineage.producer];
  const std::pair age(header.lineage.epoch, header.run.counter);
  const std::pair known(news.epoch, news.run.counter);
  if (age > known || (age == known && header.run != news.run)) {
    news = News{.epoch = header.lineage.epoch, .run = header.run, .started = {}, .returned = {}};
  }
  return news;
}

bool MemberCore::accept(const BatchHeader& header) {
  DOCMILL_CHECK(!current_, "batch {} while {} is worked on", header.sequence, current_->sequence);
  current_ = header;
  resting_ = false;
  if (News& news = news_of(header); news.run == header.run) {
    news.started = Presence::Started{header.sequence, header.attempt};
    news.untold = true;
  }
  const bool sinks_known =
      std::all_of(header.sinks.begin(), header.sinks.end(),
                  [this](const std::string& sink) { return sinks_.contains(sink); });
  if (!sinks_known) {
    hand_back(ReturnReason::kUnknownSink);
    return false;
  }
  if (!header.condemned && !revisions_.contains(header.processors)) {
    hand_back(ReturnReason::kUnknownProcessors);
    return false;
  }
  return true;
}

void MemberCore::finished() {
  DOCMILL_CHECK(current_, "nothing is worked on");
  if (News& news = news_of(*current_); news.run == current_->run) news.started.reset();
  current_.reset();
}

void MemberCore::hand_back(ReturnReason reason) {
  DOCMILL_CHECK(current_, "nothing is worked on");
  if (News& news = news_of(*current_); news.run == current_->run) {
    news.returned.push_back({current_->sequence, current_->attempt, reason});
    news.untold = true;
  }
  finished();
}

void MemberCore::on_end(const BatchHeader& header) {
  resting_ = false;
  News& news = news_of(header);
  if (news.run != header.run) return;
  news.ended = true;
  // One that a producer sends when it has ended may come late, and another run may have begun.
  news.answered = draining_ && header.attempt > 0;
}

bool MemberCore::may_leave(bool has_waited) const {
  if (!draining_ || current_) return false;
  const bool old_ends_count = has_waited && resting_;
  return std::all_of(producers_.begin(), producers_.end(), [&](const std::string& producer) {
    const auto news = news_.find(producer);
    return news != news_.end() && (news->second.answered || (news->second.ended && old_ends_count));
  });
}

Presence MemberCore::presence_for(const std::string& producer) {
  News& news = news_[producer];
  Presence presence;
  presence.member = identity_.name;
  presence.incarnation = identity_.incarnation;
  presence.address = identity_.address;
  presence.state = gone_       ? MemberState::kGone
                   : draining_ ? MemberState::kDraining
                               : MemberState::kReady;
  presence.run = news.run;
  presence.started = news.started;
  presence.returned = std::exchange(news.returned, {});
  news.untold = false;
  return presence;
}

std::vector<std::string> MemberCore::producers_with_news() const {
  std::vector<std::string> names;
  for (const auto& [name, news] : news_) {
    if (news.untold) names.push_back(name);
  }
  return names;
}

bool MemberCore::has_news_for(const std::string& producer) const {
  const auto news = news_.find(producer);
  return news != news_.end() && news->second.untold;
}

}  // namespace docmill
