#include "producer/files/plain_path.h"

#include <filesystem>
#include <system_error>

namespace docmill {

std::string plain_path(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::path whole = std::filesystem::absolute(path, unknown);
  if (unknown) return path;
  std::string plain;
  for (const std::filesystem::path& part : whole.relative_path()) {
    if (part.empty() || part == ".") continue;
    plain += "/" + part.string();
  }
  return plain.empty() ? "/" : plain;
}

}  // namespace docmill
