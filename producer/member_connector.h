// MemberConnector: connects a producer to the members that have told it where they are. Sockets in
// a daemon, simulated connections in tests.
//
// The producer's thread.
#pragma once

#include <memory>
#include <string>

#include "shared/base/result.h"
#include "shared/transport/push_link.h"

namespace docmill {

class MemberConnector {
 public:
  virtual ~MemberConnector() = default;
  // Never blocks; the member need not be reachable yet. The text of an Error is a line for the log.
  virtual Result<std::unique_ptr<PushLink>> connect(const std::string& address,
                                                    const std::string& name) = 0;
};

}  // namespace docmill
