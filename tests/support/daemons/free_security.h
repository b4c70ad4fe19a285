// FreeSecurity: asks nobody for anything, as a pipeline without CURVE. TraceLog: a log in the trace
// of a seed.
#pragma once

#include <string>
#include <utility>

#include "shared/base/log.h"
#include "shared/runtime/security.h"
#include "tests/support/daemons/world.h"

namespace docmill::daemons {

class FreeSecurity final : public Security {
 public:
  std::optional<CurveServer> door(Door) override { return std::nullopt; }
  Result<std::optional<CurveClient>> way_to(const std::string&) const override {
    return std::optional<CurveClient>();
  }
  bool is_from(const Frame&, Role, std::string_view, std::string_view) override { return true; }
  std::uint64_t refused() const override { return 0; }
  std::uint64_t forged() const override { return 0; }
};

class TraceLog final : public Log {
 public:
  TraceLog(const World& world, std::string name) : world_(world), name_(std::move(name)) {}
  void write(LogLevel, std::string_view text) override { world_.trace("{}: {}", name_, text); }

 private:
  const World& world_;
  std::string name_;
};

}  // namespace docmill::daemons
