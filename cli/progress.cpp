#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "shared/base/put_text.h"

namespace docmill {
namespace {

constexpr std::size_t kBarWidth = 14;
constexpr Duration kRateOver = std::chrono::seconds(3);

Duration interval(Progress::Style style) {
  switch (style) {
    case Progress::Style::kBar:
      return std::chrono::milliseconds(250);
    case Progress::Style::kLines:
      return std::chrono::seconds(10);
    case Progress::Style::kJson:
      return std::chrono::seconds(1);
  }
  return std::chrono::seconds(10);
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string rate_text(double rate) { return human_count(static_cast<std::uint64_t>(rate)) + "/s"; }

double seconds_of(Duration elapsed) { return std::chrono::duration<double>(elapsed).count(); }

}  // namespace

std::string elapsed_text(Duration elapsed) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

std::string bar_text(const Figures& figures) {
  std::string text;
  if (figures.total && *figures.total > 0) {
    const double part =
        std::min(1.0, static_cast<double>(figures.settled()) / static_cast<double>(*figures.total));
    const auto full = static_cast<std::size_t>(part * static_cast<double>(kBarWidth));
    text = fmt::format("{}% [{}{}] {} of {}", static_cast<int>(part * 100), std::string(full, '#'),
                       std::string(kBarWidth - full, ' '), human_count(figures.settled()),
                       human_count(*figures.total));
  } else {
    text = human_count(figures.delivered) + " delivered";
  }
  return fmt::format("{}  {}  {}  in flight {}  dead {}  members {}", text, rate_text(figures.rate),
                     elapsed_text(figures.elapsed), human_count(figures.in_flight),
                     human_count(figures.dead), figures.members) +
         (figures.waiting > 0 ? "  waiting " + human_count(figures.waiting) : "");
}

std::string line_text(const Figures& figures) {
  return fmt::format("{}: {} documents delivered, {}, {} in flight, {} dead, {} member{}",
                     elapsed_text(figures.elapsed), human_count(figures.delivered),
                     rate_text(figures.rate), human_count(figures.in_flight),
                     human_count(figures.dead), figures.members, figures.members == 1 ? "" : "s") +
         (figures.waiting > 0 ? ", " + human_count(figures.waiting) + " waiting in spools" : "");
}

std::string progress_json(const Figures& figures) {
  nlohmann::ordered_json json = {{"event", "progress"},
                                 {"seconds", seconds_of(figures.elapsed)},
                                 {"read", figures.read},
                                 {"delivered", figures.delivered},
                                 {"filtered", figures.filtered},
                                 {"dead", figures.dead},
                                 {"in_flight", figures.in_flight},
                                 {"members", figures.members},
                                 {"waiting", figures.waiting},
                                 {"rate", figures.rate},
                                 {"total", nullptr}};
  if (figures.total) json["total"] = *figures.total;
  return json.dump();
}

Progress::Style Progress::choose(bool json) {
  if (json) return Style::kJson;
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDERR_FILENO) == 1 && !dumb ? Style::kBar : Style::kLines;
}

Progress::Progress(Style style, std::optional<std::uint64_t> total, Time now)
    : style_(style), began_(now), next_(now + interval(style)) {
  figures_.total = total;
}

void Progress::take(const Status& status, Time now) {
  if (status.role == "sink") {
    const auto waiting = status.values.find("spilled_waiting");
    if (waiting != status.values.end()) waiting_[status.name] = waiting->second;
    return;
  }
  if (status.role != "producer") return;
  producers_[status.name] = status;
  measure(now);
}

void Progress::measure(Time now) {
  Figures sum;
  sum.total = figures_.total;
  sum.elapsed = now - began_;
  for (const auto& [name, status] : producers_) {
    const auto value = [&values = status.values](const char* gauge) {
      const auto found = values.find(gauge);
      return found == values.end() ? 0 : found->second;
    };
    sum.read += value("read");
    sum.delivered += value("delivered");
    sum.filtered += value("filtered");
    sum.dead += value("dead");
    sum.in_flight += value("in_flight");
    sum.members = std::max(sum.members, value("members"));
  }
  for (const auto& [name, waiting] : waiting_) sum.waiting += waiting;
  settled_.emplace_back(now, sum.settled());
  while (now - settled_.front().first > kRateOver && settled_.size() > 2) settled_.pop_front();
  const auto& [then, before] = settled_.front();
  // A producer that was started again counts from its checkpoint.
  if (now > then && sum.settled() > before) {
    sum.rate = static_cast<double>(sum.settled() - before) / seconds_of(now - then);
  }
  figures_ = sum;
}

void Progress::tick(Time now) {
  if (now < next_) return;
  next_ = now + interval(style_);
  measure(now);
  switch (style_) {
    case Style::kBar:
      put_text(stderr, "\r{}\x1b[K", bar_text(figures_).substr(0, terminal_width() - 1));
      std::fflush(stderr);
      drawn_ = true;
      break;
    case Style::kLines:
      put_text(stderr, "{}\n", line_text(figures_));
      break;
    case Style::kJson:
      put_text("{}\n", progress_json(figures_));
      std::fflush(stdout);
      break;
  }
}

void Progress::say(const std::string& line) {
  close();
  put_text(stderr, "{}\n", line);
}

void Progress::close() {
  if (drawn_) put_text(stderr, "\r\x1b[K");
  drawn_ = false;
}

std::uint64_t Progress::read_by(const std::string& producer) const {
  const auto found = producers_.find(producer);
  if (found == producers_.end()) return 0;
  const auto value = found->second.values.find("read");
  return value == found->second.values.end() ? 0 : value->second;
}

}  // namespace docmill
