#include "tests/conformance/differences.h"

#include <fmt/format.h>

#include <sstream>

#include "tests/conformance/suite.h"

namespace docmill::conformance {

Differences Differences::read(const std::string& path) {
  Differences differences;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::pair<std::string, std::string> key;
    Entry entry;
    words >> key.first >> key.second >> std::ws;
    std::getline(words, entry.reason);
    differences.entries_[key] = entry;
  }
  return differences;
}

const std::string* Differences::reason(const std::string& where, const std::string& id) const {
  const auto entry = entries_.find({where, id});
  return entry == entries_.end() ? nullptr : &entry->second.reason;
}

void Differences::found(const std::string& where, const std::string& id) {
  entries_.at({where, id}).found = true;
}

std::string Differences::not_found() const {
  std::string out;
  for (const auto& [key, entry] : entries_) {
    if (!entry.found) {
      out += fmt::format("{} {}: listed as '{}', but it does not differ\n", key.first, key.second,
                         entry.reason);
    }
  }
  return out;
}

}  // namespace docmill::conformance
