// What a source is opened with, and how a catalog entry opens it.
#pragma once

#include <algorithm>
#include <any>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/input_counters.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/component.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/component.h"
#include "shared/runtime/raw_intake.h"
#include "shared/store/disk.h"
#include "shared/transport/context.h"

namespace docmill {

class DiskReserve;

// Between two tries of what fails as kUnavailable: a full disk, no descriptor left.
inline constexpr Duration kRetryFullDisk = std::chrono::seconds(2);

using SourceRows = std::map<std::uint64_t, std::string>;

inline void append_rows(SourceRows& rows, const std::vector<std::string>& more) {
  std::uint64_t number = rows.empty() ? 0 : rows.rbegin()->first + 1;
  for (const std::string& text : more) rows.emplace_hint(rows.end(), number++, text);
}

// Of the rows that are forgotten the last one stays, empty: it tells which numbers were given.
// forgotten: its number, from one call to the next.
inline void rewrite_rows(SourceRows& rows, const SourceRows& texts,
                         std::optional<std::uint64_t>& forgotten) {
  for (const auto& [number, text] : texts) {
    rows.at(number) = text;
    if (!text.empty()) continue;
    if (forgotten && *forgotten != number) rows.erase(std::min(*forgotten, number));
    forgotten = std::max(forgotten.value_or(number), number);
  }
}

// The number of the row that an earlier run left for that.
inline std::optional<std::uint64_t> forgotten_row(const SourceRows& rows) {
  for (const auto& [number, text] : rows) {
    if (text.empty()) return number;
  }
  return std::nullopt;
}

// Durable facts of a source, numbered in the order in which they were appended: the files it has
// met, for example. What decides which documents come in which order is appended before the first
// of them is given out.
class SourceCatalog {
 public:
  virtual ~SourceCatalog() = default;
  // From now on the rows are those of this kind of source.
  virtual Result<void> select(const std::string& /*kind*/) { return {}; }
  // All rows of earlier runs and of this one, by number; those that were forgotten are missing, or
  // empty.
  virtual const SourceRows& rows() const = 0;
  // Durable when it returns.
  virtual Result<void> append(const std::vector<std::string>& rows) = 0;
  // Other texts for rows that are there; an empty one forgets its row. Durable when it returns, all
  // of it or nothing.
  virtual Result<void> rewrite(const SourceRows& texts) = 0;
};

struct SourceContext {
  std::string producer;  // the name of this producer; {producer} in paths
  std::string position;  // where to read on; empty: from the beginning
  LimitsConfig limits;
  XmlConfig xml;
  SourceCatalog& catalog;  // outlives the source
  const Clock& clock;
  Log& log;
  std::uint64_t epoch = 0;  // of the producer's state: its life, in what other producers see of it
  std::filesystem::path folder = {};  // of the producer's state, locked by it
  const Context* sockets = nullptr;   // outlives the source
  RawCounters* raw = nullptr;         // outlives the source
  InputCounters* inputs = nullptr;    // outlives the source
  Disk* disk = nullptr;               // has the folder; outlives the source
  // The pipeline file has another source by now: this one reads again what was sent of it, and
  // leaves its inputs as they are.
  bool former = false;
  DiskReserve* reserve = nullptr;  // of the folder, null: none; outlives the source
};

// What a source may have given out when another kind of source takes its place.
struct Leaving {
  std::string position;         // up to here everything is settled
  std::uint64_t batches = 0;    // after it that may have been sent; an upper bound
  std::uint64_t documents = 0;  // in those batches; an upper bound
};

// What is lost of it when it cannot be opened any more.
struct Leftover {
  // Inputs that were begun and not finished, or that such batches may be of, for people. None: it
  // can go.
  std::vector<std::string> inputs;
  std::string past;  // the position after all that it may have given out
  SourceRows rows;   // other texts for rows of its kind, when these inputs are given up
};

// A source as the catalog lists it: its declaration, and what opens it with the parsed settings.
struct SourceComponent {
  AnySchema schema;
  std::function<Result<std::unique_ptr<Source>>(const std::any& settings, const SourceContext&)>
      open;
  // What all its positions begin with. Sources of one kind resume where another one of it stopped;
  // when the kind changes, the former source is drained before the new one begins.
  std::function<std::string(const std::any& settings, const std::string& producer)> kind;
  // How many documents one producer will read, where the settings tell: for progress bars.
  std::function<std::optional<std::uint64_t>(const std::any& settings)> total = {};
  // Opens it on this one file in place of its own path; empty where it reads no files.
  std::function<Result<std::unique_ptr<Source>>(
      const std::any& settings, const std::filesystem::path& file, const SourceContext&)>
      open_on = {};
  // Without opening it, with the catalog at the rows of its kind; empty where it needs nothing
  // outside of the producer's state folder and so can always be opened.
  std::function<Result<Leftover>(const std::any& settings, const Leaving&, const SourceContext&)>
      leftover = {};
};

// Every source there is.
std::vector<SourceComponent> source_components();

}  // namespace docmill
