#include "shared/protocol/share.h"

#include <algorithm>

namespace docmill {
namespace {

// Appends a span, joined to the one before it where both have the same outcome.
void append(std::vector<SettledSpan>& spans, const SettledSpan& next) {
  if (next.begin >= next.end) return;
  if (!spans.empty() && spans.back().end == next.begin && spans.back().outcome == next.outcome) {
    spans.back().end = next.end;
  } else {
    spans.push_back(next);
  }
}

// The last span that begins at or before the index; the end when there is none.
Share::const_iterator span_at(const Share& share, std::uint32_t index) {
  const auto behind =
      std::upper_bound(share.begin(), share.end(), index,
                       [](std::uint32_t value, const Span& span) { return value < span.begin; });
  return behind == share.begin() ? share.end() : std::prev(behind);
}

}  // namespace

std::uint32_t count(const Share& share) {
  std::uint32_t documents = 0;
  for (const Span& span : share) documents += span.end - span.begin;
  return documents;
}

bool contains(const Share& share, std::uint32_t index) {
  const auto span = span_at(share, index);
  return span != share.end() && index < span->end;
}

bool covers(const Share& share, const Share& part) {
  return std::all_of(part.begin(), part.end(), [&](const Span& span) {
    // Neighbours in a share need not be one span.
    std::uint32_t at = span.begin;
    for (auto outer = span_at(share, at); at < span.end; ++outer) {
      if (outer == share.end() || outer->begin > at || outer->end <= at) return false;
      at = outer->end;
    }
    return true;
  });
}

// The first span that ends behind the index.
std::size_t Settled::first_behind(std::uint32_t index) const {
  const auto found = std::upper_bound(
      spans_.begin(), spans_.end(), index,
      [](std::uint32_t value, const SettledSpan& span) { return value < span.end; });
  return static_cast<std::size_t>(found - spans_.begin());
}

// Puts other spans in the place of [first, last), joined to their neighbours.
void Settled::replace(std::size_t first, std::size_t last, std::vector<SettledSpan> with) {
  std::vector<SettledSpan> joined;
  if (first > 0) joined.push_back(spans_[--first]);
  if (joined.empty()) {
    joined = std::move(with);
  } else {
    for (const SettledSpan& span : with) append(joined, span);
  }
  if (last < spans_.size()) append(joined, spans_[last++]);
  const auto at = [&](std::size_t index) {
    return spans_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  const auto from = [&](std::size_t index) {
    return joined.begin() + static_cast<std::ptrdiff_t>(index);
  };
  const std::size_t common = std::min(last - first, joined.size());
  std::copy(joined.begin(), from(common), at(first));
  if (joined.size() > common) {
    spans_.insert(at(last), from(common), joined.end());
  } else {
    spans_.erase(at(first + common), at(last));
  }
}

OutcomeCounts Settled::add(std::span<const SettledSpan> sorted) {
  OutcomeCounts added{};
  if (sorted.empty()) return added;
  const auto overlap = [](const SettledSpan& a, const SettledSpan& b) { return b.begin < a.end; };
  if (std::adjacent_find(sorted.begin(), sorted.end(), overlap) != sorted.end()) {
    for (const SettledSpan& span : sorted) {
      const OutcomeCounts more = add(span);
      for (std::size_t i = 0; i < kOutcomes; ++i) added[i] += more[i];
    }
    return added;
  }
  const std::size_t first = first_behind(sorted.front().begin);
  std::size_t known = first;
  std::vector<SettledSpan> united;
  united.reserve(sorted.size() + 1);
  for (const SettledSpan& span : sorted) {
    while (known < spans_.size() && spans_[known].end <= span.begin) {
      append(united, spans_[known++]);
    }
    for (std::uint32_t at = span.begin; at < span.end;) {
      if (known < spans_.size() && spans_[known].begin <= at) {
        at = spans_[known].end;
        // One that reaches beyond this span may cover the next one, too.
        if (at <= span.end) append(united, spans_[known++]);
        continue;
      }
      const std::uint32_t end =
          known < spans_.size() ? std::min(span.end, spans_[known].begin) : span.end;
      append(united, {at, end, span.outcome});
      added[static_cast<std::size_t>(span.outcome)] += end - at;
      at = end;
    }
  }
  for (const std::uint64_t documents : added) documents_ += documents;
  replace(first, known, std::move(united));
  return added;
}

std::uint32_t Settled::bury(std::span<const std::uint32_t> sorted) {
  if (sorted.empty()) return 0;
  std::uint32_t buried = 0;
  const std::size_t first = first_behind(sorted.front());
  std::size_t known = first;
  std::vector<SettledSpan> left;
  left.reserve(2 * sorted.size() + 1);
  auto index = sorted.begin();
  for (; known < spans_.size() && index != sorted.end(); ++known) {
    SettledSpan span = spans_[known];
    for (; index != sorted.end() && *index < span.end; ++index) {
      if (*index < span.begin || span.outcome != Outcome::kDelivered) continue;
      append(left, {span.begin, *index, span.outcome});
      append(left, {*index, *index + 1, Outcome::kDead});
      span.begin = *index + 1;
      ++buried;
    }
    append(left, span);
  }
  replace(first, known, std::move(left));
  return buried;
}

void Settled::forget_void(const Share& share) {
  if (share.empty()) return;
  const std::size_t first = first_behind(share.front().begin);
  std::size_t known = first;
  std::vector<SettledSpan> left;
  auto wanted = share.begin();
  for (; known < spans_.size() && wanted != share.end(); ++known) {
    SettledSpan span = spans_[known];
    while (wanted != share.end() && wanted->end <= span.begin) ++wanted;
    for (; span.outcome == Outcome::kVoid && wanted != share.end() && wanted->begin < span.end;
         ++wanted) {
      append(left, {span.begin, std::max(span.begin, wanted->begin), span.outcome});
      const std::uint32_t end = std::min(span.end, wanted->end);
      documents_ -= end - std::max(span.begin, wanted->begin);
      span.begin = end;
      if (wanted->end > span.end || span.begin == span.end) break;
    }
    append(left, span);
  }
  replace(first, known, std::move(left));
}

bool Settled::covers(const Share& share) const {
  for (const Span& wanted : share) {
    std::uint32_t at = wanted.begin;
    for (std::size_t known = first_behind(at); at < wanted.end; ++known) {
      if (known == spans_.size() || spans_[known].begin > at) return false;
      at = spans_[known].end;
    }
  }
  return true;
}

bool Settled::whole(std::uint32_t documents) const {
  if (spans_.empty() || spans_.back().end <= documents) return documents_ == documents;
  return covers({{0, documents}});
}

Share Settled::missing(const Share& share) const {
  Share gaps;
  for (const Span& wanted : share) {
    std::uint32_t at = wanted.begin;
    for (std::size_t known = first_behind(at);
         known < spans_.size() && spans_[known].begin < wanted.end; ++known) {
      if (at < spans_[known].begin) gaps.push_back({at, spans_[known].begin});
      at = spans_[known].end;
    }
    if (at < wanted.end) gaps.push_back({at, wanted.end});
  }
  return gaps;
}

std::vector<SettledSpan> Settled::within(const Share& share) const {
  std::vector<SettledSpan> inside;
  for (const Span& wanted : share) {
    for (std::size_t known = first_behind(wanted.begin);
         known < spans_.size() && spans_[known].begin < wanted.end; ++known) {
      const std::uint32_t begin = std::max(spans_[known].begin, wanted.begin);
      const std::uint32_t end = std::min(spans_[known].end, wanted.end);
      if (begin < end) inside.push_back({begin, end, spans_[known].outcome});
    }
  }
  return inside;
}

}  // namespace docmill
