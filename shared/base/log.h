// The log: one line for each event that matters, on standard error.
//
// Any thread may call it. Control characters are escaped, so that a document cannot forge a line.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace docmill {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view text) = 0;

  template <typename... Values>
  void debug(fmt::format_string<Values...> format, Values&&... values) {
    write(LogLevel::kDebug, fmt::format(format, std::forward<Values>(values)...));
  }
  template <typename... Values>
  void info(fmt::format_string<Values...> format, Values&&... values) {
    write(LogLevel::kInfo, fmt::format(format, std::forward<Values>(values)...));
  }
  template <typename... Values>
  void warn(fmt::format_string<Values...> format, Values&&... values) {
    write(LogLevel::kWarn, fmt::format(format, std::forward<Values>(values)...));
  }
  template <typename... Values>
  void error(fmt::format_string<Values...> format, Values&&... values) {
    write(LogLevel::kError, fmt::format(format, std::forward<Values>(values)...));
  }
};

// "2026-11-22T02:25:44.123Z info p1 resumed at sequence 12": time, level, node, text. The level is
// coloured on a terminal, unless NO_COLOR is set.
class StderrLog final : public Log {
 public:
  // node: the name of this daemon, shown in every line. least: lines below this level are dropped.
  StderrLog(std::string node, LogLevel least);
  ~StderrLog() override;
  StderrLog(const StderrLog&) = delete;
  StderrLog& operator=(const StderrLog&) = delete;
  void write(LogLevel level, std::string_view text) override;

 private:
  struct Logger;
  std::unique_ptr<Logger> logger_;
};

// "\n" and the other control characters as "\x0a", what is no UTF-8 byte by byte, so that one event
// stays one line of text, cannot drive a terminal and is shown in the order in which it was
// written.
std::string escape_controls(std::string_view text);

}  // namespace docmill
