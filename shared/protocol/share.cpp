#include "shared/protocol/share.h"

#include <algorithm>

namespace docmill {

std::uint32_t count(const Share& share) {
  std::uint32_t documents = 0;
  for (const Span& span : share) documents += span.end - span.begin;
  return documents;
}

bool contains(const Share& share, std::uint32_t index) {
  return std::any_of(share.begin(), share.end(),
                     [index](const Span& span) { return span.begin <= index && index < span.end; });
}

OutcomeCounts Settled::add(const SettledSpan& span) {
  OutcomeCounts added{};
  for (const Span& gap : missing({{span.begin, span.end}})) {
    added[static_cast<std::size_t>(span.outcome)] += gap.end - gap.begin;
    spans_.push_back({gap.begin, gap.end, span.outcome});
  }
  std::sort(spans_.begin(), spans_.end(),
            [](const SettledSpan& a, const SettledSpan& b) { return a.begin < b.begin; });
  std::vector<SettledSpan> joined;
  for (const SettledSpan& next : spans_) {
    if (!joined.empty() && joined.back().end == next.begin &&
        joined.back().outcome == next.outcome) {
      joined.back().end = next.end;
    } else {
      joined.push_back(next);
    }
  }
  spans_ = std::move(joined);
  return added;
}

bool Settled::bury(std::uint32_t index) {
  Settled left;
  bool found = false;
  for (const SettledSpan& span : spans_) {
    if (span.outcome != Outcome::kDelivered || index < span.begin || index >= span.end) {
      left.add(span);
      continue;
    }
    found = true;
    if (span.begin < index) left.add({span.begin, index, span.outcome});
    left.add({index, index + 1, Outcome::kDead});
    if (index + 1 < span.end) left.add({index + 1, span.end, span.outcome});
  }
  *this = std::move(left);
  return found;
}

void Settled::forget_void(const Share& share) {
  Settled left;
  for (const SettledSpan& span : spans_) {
    if (span.outcome != Outcome::kVoid) {
      left.add(span);
      continue;
    }
    Settled inside;
    for (const Span& taken : share) inside.add({taken.begin, taken.end, Outcome::kVoid});
    for (const Span& kept : inside.missing({{span.begin, span.end}})) {
      left.add({kept.begin, kept.end, Outcome::kVoid});
    }
  }
  *this = std::move(left);
}

bool Settled::covers(const Share& share) const { return missing(share).empty(); }

bool Settled::whole(std::uint32_t documents) const { return covers({{0, documents}}); }

Share Settled::missing(const Share& share) const {
  Share gaps;
  for (const Span& wanted : share) {
    std::uint32_t at = wanted.begin;
    for (const SettledSpan& have : spans_) {
      if (have.end <= at) continue;
      if (have.begin >= wanted.end) break;
      if (at < have.begin) gaps.push_back({at, have.begin});
      at = have.end;
    }
    if (at < wanted.end) gaps.push_back({at, wanted.end});
  }
  return gaps;
}

std::vector<SettledSpan> Settled::within(const Share& share) const {
  std::vector<SettledSpan> inside;
  for (const Span& wanted : share) {
    for (const SettledSpan& have : spans_) {
      const std::uint32_t begin = std::max(have.begin, wanted.begin);
      const std::uint32_t end = std::min(have.end, wanted.end);
      if (begin < end) inside.push_back({begin, end, have.outcome});
    }
  }
  return inside;
}

}  // namespace docmill
