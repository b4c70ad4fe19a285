#include "shared/base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

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

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

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
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if (is_control(byte)) {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {  // C1: 0x9b begins a sequence
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", next);
      ++i;
    } else {
      safe += text[i];
    }
  }
  return safe;
}

}  // namespace docmill
