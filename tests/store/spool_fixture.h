// A Spool in a folder of its own, with short verbs.
#pragma once

#include <algorithm>
#include <map>

#include "shared/store/spool.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {

class KeptLines final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

struct SpoolFixture {
  Spool open() {
    auto spool = Spool::open(real_disk(), path(), limits, log);
    INFO((spool ? "" : spool.error().text));
    REQUIRE(spool.ok());
    return std::move(*spool);
  }
  Error refused() {
    const auto spool = Spool::open(real_disk(), path(), limits, log);
    REQUIRE_FALSE(spool.ok());
    return spool.error();
  }
  std::string path() const { return folder / "spool"; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempFolder folder;
  SpoolLimits limits{.bytes = Bytes{1 << 20}};
  KeptLines log;
};

inline std::uint64_t append(Spool& spool, std::string_view bytes, std::string_view key = {}) {
  const auto appended = spool.append(key, bytes);
  INFO((appended ? "" : appended.error().text));
  REQUIRE(appended.ok());
  return appended->number;
}

inline std::uint64_t put(Spool& spool, std::string_view bytes, std::string_view key = {}) {
  const std::uint64_t number = append(spool, bytes, key);
  REQUIRE(spool.sync().ok());
  return number;
}

using Records = std::map<std::uint64_t, std::string>;

inline Records read_all(Spool& spool, std::uint64_t after = 0) {
  Records records;
  while (true) {
    const auto record = spool.read(after);
    INFO((record ? "" : record.error().text));
    REQUIRE(record.ok());
    if (!*record) return records;
    REQUIRE((*record)->number > after);
    after = (*record)->number;
    records.emplace(after, (*record)->bytes);
  }
}

}  // namespace docmill
