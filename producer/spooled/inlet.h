// Inlet: takes in what cannot be read again - from a socket, a pipe, a request - for a
// SpooledSource, which keeps it.
//
// One thread calls it; no two calls overlap. An inlet with threads of its own hands what they got
// over in take_in().
#pragma once

#include <cstdint>

#include "shared/store/spool.h"

namespace docmill {

class Inlet {
 public:
  virtual ~Inlet() = default;
  // Appends what has come in to the spool's group, as append_document() writes it; memory only, and
  // no more than about a megabyte a call. What the spool refuses as kUnavailable is kept back or
  // refused in turn; any other Error ends the producer.
  virtual Result<void> take_in(Spool& spool) = 0;
  // All that was taken in is durable now: answer for it. Called after each take_in() of something
  // new or nothing, but not while the disk is full.
  virtual void kept() = 0;
  // Nothing becomes durable for now: the disk is full, or the producer ends, if with an Error.
  // Whoever waits may be told so. Until the next take_in().
  virtual void paused() {}
  // The producer ends: like take_in(), for an inlet whose senders are never answered. True: there
  // may be more. After false, or with `last`, the inlet is closed.
  virtual Result<bool> take_rest(Spool& /*spool*/, bool /*last*/) { return false; }
  // Everything up to the number has been settled; everything up to `read` has been given out.
  virtual void progress(std::uint64_t /*settled*/, std::uint64_t /*read*/) {}
  // False: the last records that were taken in are still needed in the spool, settled or not.
  virtual bool may_forget() { return true; }
  // Nothing more will come in.
  virtual bool ended() const { return false; }
  // Readable when there is something to take in; -1: look now and then.
  virtual int fd() const { return -1; }
};

}  // namespace docmill
