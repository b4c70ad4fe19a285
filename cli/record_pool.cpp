#include "cli/record_pool.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace docmill {
namespace {

constexpr std::size_t kChunk = 1 << 20;

}  // namespace

bool RecordPool::add(std::string_view record, std::string place) {
  chunk_.bytes += record;
  chunk_.records.push_back({std::move(place), chunk_.bytes.size()});
  if (chunk_.bytes.size() < kChunk) return true;
  start();
  return under_way_.size() <= threads_ || print_first();
}

bool RecordPool::finish() {
  if (!chunk_.records.empty()) start();
  while (!under_way_.empty()) {
    if (!print_first()) return false;
  }
  return std::fflush(stdout) == 0;
}

void RecordPool::start() {
  const auto policy = threads_ > 1 ? std::launch::async : std::launch::deferred;
  under_way_.push_back(std::async(
      policy, [this, chunk = std::exchange(chunk_, {})] { return convert(options_, chunk); }));
}

RecordPool::Converted RecordPool::convert(const ConversionOptions& options, const Chunk& chunk) {
  Converted done;
  Conversion conversion = std::move(Conversion::open(options)).value();
  std::size_t begin = 0;
  for (const Record& record : chunk.records) {
    const auto bytes = std::string_view(chunk.bytes).substr(begin, record.end - begin);
    begin = record.end;
    if (auto converted = conversion.convert(bytes, done.lines); !converted) {
      ++done.failed;
      done.messages += fmt::format("{}: {}\n", record.place, converted.error().text);
    }
  }
  return done;
}

bool RecordPool::print_first() {
  const Converted done = under_way_.front().get();
  under_way_.pop_front();
  failed_ += done.failed;
  std::fputs(done.messages.c_str(), stderr);
  return std::fwrite(done.lines.data(), 1, done.lines.size(), stdout) == done.lines.size();
}

}  // namespace docmill
