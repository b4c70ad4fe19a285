#include "shared/base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace docmill {

struct StderrLog::Sink {
  spdlog::logger logger;
};

StderrLog::StderrLog(std::string node, LogLevel least)
    : sink_(new Sink{spdlog::logger(std::move(node),
                                    std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>())}) {
  sink_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %n %v", spdlog::pattern_time_type::utc);
  sink_->logger.set_level(static_cast<spdlog::level::level_enum>(static_cast<int>(least) + 1));
  sink_->logger.flush_on(spdlog::level::debug);
}

StderrLog::~StderrLog() { delete sink_; }

void StderrLog::write(LogLevel level, std::string_view text) {
  // spdlog counts trace, debug, info, warn, error from 0.
  sink_->logger.log(static_cast<spdlog::level::level_enum>(static_cast<int>(level) + 1),
                    fmt::string_view("{}"), escape_controls(text));
}

std::string escape_controls(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", byte);
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace docmill
