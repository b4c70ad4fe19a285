// Security: who this daemon is to its peers, and who may say what to it (docs/security.md).
//
// Without `security.curve` in the pipeline file it asks nobody for anything. The keys are looked up
// anew for each connection. Any thread. A resource; it goes after the sockets that it protects.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/keyring.h"
#include "shared/transport/context.h"
#include "shared/transport/curve.h"
#include "shared/transport/frame.h"

namespace docmill {

// What a daemon binds, each for peers of certain roles.
enum class Door {
  kControl,    // a producer: acks, refusals, presence
  kBatches,    // a transformer: what producers send
  kResults,    // a sink: what transformers send
  kPublished,  // a sink: what it publishes
};

class Security {
 public:
  static Result<std::unique_ptr<Security>> open(const Context& context,
                                                const PipelineConfig& config, const KeyHolder& self,
                                                Log& log);
  virtual ~Security() = default;

  // What to bind with; nothing without CURVE.
  virtual std::optional<CurveServer> door(Door door) = 0;
  // What to connect with to the peer of that name. A config Error when its public key is not here.
  virtual Result<std::optional<CurveClient>> way_to(const std::string& name) const = 0;
  // Whether the message came with the key of `name`, which must have that role. Otherwise it is to
  // be dropped: it is counted, and now and then the log has a line. what: "an ack of".
  virtual bool is_from(const Frame& message, Role role, std::string_view name,
                       std::string_view what) = 0;

  // Connections that were refused, each time that they were tried.
  virtual std::uint64_t refused() const = 0;
  // Messages that came with the key of somebody else.
  virtual std::uint64_t forged() const = 0;
};

}  // namespace docmill
