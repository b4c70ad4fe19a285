#include "shared/document/named_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "shared/base/system_error.h"

namespace docmill {
namespace {

struct Closed {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error unreadable() { return config_error(fmt::format("cannot be read: {}", error_text(errno))); }

Result<std::string> content_of(const std::string& path) {
  const std::unique_ptr<std::FILE, Closed> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable();
  std::string bytes;
  char piece[1 << 14];
  std::size_t got = 0;
  do {
    got = std::fread(piece, 1, sizeof(piece), file.get());
    bytes.append(piece, got);
  } while (got > 0 && bytes.size() <= NamedFiles::kMostBytes);
  if (std::ferror(file.get()) != 0) return unreadable();
  return bytes;
}

}  // namespace

Result<std::string_view> NamedFiles::read(const std::filesystem::path& path) {
  const std::string name = path.lexically_normal().string();
  if (const auto known = contents_.find(name); known != contents_.end()) {
    return std::string_view(known->second);
  }
  if (given_) return config_error("not one of the files that came with these processors");
  auto content = content_of(name);
  if (!content) return content.error();
  bytes_ += content->size();
  if (bytes_ > kMostBytes) {
    return config_error(fmt::format(
        "expected at most {} MiB in all files that the processors read, found more; split the "
        "pipeline, or make the files smaller",
        kMostBytes >> 20));
  }
  return std::string_view(contents_.emplace(name, std::move(*content)).first->second);
}

}  // namespace docmill
