#include "shared/config/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/log.h"

namespace docmill {
namespace {

constexpr std::size_t kMostKept = 100;
constexpr std::size_t kMostShownBytes = 60;

// Never in the middle of a UTF-8 character.
std::string shown(std::string_view text) {
  if (text.size() <= kMostShownBytes) return escape_controls(text);
  std::size_t end = kMostShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return escape_controls(text.substr(0, end)) + "...";
}

}  // namespace

std::string to_string(const Finding& finding) {
  std::string line = finding.file;
  if (finding.line > 0) line += fmt::format(":{}", finding.line);
  if (!finding.path.empty()) line += ": " + finding.path;
  return line + ": " + finding.text;
}

void Findings::add(Finding finding) {
  ++total_;
  if (kept_.size() < kMostKept) kept_.push_back(std::move(finding));
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> all = kept_;
  std::stable_sort(all.begin(), all.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
  return all;
}

std::string Findings::text() const {
  std::string lines;
  for (const Finding& finding : sorted()) lines += to_string(finding) + "\n";
  if (total_ > kept_.size()) lines += fmt::format("and {} more\n", total_ - kept_.size());
  return lines;
}

Place Place::at(std::string_view name) const {
  Place deeper = *this;
  if (!path_.empty()) deeper.path_ += '.';
  deeper.path_ += shown(name);
  return deeper;
}

Place Place::at(std::size_t index) const {
  Place deeper = *this;
  deeper.path_ += fmt::format("[{}]", index);
  return deeper;
}

void Place::report(int line, std::string text) const {
  findings_->add({.file = file_, .line = line, .path = path_, .text = std::move(text)});
}

std::string quote(std::string_view text) { return "'" + shown(text) + "'"; }

}  // namespace docmill
