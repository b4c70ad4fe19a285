// GroupDocuments: the documents of a group as the outputs were given them, kept until the commit
// while one of the outputs may say that it could not write one.
//
// One thread.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/component.h"
#include "sink/dead_letters.h"

namespace docmill {

class GroupDocuments {
 public:
  // Keeps what this output is given, if it can reject any of it. place: what it is called in the
  // reasons, "sink.outputs.sqlite". The output outlives this.
  void watch(const Output& output, const std::string& place);
  bool watches() const { return !given_.empty(); }

  // These outputs are given the document, which is copied.
  void keep(const BatchHeader& header, const Entry& entry, const std::vector<Output*>& takers);
  // The rejected ones become dead letters, each of them once. Returns how many did now.
  std::size_t bury(const Output& output, const std::vector<Rejected>& rejected, LedgerCore& core,
                   DeadLetters& dead_letters);
  void clear();

 private:
  struct Kept {
    std::size_t header = 0;
    std::uint32_t index = 0;
    Format format = Format::kBytes;
    Origin origin;
    std::string source;
    std::string notes;
    std::string bytes;
    bool dead = false;
  };

  struct Given {
    std::string place;
    std::vector<std::size_t> documents;  // in the order of its add()s
  };

  std::map<const Output*, Given> given_;
  std::deque<BatchHeader> headers_;
  std::deque<Kept> documents_;
};

}  // namespace docmill
