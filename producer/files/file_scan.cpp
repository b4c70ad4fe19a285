#include "producer/files/file_scan.h"

#include <fmt/format.h>

#include <utility>

namespace docmill {

FileScan::FileScan(Options options, FileCatalog& catalog, const Clock& clock, Log& log)
    : options_(std::move(options)), catalog_(catalog), clock_(clock), log_(log) {
  if (!options_.watched) return;
  catalog_.watch();
  watch_ = std::make_unique<FolderWatch>(options_.path, clock);
}

void FileScan::serve() {
  if (watch_ && watch_->due()) due_ = true;
}

Result<std::optional<std::size_t>> FileScan::step() {
  auto added = scan();
  for (const std::string& text : catalog_.take_passed_over()) {
    if (const auto held_back = throttle_.due(text, clock_.now())) {
      log_.warn("producer.source.{}.path: {}{}", options_.key, text, more_like_it(*held_back));
    }
  }
  return added;
}

Result<std::optional<std::size_t>> FileScan::scan() {
  if (!watch_) {
    auto added = catalog_.scan();
    if (added) return added;
    return Error{added.error().code,
                 fmt::format("producer.source.{}.{}", options_.key, added.error().text)};
  }
  if (!catalog_.scanning()) {
    if (!std::exchange(due_, false)) return std::optional<std::size_t>(0);
    watch_->looked();
    spent_ = {};
  }
  const Time began = clock_.now();
  auto added = catalog_.scan();
  spent_ += clock_.now() - began;
  if (added && !*added) return added;
  watch_->rest_after(spent_);
  if (!added && added.error().code != ErrorCode::kConfig) return added;
  const std::string missing = watch_->trouble();
  report_trouble(added || !missing.empty() ? missing : added.error().text);
  return added ? *added : std::optional<std::size_t>(0);
}

// Once, and when it is over. The text begins with the field.
void FileScan::report_trouble(const std::string& text) {
  if (!text.empty() && text != reported_) {
    log_.warn("producer.source.{}.{}", options_.key, text);
  }
  if (text.empty() && !reported_.empty()) {
    log_.info("producer.source.{}.path: {} is read again", options_.key, options_.path);
  }
  reported_ = text;
}

}  // namespace docmill
