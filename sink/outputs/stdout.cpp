#include "sink/outputs/stdout.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "shared/config/schema.h"
#include "shared/store/file_descriptor.h"
#include "sink/json_line.h"

namespace docmill {
namespace {

// As long as sync() may take where nobody reads, in milliseconds. A pipe that is writable takes
// PIPE_BUF bytes without waiting.
constexpr int kPatience = 200;

struct StdoutConfig {
  bool metadata = false;
};

// What is written cannot be taken back, so a group comes again when the sink dies before its
// commit.
class StdoutOutput final : public Output {
 public:
  explicit StdoutOutput(bool with_metadata) : line_(with_metadata) {
    struct stat found {};
    is_file_ = fstat(STDOUT_FILENO, &found) == 0 && S_ISREG(found.st_mode);
  }

  void add(const DocumentId&, const DocumentView& document) override {
    group_ += line_.write(document);
    group_ += '\n';
  }

  Result<void> sync() override {
    while (written_ < group_.size()) {
      pollfd room{STDOUT_FILENO, POLLOUT, 0};
      if (!is_file_ && poll(&room, 1, kPatience) == 0) return unavailable("");
      const std::size_t left = group_.size() - written_;
      const ssize_t count = ::write(STDOUT_FILENO, group_.data() + written_,
                                    is_file_ ? left : std::min<std::size_t>(left, PIPE_BUF));
      if (count > 0) {
        written_ += static_cast<std::size_t>(count);
      } else if (count < 0 && errno != EINTR && errno != EAGAIN && is_transient(errno)) {
        // What was written stays; it goes on behind it.
        return unavailable(
            fmt::format("stdout: write {} bytes: {}", group_.size() - written_, error_text(errno)));
      } else if (count < 0 && errno != EINTR && errno != EAGAIN) {
        return corrupt(fmt::format("stdout: write: {}; start again with a reader that stays",
                                   error_text(errno)));
      }
    }
    group_.clear();
    written_ = 0;
    return {};
  }
  void marks(std::vector<FileMark>&) const override {}

 private:
  JsonLine line_;
  std::string group_;
  std::size_t written_ = 0;  // of the group
  bool is_file_;             // which is never full of what nobody reads
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext&) {
  const auto& config = std::any_cast<const StdoutConfig&>(settings);
  return std::unique_ptr<Output>(std::make_unique<StdoutOutput>(config.metadata));
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
