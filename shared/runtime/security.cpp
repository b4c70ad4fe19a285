#include "shared/runtime/security.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "shared/base/check.h"
#include "shared/base/throttle.h"
#include "shared/transport/doorman.h"

namespace docmill {
namespace {

struct DoorRule {
  Door door;
  std::string_view name;  // what the doorman knows it as
  std::string_view text;
  std::array<bool, 4> open;  // to each Role
};

constexpr DoorRule kDoors[] = {
    {Door::kControl, "control", "a producer", {false, true, true, false}},
    {Door::kBatches, "batches", "a transformer", {true, false, false, false}},
    {Door::kResults, "results", "a sink", {false, true, false, false}},
    {Door::kPublished, "published", "what a sink publishes", {false, false, false, true}},
};

const DoorRule& rule_of(std::string_view name) {
  const auto* found = std::find_if(std::begin(kDoors), std::end(kDoors),
                                   [name](const DoorRule& rule) { return rule.name == name; });
  DOCMILL_CHECK(found != std::end(kDoors), "no door is called {}", name);
  return *found;
}

// `security.curve` is not in the file.
class NoSecurity final : public Security {
 public:
  std::optional<CurveServer> door(Door) override { return std::nullopt; }
  Result<std::optional<CurveClient>> way_to(const std::string&) const override {
    return std::optional<CurveClient>();
  }
  bool is_from(const Frame&, Role, std::string_view, std::string_view) override { return true; }
  std::uint64_t refused() const override { return 0; }
  std::uint64_t forged() const override { return 0; }
};

// Warnings that others can cause: now and then a line of each kind. Any thread.
class Complaints {
 public:
  explicit Complaints(Log& log) : log_(log) {}

  void add(const std::string& kind, const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (const auto held_back = throttle_.due(kind, clock_.now())) {
      log_.warn("{}{}", text, more_like_it(*held_back));
    }
    ++count_;  // who sees it sees the line, too
  }
  std::uint64_t count() const { return count_; }

 private:
  Log& log_;
  SystemClock clock_;
  std::mutex mutex_;
  Throttle throttle_;
  std::atomic<std::uint64_t> count_ = 0;
};

class CurveSecurity final : public Security, public Admission {
 public:
  CurveSecurity(std::filesystem::path folder, KeyHolder self, Keyring keyring, Log& log)
      : folder_(std::move(folder)),
        self_(std::move(self)),
        keyring_(std::move(keyring)),
        refused_(log),
        forged_(log) {}

  Result<void> open(const Context& context) {
    auto doorman = Doorman::open(context, *this);
    if (!doorman) return doorman.error();
    doorman_ = std::move(*doorman);
    return {};
  }

  std::optional<CurveServer> door(Door door) override {
    const auto* rule = std::find_if(std::begin(kDoors), std::end(kDoors),
                                    [door](const DoorRule& known) { return known.door == door; });
    return CurveServer{keyring_.own(), std::string(rule->name), doorman_.get()};
  }

  Result<std::optional<CurveClient>> way_to(const std::string& name) const override {
    auto key = keyring_.key_of(name);
    if (!key) return key.error();
    return std::optional(CurveClient{keyring_.own(), std::move(*key)});
  }

  bool is_from(const Frame& message, Role role, std::string_view name,
               std::string_view what) override {
    const std::string_view sender = message.sender();
    if (!sender.empty() && sender == name && keyring_.role_of(std::string(sender)) == role) {
      return true;
    }
    forged_.add(
        fmt::format("{} {}", what, sender),
        fmt::format("{} '{}' was dropped: it came with the key of {}; where nobody can tell why, "
                    "take that key away: remove {}",
                    what, name, sender, key_path(folder_, sender, kPublicEnding).string()));
    return false;
  }

  std::uint64_t refused() const override { return refused_.count(); }
  std::uint64_t forged() const override { return forged_.count(); }

  // The doorman's thread.
  std::string admit(const Visitor& visitor) override {
    const auto holder = keyring_.holder_of(visitor.key, clock_.now());
    if (!holder) {
      refused_.add(
          visitor.key,
          fmt::format("a peer at {} was refused: no file of {} has its key {}; put the key "
                      "there, as NAME.public, if it is one of yours",
                      visitor.address, folder_.string(), visitor.key));
      return "";
    }
    const DoorRule& rule = rule_of(visitor.door);
    if (rule.open.at(static_cast<std::size_t>(holder->role))) return holder->name;
    refused_.add(
        fmt::format("{} {}", visitor.door, holder->name),
        fmt::format("{} at {} was refused: a {} has nothing to say to {}; look at the addresses "
                    "under 'network', and at the name of its key",
                    holder->name, visitor.address, text_of(holder->role), rule.text));
    return "";
  }

  void failed(Fault fault) override {
    if (fault == Fault::kNoKey) {
      refused_.add("no key",
                   "a peer was refused: it came without a key, or hung up before it showed one; "
                   "give it this pipeline file, with 'security.curve'");
    } else {
      refused_.add("other key",
                   fmt::format("a peer was refused: it expected another key than that of {}; give "
                               "its host the file {} of this one",
                               self_.name, key_path(folder_, self_.name, kPublicEnding).string()));
    }
  }

 private:
  std::filesystem::path folder_;
  KeyHolder self_;
  Keyring keyring_;
  SystemClock clock_;
  Complaints refused_;
  Complaints forged_;
  std::unique_ptr<Doorman> doorman_;
};

}  // namespace

Result<std::unique_ptr<Security>> Security::open(const Context& context,
                                                 const PipelineConfig& config,
                                                 const KeyHolder& self, Log& log) {
  if (!config.security.curve) return std::unique_ptr<Security>(std::make_unique<NoSecurity>());
  const std::filesystem::path& folder = config.security.curve->keys;
  auto keyring = Keyring::open(folder, config.network, self, log);
  if (!keyring) return keyring.error();
  auto security = std::make_unique<CurveSecurity>(folder, self, std::move(*keyring), log);
  if (auto opened = security->open(context); !opened) return opened.error();
  return std::unique_ptr<Security>(std::move(security));
}

}  // namespace docmill
