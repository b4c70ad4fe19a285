// What both directions of a raw link have: where its other ends are, and with whose keys.
#pragma once

#include <string>
#include <vector>

#include "shared/config/pipeline.h"
#include "shared/config/raw_link.h"
#include "shared/runtime/key_file.h"
#include "shared/transport/foreign_socket.h"

namespace docmill {

// The keys of a link; nothing when it has none. A config Error says what is wrong with a key.
Result<std::optional<CurveClient>> raw_curve(const std::optional<RawCurve>& curve);
// Addresses with {producer}, {sink} and {transformer} replaced by the daemon's name.
std::vector<std::string> raw_addresses(const std::vector<std::string>& addresses,
                                       const std::string& name);

// Of either config; what is left is the caller's.
template <typename Config>
Result<ForeignSocket::Settings> raw_settings(const Config& config, const std::string& name) {
  auto curve = raw_curve(config.curve);
  if (!curve) return curve.error();
  ForeignSocket::Settings settings;
  settings.bind = raw_addresses(config.bind, name);
  settings.connect = raw_addresses(config.connect, name);
  settings.curve = std::move(*curve);
  settings.resolve = config.resolve;
  settings.limits.messages = config.queue;
  settings.limits.buffer = {256 << 10};
  return settings;
}

// "tcp://127.0.0.1:5557, tcp://127.0.0.1:5558".
template <typename Config>
std::string raw_source(const Config& config, const std::string& name) {
  std::string text;
  for (const auto* addresses : {&config.bind, &config.connect}) {
    for (const std::string& address : raw_addresses(*addresses, name)) {
      text += (text.empty() ? "" : ", ") + address;
    }
  }
  return text;
}

}  // namespace docmill
