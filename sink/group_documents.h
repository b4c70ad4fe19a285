// GroupDocuments: the documents of a group while an output may still reject them. A document goes
// to outputs that can reject it first; the others get it when it was not rejected.
//
// What a rejected document is, a dead letter, stays decided until clear(), whatever is rolled back
// and tried again. Documents that no such output takes are handed over at once and not copied.
// One thread. The outputs, the routes, the dead letters and the core outlive this.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/component.h"
#include "sink/dead_letters.h"
#include "sink/output_routes.h"
#include "sink/publisher.h"

namespace docmill {

class GroupDocuments {
 public:
  // Where a decision on a document is recorded.
  struct Books {
    LedgerCore& core;
    DeadLetters& dead_letters;
    Publisher* publisher;  // none: nothing is published
  };

  // places: what each output is called in reasons, "sink.outputs.sqlite".
  GroupDocuments(const std::vector<std::unique_ptr<Output>>& outputs,
                 const std::vector<std::string>& places, const OutputRoutes& routes);

  // Whether one of the outputs rejects at that time.
  bool has(Rejects when) const;
  // takers: one of the lists of the routes. published: the document's number at the publisher.
  void add(const BatchHeader& header, const DocumentId& id, const Entry& entry,
           const std::vector<Output*>& takers, std::size_t published);
  // How many documents the output is still to be given.
  std::size_t waiting(const Output& output) const;

  // Hands over to the outputs that reject at that time what waited for earlier decisions.
  void give(Rejects when);
  // Makes dead letters of what they have rejected since. Failure: kCorrupt: one of the documents
  // has been handed to later outputs already, which cannot give it back; the sink must end.
  Result<void> collect(Rejects when, const Books& books);
  // The group is committed.
  void clear();

 private:
  struct Kept {
    std::size_t header = 0;
    std::uint32_t index = 0;
    std::uint32_t part = 0;
    Format format = Format::kBytes;
    Origin origin;
    std::string source;
    std::string notes;
    std::string bytes;
    std::size_t published = 0;
    bool dead = false;
    bool handed_on = false;  // to an output that never rejects

    DocumentView view() const;
  };
  struct Taker {
    Output* output = nullptr;
    std::string place;
    bool waits = false;                // for the decision of another output
    std::vector<std::size_t> waiting;  // documents, in the order of the group
    std::vector<std::size_t> given;    // documents in the order of add(), if it can reject them
  };
  // What happens to a document that goes to a list of outputs.
  struct Plan {
    std::vector<std::size_t> takers;
    bool keeps = false;
  };

  Plan plan(const std::vector<Output*>& list) const;
  std::size_t keep(const BatchHeader& header, const DocumentId& id, const Entry& entry,
                   std::size_t published);
  Result<void> bury(const Taker& taker, const Rejected& rejected, const Books& books);
  void settle_dead(LedgerCore& core);

  std::vector<Taker> takers_;
  std::map<const std::vector<Output*>*, Plan> plans_;
  std::deque<BatchHeader> headers_;
  std::deque<Kept> documents_;
  std::vector<std::size_t> dead_;  // documents that the core does not know of yet
};

}  // namespace docmill
