// Keyring: the keys of a pipeline, as one of its daemons has them in a folder.
//
// A key belongs to a name, and the name says what its holder is: a producer or a sink that the
// pipeline file lists, otherwise a transformer. Keys in the sub-folder `subscribers` are for those
// who only listen to what sinks publish.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/key_file.h"

namespace docmill {

enum class Role { kProducer, kTransformer, kSink, kSubscriber };

std::string_view text_of(Role role);

struct KeyHolder {
  std::string name;
  Role role = Role::kTransformer;
  bool operator==(const KeyHolder&) const = default;
};

class Keyring {
 public:
  // A config Error when the daemon's own secret key cannot be used.
  static Result<Keyring> open(const std::filesystem::path& folder, const NetworkConfig& network,
                              const KeyHolder& self, Log& log);

  const KeyPair& own() const { return own_; }
  // Of a name in the pipeline file; any other is a transformer's.
  Role role_of(const std::string& name) const;
  // The public key of that name, as the folder has it now. Any thread.
  Result<std::string> key_of(const std::string& name) const;
  // Whose key it is. Looks into the folder again when it has not done so for a second. One thread.
  std::optional<KeyHolder> holder_of(const std::string& key, Time now);

 private:
  using Claims = std::map<std::string, std::map<std::filesystem::path, KeyHolder>>;  // by key

  Keyring(std::filesystem::path folder, const NetworkConfig& network, KeyPair own, Log& log);

  void read();
  void collect(const std::filesystem::path& folder, bool subscribers, Claims& claims);
  void warn_once(const std::string& text);

  std::filesystem::path folder_;
  std::map<std::string, Role> listed_;  // producers and sinks
  KeyPair own_;
  Log* log_;
  std::map<std::string, KeyHolder> holders_;  // by key
  std::optional<Time> read_at_;
  std::set<std::string> warned_;
};

}  // namespace docmill
