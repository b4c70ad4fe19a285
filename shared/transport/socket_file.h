// Makes the place of a unix socket ready to be bound, and refuses what binding would destroy.
//
// libzmq removes whatever is at the path before it binds: another process's live socket, which
// would go on without ever being found again, or a plain file. Both are errors here; the socket
// file of a process that died is not.
#pragma once

#include "shared/base/result.h"
#include "shared/transport/endpoint.h"

namespace docmill {

// Creates missing folders with mode 0700: who may enter the folder may connect.
Result<void> prepare_socket_file(const Endpoint& endpoint);

}  // namespace docmill
