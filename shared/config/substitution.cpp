#include "shared/config/substitution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "shared/config/findings.h"

namespace docmill {
namespace {

constexpr std::size_t kLargestFile = 64 << 10;
constexpr std::string_view kEnvironment = "${env:";
constexpr std::string_view kFile = "${file:";
constexpr std::string_view kLiteral = "$${";

Result<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return config_error(fmt::format(
        "expected the environment variable {}, found none; set it where this program is started",
        quote(name)));
  }
  return std::string(value);
}

Result<std::string> content(const std::string& path) {
  std::string text(kLargestFile + 1, '\0');
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return config_error(fmt::format("expected a file {} that can be read, found: {}", quote(path),
                                    errno == 0 ? "not a file" : std::strerror(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) {
    return config_error(
        fmt::format("expected at most 64 KiB in the file {}, found more", quote(path)));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Result<std::string> substitute(std::string_view text) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    filled += text.substr(0, dollar);
    text.remove_prefix(dollar);
    const bool environment = text.starts_with(kEnvironment);
    if (text.starts_with(kLiteral)) {
      filled += "${";
      text.remove_prefix(kLiteral.size());
    } else if (environment || text.starts_with(kFile)) {
      const std::size_t end = text.find('}');
      if (end == text.npos) {
        return config_error(fmt::format("expected a '}}' behind {}", quote(text)));
      }
      const std::size_t begin = (environment ? kEnvironment : kFile).size();
      const std::string name(text.substr(begin, end - begin));
      auto value = environment ? variable(name) : content(name);
      if (!value) return value.error();
      filled += *value;
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      filled += text.front();
      text.remove_prefix(1);
    }
  }
  return filled;
}

std::string without_secret(std::string finding, std::string_view written) {
  if (written.find(kEnvironment) == written.npos && written.find(kFile) == written.npos) {
    return finding;
  }
  const std::size_t value = finding.find(", got ");
  finding = value == finding.npos ? "cannot be used" : finding.substr(0, value);
  return fmt::format("{}, got what {} stands for", finding, quote(written));
}

}  // namespace docmill
