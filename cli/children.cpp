#include "cli/children.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "shared/base/in_use.h"
#include "shared/runtime/exit_code.h"

namespace docmill {
namespace {

constexpr Duration kFirstBackoff = std::chrono::milliseconds(200);
constexpr Duration kLastBackoff = std::chrono::seconds(5);
// One that ran this long begins with the first backoff again.
constexpr Duration kSteady = std::chrono::seconds(10);
// An address that is in use for longer stays so. A daemon of a run that was killed may still have
// it for a moment.
constexpr int kMaxInUse = 5;
constexpr Duration kLongestInUse = std::chrono::seconds(10);

// In the child, between vfork and exec, in the memory of the parent: changes nothing there, and
// makes only calls that are safe while the parent has threads. Its blocked signals stay blocked:
// one that comes before the daemon looks for them waits for it.
[[noreturn]] void become(char* const* arguments, const ChildSpec& spec, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kExitUnavailable);
  const int nothing = open("/dev/null", O_RDONLY);
  const int output = open(spec.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (nothing < 0 || output < 0) _exit(is_transient(errno) ? kExitUnavailable : kExitIo);
  if (!spec.reads_stdin) dup2(nothing, STDIN_FILENO);
  dup2(spec.output >= 0 ? spec.output : output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments[0], arguments);
  constexpr char kMissing[] = "docmill: this daemon's program is not beside docmill\n";
  if (write(STDERR_FILENO, kMissing, sizeof kMissing - 1) < 0) _exit(kExitIo);
  _exit(kExitUsage);
}

// What keeps lines out of the log, which then has not got the reason for an end; empty when nothing
// does.
std::string log_trouble(const std::filesystem::path& log) {
  constexpr off_t kLine = 4096;
  const FileDescriptor file(open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  struct stat facts {};
  if (!file.open() || fstat(file.number(), &facts) != 0) return error_text(errno);
  const int done = fallocate(file.number(), FALLOC_FL_KEEP_SIZE, facts.st_size, kLine);
  return done != 0 && is_transient(errno) ? error_text(errno) : std::string();
}

// Of a line of a daemon's log: what follows its time, level and name.
std::string text_of(const std::string& line, const std::string& name) {
  const std::string before = fmt::format(" error {} ", name);
  const std::size_t at = line.find(before);
  return at == std::string::npos ? line : line.substr(at + before.size());
}

}  // namespace

Children::~Children() { kill_all(); }

std::string Children::Failure::text() const {
  const std::string what =
      fmt::format("{} {} could not go on and ended with code {}", role, name, code);
  return reason.empty() ? what : fmt::format("{}: {}", what, reason);
}

void Children::start(ChildSpec spec, Time now) {
  LogTail log(spec.log);
  children_.push_back({.spec = std::move(spec), .log = std::move(log), .fate = {}});
  spawn(children_.back(), now);
}

void Children::spawn(Child& child, Time now) {
  std::vector<char*> arguments;
  for (std::string& word : child.spec.command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  // fork() would copy the page tables, which made a run of four daemons 35 ms longer.
  const pid_t pid = vfork();
  if (pid == 0) become(arguments.data(), child.spec, parent);
  child.started = now;
  child.error.clear();
  if (pid < 0) {
    child.fate = "found no room for another process";
    child.backoff = kLastBackoff;
    child.due = now + kLastBackoff;
    return;
  }
  child.pid = pid;
  // By number: the header of glibc 2.36 declares it for C alone. Without it the end is noticed at
  // the next tick.
  child.end = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void Children::watch(Poller& poller) const {
  for (const Child& child : children_) {
    if (child.end.open()) poller.readable(child.end.number());
  }
}

void Children::tick(Time now) {
  for (Child& child : children_) {
    int status = 0;
    const bool over = child.pid != 0 && waitpid(child.pid, &status, WNOHANG) == child.pid;
    // After its end was seen, so that its last words come before what is said of it.
    for (const std::string& line : child.log.lines()) {
      if (!is_for_people(line)) continue;
      say_(line);
      child.error = line;
    }
    if (over) {
      ended(child, status, now);
    } else if (child.pid == 0 && !child.gone && now >= child.due) {
      say_(fmt::format("{} {}; started again", child.spec.name, child.fate));
      spawn(child, now);
    }
  }
}

bool Children::is_last(const Child& child) const {
  return std::none_of(children_.begin(), children_.end(), [&](const Child& other) {
    return &other != &child && other.spec.role == child.spec.role && !other.gone;
  });
}

bool Children::finds_address_in_use(Child& child, int code, Time now) {
  const bool in_a_row = child.in_use > 0 && now - child.started <= kSteady;
  if (code != kExitUnavailable || !child.error.ends_with(kInUse)) {
    child.in_use = 0;
  } else if (!in_a_row) {
    child.in_use = 1;
    child.in_use_since = now;
  } else {
    ++child.in_use;
  }
  return child.in_use >= kMaxInUse && now - child.in_use_since >= kLongestInUse;
}

void Children::ended(Child& child, int status, Time now) {
  child.pid = 0;
  child.end = FileDescriptor(-1);
  const bool killed = WIFSIGNALED(status);
  const int code = killed ? 0 : WEXITSTATUS(status);
  child.fate = killed ? fmt::format("was killed by signal {}", WTERMSIG(status))
                      : fmt::format("ended with code {}", code);
  if (const auto trouble = code == kExitOk ? "" : log_trouble(child.spec.log); !trouble.empty()) {
    say_(fmt::format("{}: {}; it may lack why {} ended", child.spec.log.string(), trouble,
                     child.spec.name));
  }
  // It has ended in order; the others have input of their own.
  if (code == kExitData && child.spec.role == "producer") {
    child.gone = true;
    incomplete_.push_back(child.spec.name);
    return;
  }
  // It ends with this code only when it is told to stop.
  if (code == kExitWaiting && child.spec.role == "producer") {
    child.gone = true;
    if (child.told) return;
    say_(fmt::format("{} was stopped before all of its input was settled; the others go on",
                     child.spec.name));
    interrupted_.push_back(child.spec.name);
    return;
  }
  const bool in_use = finds_address_in_use(child, code, now) && !child.told;
  const bool again = killed || (code == kExitUnavailable && !in_use) || code == kExitOverdue;
  if (!again && code != kExitOk) {
    child.gone = true;
    const std::string reason = in_use ? text_of(child.error, child.spec.name) : "";
    if (!failure_) failure_ = Failure{child.spec.role, child.spec.name, code, reason};
    return;
  }
  // Unless the pipeline would stand still without it, a transformer that someone told to leave may.
  const bool may_leave =
      child.spec.role == "producer" || (child.spec.role == "transformer" && !is_last(child));
  if (child.told || (!again && may_leave)) {
    if (!child.told && child.spec.role == "transformer") {
      say_(fmt::format("{} was told to leave, and has left; the others go on", child.spec.name));
    }
    child.gone = true;
    return;
  }
  if (child.backoff == Duration{} || now - child.started > kSteady) child.backoff = kFirstBackoff;
  child.due = now + child.backoff;
  child.backoff = std::min(child.backoff * 2, kLastBackoff);
}

void Children::stop(const std::string& role, int signal) {
  for (Child& child : children_) {
    if (child.spec.role != role || child.gone) continue;
    child.told = true;
    if (child.pid != 0) {
      kill(child.pid, signal);
    } else {
      child.gone = true;
    }
  }
}

void Children::kill_all() {
  for (Child& child : children_) {
    if (child.pid != 0) {
      kill(child.pid, SIGKILL);
      waitpid(child.pid, nullptr, 0);
    }
    child.pid = 0;
    child.end = FileDescriptor(-1);
    child.gone = true;
  }
}

bool Children::gone(const std::string& role) const {
  return std::all_of(children_.begin(), children_.end(),
                     [&](const Child& child) { return child.spec.role != role || child.gone; });
}

}  // namespace docmill
