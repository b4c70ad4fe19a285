// How the two ends of a connection prove who they are, and hide what they say: CURVE. Values.
//
// A socket that was opened without either speaks in the clear, to anybody.
#pragma once

#include <string>

#include "shared/transport/key_pair.h"

namespace docmill {

class Doorman;

// The side that binds. Who may connect is the doorman's to say, who must outlive the socket.
struct CurveServer {
  KeyPair keys;
  std::string door;  // what the doorman knows this socket as
  Doorman* doorman = nullptr;
};

// The side that connects, and the one peer that it takes for an answer.
struct CurveClient {
  KeyPair keys;
  std::string server_key;
};

}  // namespace docmill
