// The real docmill, run in a folder of its own, and what it says.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace docmill::test {

struct Outcome {
  int code = -1;  // minus the signal that ended it
  std::string out;
  std::string err;
};

// A resource: what still runs at its end is killed.
class Program {
 public:
  // In `folder`, which also gets its output; the arguments follow `docmill`.
  Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
          const std::string& input = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  // The process of the daemon of that name; 0 when it does not run.
  pid_t daemon(const std::string& name) const;
  // What it has written on standard error so far.
  std::string err() const;
  // Its end; a minus in the code when it has none in two minutes.
  Outcome wait();

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = 0;
};

Outcome docmill(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                const std::string& input = "");

// Whether the condition became true within a minute.
bool wait_until(const std::function<bool()>& condition);

// The lines of the files together, sorted.
std::vector<std::string> lines_of(const std::vector<std::string>& files);

}  // namespace docmill::test
