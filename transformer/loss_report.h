// LossReport: says of a document what a conversion lost: in its notes, and in the log where that is
// asked for.
//
// Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "shared/document/loss.h"
#include "transformer/processor_context.h"

namespace docmill {

class LossReport {
 public:
  // name: of the processor. log: outlives this; null: nothing is logged.
  LossReport(std::string name, Log* log) : name_(std::move(name)), log_(log) {}

  // Notes the losses about the document that was begun, together with those that it has already.
  static void note(Losses losses, const DocumentView& document, Emitter& emitter);
  // Once for each document.
  void log(Losses losses, const DocumentView& document);

 private:
  std::string name_;
  Log* log_;
  std::uint64_t documents_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace docmill
