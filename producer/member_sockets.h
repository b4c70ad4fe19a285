// MemberSockets: connects a producer to its members over ZeroMQ.
//
// One thread. The security outlives it.
#pragma once

#include "producer/member_connector.h"
#include "shared/runtime/security.h"
#include "shared/transport/context.h"
#include "shared/transport/limits.h"

namespace docmill {

class MemberSockets final : public MemberConnector {
 public:
  MemberSockets(const Context& context, const Security& security);

  Result<std::unique_ptr<PushLink>> connect(const std::string& address,
                                            const std::string& name) override;

 private:
  Context context_;
  SocketLimits limits_;
  const Security& security_;
};

}  // namespace docmill
