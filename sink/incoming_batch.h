// Looks at a message before anything of it is written: what is taken is whole, or the ledger would
// settle what is not there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/transport/frame.h"

namespace docmill {

// The header of a message of two frames.
Result<BatchHeader> read_incoming(const std::vector<Frame>& message);
// An Error unless it is a batch on its way to a sink whose payload has an outcome for each document
// of the share.
Result<void> expect_outputs(const BatchHeader& header, std::string_view payload);

// What is wrong with a batch that was judged kCollision, for its dead letters, or kMalformed.
std::string collision_text(const BatchHeader& header);
std::string contradiction_text(const BatchHeader& header);

}  // namespace docmill
