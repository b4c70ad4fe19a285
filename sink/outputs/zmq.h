// `zmq`: sends each document over a raw ZeroMQ link.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent zmq_output();

}  // namespace docmill
