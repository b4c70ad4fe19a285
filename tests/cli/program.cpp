#include "tests/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/store/temp_folder.h"

namespace docmill::test {
namespace {

constexpr char kProgram[] = DOCMILL_BINARY_DIR "/docmill";

[[noreturn]] void become(const std::filesystem::path& folder, const std::string& input,
                         const std::string& out, const std::string& err,
                         const std::vector<std::string>& arguments) {
  std::vector<char*> words{const_cast<char*>(kProgram)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  if (chdir(folder.c_str()) == 0) execv(kProgram, words.data());
  _exit(127);
}

}  // namespace

Program::Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                 const std::string& input)
    : out_(folder / "stdout"), err_(folder / "stderr") {
  const std::string in = folder / "stdin";
  write_file(in, input);
  pid_ = fork();
  if (pid_ == 0) become(folder, in, out_, err_, arguments);
}

Program::~Program() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const { kill(pid_, number); }

pid_t Program::daemon(const std::string& name) const {
  const std::string process = "/proc/" + std::to_string(pid_);
  std::istringstream children(read_file(process + "/task/" + std::to_string(pid_) + "/children"));
  for (pid_t child = 0; children >> child;) {
    const std::string words = read_file("/proc/" + std::to_string(child) + "/cmdline");
    if (words.find(std::string("--name\0", 7) + name + '\0') != std::string::npos) return child;
  }
  return 0;
}

std::string Program::err() const { return read_file(err_); }

Outcome Program::wait() {
  int status = 0;
  const auto over = [&] { return waitpid(pid_, &status, WNOHANG) == pid_; };
  if (!wait_until(over) && !wait_until(over)) {
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
  }
  pid_ = 0;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return {code, read_file(out_), read_file(err_)};
}

Outcome docmill(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                const std::string& input) {
  return Program(folder, arguments, input).wait();
}

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

std::vector<std::string> lines_of(const std::vector<std::string>& files) {
  std::vector<std::string> lines;
  for (const std::string& file : files) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace docmill::test
