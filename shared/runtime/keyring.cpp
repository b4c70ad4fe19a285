#include "shared/runtime/keyring.h"

#include <fmt/format.h>

namespace docmill {
namespace {

constexpr Duration kReadAgain = std::chrono::seconds(1);
// Each was said once; a folder that is damaged anew again and again says no more.
constexpr std::size_t kMostWarnings = 1000;
constexpr const char* kSubscribers = "subscribers";

}  // namespace

std::string_view text_of(Role role) {
  switch (role) {
    case Role::kProducer:
      return "producer";
    case Role::kTransformer:
      return "transformer";
    case Role::kSink:
      return "sink";
    case Role::kSubscriber:
      return "subscriber";
  }
  return "nobody";
}

Result<Keyring> Keyring::open(const std::filesystem::path& folder, const NetworkConfig& network,
                              const KeyHolder& self, Log& log) {
  if (!is_name(self.name)) {
    return config_error(fmt::format(
        "expected a name of 1 to 32 of a-z, 0-9 and -, found '{}'; give --name one that has a key",
        self.name));
  }
  const auto path = key_path(folder, self.name, kSecretEnding);
  auto own = read_secret_key(
      path, fmt::format("make it with: docmill keygen --keys {} {}{}", folder.string(), self.name,
                        self.role == Role::kTransformer
                            ? ", or give --name one of the transformers that have a key here"
                            : ""));
  if (!own) return own.error();
  Keyring keyring(folder, network, std::move(*own), log);
  if (keyring.role_of(self.name) != self.role) {
    return config_error(
        fmt::format("{} is a {} of this pipeline, not a {}; give --name another name", self.name,
                    text_of(keyring.role_of(self.name)), text_of(self.role)));
  }
  const auto open = key_path(folder, self.name, kPublicEnding);
  if (std::filesystem::exists(open)) {
    const auto known = read_public_key(open, "");
    if (!known) return known.error();
    if (*known != keyring.own_.public_key) {
      return config_error(fmt::format(
          "{}: expected the public key to {}, found another; keep what was made together",
          open.string(), path.string()));
    }
  }
  keyring.read();
  return keyring;
}

Keyring::Keyring(std::filesystem::path folder, const NetworkConfig& network, KeyPair own, Log& log)
    : folder_(std::move(folder)), own_(std::move(own)), log_(&log) {
  for (const auto& [name, peer] : network.producers) listed_.emplace(name, Role::kProducer);
  for (const auto& [name, peer] : network.sinks) listed_.emplace(name, Role::kSink);
}

Role Keyring::role_of(const std::string& name) const {
  const auto found = listed_.find(name);
  return found == listed_.end() ? Role::kTransformer : found->second;
}

Result<std::string> Keyring::key_of(const std::string& name) const {
  if (!is_name(name)) {
    return config_error(
        fmt::format("expected the name of a key (1 to 32 of a-z, 0-9 and -), "
                    "found '{}'",
                    name));
  }
  return read_public_key(key_path(folder_, name, kPublicEnding),
                         fmt::format("copy it from the host of {}", name));
}

std::optional<KeyHolder> Keyring::holder_of(const std::string& key, Time now) {
  if (!read_at_ || now - *read_at_ >= kReadAgain) {
    read();
    read_at_ = now;
  }
  const auto found = holders_.find(key);
  if (found == holders_.end()) return std::nullopt;
  return found->second;
}

void Keyring::read() {
  Claims claims;
  collect(folder_, false, claims);
  collect(folder_ / kSubscribers, true, claims);
  holders_.clear();
  for (const auto& [key, files] : claims) {
    if (files.size() == 1) {
      holders_.emplace(key, files.begin()->second);
    } else {
      warn_once(
          fmt::format("{} and {} are the same key, so that neither name is let in with it; "
                      "give each a key of its own",
                      files.begin()->first.string(), files.rbegin()->first.string()));
    }
  }
}

void Keyring::collect(const std::filesystem::path& folder, bool subscribers, Claims& claims) {
  std::error_code unknown;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unknown)) {
    const std::filesystem::path& path = entry.path();
    const std::string name = path.stem().string();
    if (path.extension() != kPublicEnding || !is_name(name)) continue;
    if (const auto key = read_public_key(path, "it was removed just now")) {
      claims[*key].emplace(path, KeyHolder{name, subscribers ? Role::kSubscriber : role_of(name)});
    } else {
      warn_once(key.error().text);
    }
  }
}

void Keyring::warn_once(const std::string& text) {
  if (warned_.size() < kMostWarnings && warned_.insert(text).second) log_->warn("{}", text);
}

}  // namespace docmill
