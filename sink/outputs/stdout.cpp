#include "sink/outputs/stdout.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/config/schema.h"
#include "shared/store/file_descriptor.h"
#include "sink/json_line.h"
#include "sink/open_line.h"

namespace docmill {
namespace {

// As long as sync() may take, also where a reader takes a little at a time: nothing else of the
// sink runs meanwhile. A pipe that is writable takes PIPE_BUF bytes without waiting.
constexpr Duration kPatience = std::chrono::milliseconds(20);

struct StdoutConfig {
  bool metadata = false;
};

// What is written cannot be taken back, so a group comes again when the sink dies before its
// commit.
class StdoutOutput final : public Output {
 public:
  StdoutOutput(bool with_metadata, OpenLine open_line)
      : line_(with_metadata), open_line_(std::move(open_line)) {
    struct stat found {};
    is_file_ = fstat(STDOUT_FILENO, &found) == 0 && S_ISREG(found.st_mode);
  }

  void add(const DocumentId&, const DocumentView& document) override {
    group_ += line_.write(document);
    group_ += '\n';
  }

  Result<void> sync() override {
    if (!group_.empty() && !looked_) {
      const auto left = open_line_.left();
      if (!left) return left.error();
      if (*left) group_.insert(group_.begin(), '\n');
      looked_ = true;
    }
    return write_until(group_.size(), clock_.now() + kPatience);
  }
  // The rest of a line that was begun, if the reader takes it. A later life of the sink writes all
  // of the line again, behind the half of it.
  void end(Duration left) override {
    if (written_ == 0 || group_[written_ - 1] == '\n') return;
    static_cast<void>(write_until(group_.find('\n', written_) + 1, clock_.now() + left));
  }
  void marks(std::vector<FileMark>&) const override {}

 private:
  Result<void> write_until(std::size_t end, Time deadline) {
    while (written_ < end) {
      if (!has_room(deadline)) return unavailable("");
      if (auto written = write_piece(end); !written) return written;
      if (!is_file_ && written_ < end && clock_.now() >= deadline) return unavailable("");
    }
    if (written_ == group_.size()) {
      group_.clear();
      written_ = 0;
    }
    return {};
  }

  bool has_room(Time deadline) const {
    if (is_file_) return true;
    const Duration left = std::max(deadline - clock_.now(), Duration::zero());
    pollfd room{STDOUT_FILENO, POLLOUT, 0};
    return poll(&room, 1,
                static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count())) != 0;
  }

  // A pipe takes so many bytes as a whole. Lines are not divided where they fit in, so that a sink
  // that ends between two pieces has not written half a line.
  std::size_t piece(std::size_t end) const {
    const std::string_view left(group_.data() + written_, end - written_);
    if (is_file_ || left.size() <= PIPE_BUF) return left.size();
    const std::size_t line_end = left.substr(0, PIPE_BUF).rfind('\n');
    return line_end == left.npos ? PIPE_BUF : line_end + 1;
  }

  Result<void> write_piece(std::size_t end) {
    const std::size_t size = piece(end);
    if (auto known = note_cut(written_ + size); !known) return known;
    const ssize_t count = ::write(STDOUT_FILENO, group_.data() + written_, size);
    if (count > 0) return written(static_cast<std::size_t>(count));
    if (count == 0 || errno == EINTR || errno == EAGAIN) return {};
    if (!is_transient(errno)) {
      return corrupt(fmt::format("stdout: write: {}; start again with a reader that stays",
                                 error_text(errno)));
    }
    // What was written stays; the next call continues behind it.
    return unavailable(
        fmt::format("stdout: write {} bytes: {}", group_.size() - written_, error_text(errno)));
  }

  Result<void> written(std::size_t count) {
    written_ += count;
    if (!is_file_ && group_[written_ - 1] == '\n') open_line_.end();
    return note_cut(written_);
  }

  // A write ends there, or has ended.
  Result<void> note_cut(std::size_t end) {
    return is_file_ || group_[end - 1] == '\n' ? Result<void>() : open_line_.begin();
  }

  JsonLine line_;
  OpenLine open_line_;
  bool looked_ = false;  // for what an earlier life has left
  std::string group_;
  std::size_t written_ = 0;  // of the group
  SystemClock clock_;
  bool is_file_;  // which is never full of what nobody reads
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const StdoutConfig&>(settings);
  return std::unique_ptr<Output>(std::make_unique<StdoutOutput>(
      config.metadata, OpenLine(context.ledger.disk(), context.folder / "stdout")));
}

}  // namespace

OutputComponent stdout_output() {
  return {
      Schema<StdoutConfig>(
          "stdout",
          "Writes each document to the sink's standard output, one line per document, like "
          "`ndjson`. At least once: after a crash the last lines come again. A reader that goes "
          "away ends the sink; one that is slow makes the pipeline wait.")
          .field("metadata", &StdoutConfig::metadata, std::string(kMetadataMeaning)),
      open};
}

}  // namespace docmill
