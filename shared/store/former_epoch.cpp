#include "shared/store/former_epoch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "shared/base/random.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/whole_file.h"

namespace docmill {

Result<std::uint64_t> FormerEpoch::read() const {
  std::string text;
  const int problem = read_whole(*disk_, file_, text);
  if (problem == ENOENT) return std::uint64_t{0};
  if (problem != 0) return file_error(file_.string(), "read", problem, "let this user read it");
  std::uint64_t epoch = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), epoch, 16);
  if (failed != std::errc() || std::string_view(end) != "\n") {
    return corrupt(fmt::format("{}: expected an epoch in hex, got '{}'; remove the file",
                               file_.string(), text.substr(0, 40)));
  }
  return epoch;
}

Result<void> FormerEpoch::keep(std::uint64_t epoch) const {
  const auto before = read();
  if (!before) return before.error();
  if (epoch <= *before) return {};
  return write_whole(*disk_, file_, fmt::format("{:016x}\n", epoch));
}

Result<std::uint64_t> FormerEpoch::next() const {
  const auto former = read();
  if (!former) return former.error();
  return std::max(random_number_of_now(), random_number_after(*former));
}

}  // namespace docmill
