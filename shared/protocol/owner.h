// Which sink settles a share: a pure function of identity, so that every attempt goes to the same
// ledger.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/protocol/identity.h"

namespace docmill {

// Rendezvous hashing (Thaler and Ravishankar, 1998): the sink with the highest hash of (lineage,
// sequence, sink). A list that grows by one moves only the shares of the new one. sinks: not empty.
const std::string& owner_of(const Lineage& lineage, Sequence sequence,
                            const std::vector<std::string>& sinks);

// The same by the key of a document: whoever sent it, whenever.
const std::string& owner_of_key(std::string_view key, const std::vector<std::string>& sinks);

}  // namespace docmill
