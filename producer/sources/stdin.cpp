// `stdin`: what another program writes into the producer, line by line.
//
// What it has read and not yet made durable dies with the process: a pipe cannot be read twice.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "producer/files/file_documents.h"
#include "producer/files/format_choice.h"
#include "producer/sources/sources.h"
#include "producer/spooled/line_intake.h"
#include "producer/spooled/spooled_source.h"
#include "shared/config/schema.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

using namespace literals;

constexpr std::size_t kRead = 256 << 10;
constexpr std::size_t kMostOfACall = 1 << 20;

struct StdinConfig {
  FormatChoice format = FormatChoice::kAuto;
  Bytes spool = 1_GiB;
};

Schema<StdinConfig> schema() {
  return Schema<StdinConfig>(
             "stdin",
             "Read lines that another program writes into the producer: cat FILE | docmill run. "
             "Each is in the spool before it goes on; what was read and is not there yet is lost "
             "when the producer is killed. Only one producer can have it.")
      .field("format", &StdinConfig::format, "What a line is; auto looks at its first character.")
      .field("spool", &StdinConfig::spool, "Most that waits on disk to be settled.",
             at_least(1_MiB));
}

// What was read of stdin when its source ended, for the next one in this process: after a reload
// nobody can read it again. Only the thread of the source has it.
struct Unfinished {
  dev_t device = 0;  // of which stdin
  ino_t inode = 0;
  LineIntake lines;
  bool ended = false;
};
std::optional<Unfinished> unfinished;

class StdinInlet final : public Inlet {
 public:
  StdinInlet(FileDescriptor pipe, FormatChoice format, Bytes limit)
      : pipe_(std::move(pipe)), lines_("stdin", format, limit) {
    // Larger than what a pipe holds by itself, so that a sync is for more lines. It need not work.
    fcntl(pipe_.number(), F_SETPIPE_SZ, static_cast<int>(kMostOfACall));
    fstat(pipe_.number(), &status_);
    if (unfinished && unfinished->device == status_.st_dev && unfinished->inode == status_.st_ino) {
      lines_ = std::move(unfinished->lines);
      lines_.read_as(format, limit);
      ended_ = unfinished->ended;
    }
    unfinished.reset();
  }
  ~StdinInlet() override {
    unfinished.emplace(Unfinished{status_.st_dev, status_.st_ino, std::move(lines_), ended_});
  }
  StdinInlet(const StdinInlet&) = delete;
  StdinInlet& operator=(const StdinInlet&) = delete;

  Result<void> take_in(Spool& spool) override {
    if (auto given = lines_.give(spool, ended_); !given) return given;
    for (std::size_t taken = 0; taken < kMostOfACall && !ended_ && !lines_.waits();) {
      if (!readable()) break;
      const ssize_t got = ::read(pipe_.number(), lines_.room(kRead), kRead);
      lines_.came(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno != EAGAIN && errno != EINTR) {
        return file_error("stdin", "read", errno, "give the producer something to read");
      }
      ended_ = got == 0;
      taken += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      if (auto given = lines_.give(spool, ended_); !given) return given;
    }
    return {};
  }
  void kept() override {}
  bool ended() const override { return ended_ && lines_.empty(); }
  int fd() const override { return ended_ || lines_.waits() ? -1 : pipe_.number(); }

 private:
  // Asked of the kernel, as a descriptor that is made non-blocking is so for everybody who has it.
  bool readable() const {
    pollfd asked{.fd = pipe_.number(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
  }

  FileDescriptor pipe_;
  struct stat status_ {};
  LineIntake lines_;
  bool ended_ = false;
};

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const StdinConfig&>(settings);
  // A descriptor of its own: the process keeps its stdin when this source ends.
  FileDescriptor pipe(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!pipe.open()) {
    return file_error("stdin", "open", errno, "give the producer something to read");
  }
  return SpooledSource::open(
      std::make_unique<StdinInlet>(std::move(pipe), config.format, context.limits.document),
      config.spool, context);
}

}  // namespace

SourceComponent stdin_source() { return {schema(), open, spooled_kind}; }

}  // namespace docmill
