#include "shared/base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>

namespace docmill {

struct StderrLog::Logger {
  spdlog::logger spd;
};

namespace {

std::shared_ptr<spdlog::sinks::sink> standard_error() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  return std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
      plain ? spdlog::color_mode::never : spdlog::color_mode::automatic);
}

// spdlog counts trace, debug, info, warn, error from 0.
spdlog::level::level_enum spdlog_level(LogLevel level) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(level) + 1);
}

// A character of UTF-8 at the start of the text: how many bytes it has, 0 where there is none.
struct Character {
  std::size_t size = 0;
  std::uint32_t code = 0;
};

Character character_at(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size == 0 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t code = first & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[size] || code > 0x10ffff || surrogate) return {};
  return {size, code};
}

// Drives a terminal (C0, DEL, C1), ends a line (U+2028, U+2029) or turns the order around in which
// what follows is shown (U+202A to U+202E, U+2066 to U+2069).
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

StderrLog::StderrLog(std::string node, LogLevel least)
    : logger_(new Logger{spdlog::logger(std::move(node), standard_error())}) {
  logger_->spd.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %n %v", spdlog::pattern_time_type::utc);
  logger_->spd.set_level(spdlog_level(least));
  logger_->spd.flush_on(spdlog::level::debug);
}

StderrLog::~StderrLog() = default;

void StderrLog::write(LogLevel level, std::string_view text) {
  logger_->spd.log(spdlog_level(level), fmt::string_view("{}"), escape_controls(text));
}

std::string escape_controls(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Character next = character_at(text);
    const std::size_t size = std::max<std::size_t>(next.size, 1);
    if (next.size == 0) {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_control(next.code) && next.code < 0x100) {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", next.code);
    } else if (is_control(next.code)) {
      fmt::format_to(std::back_inserter(safe), "\\u{:04x}", next.code);
    } else {
      safe += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return safe;
}

}  // namespace docmill
