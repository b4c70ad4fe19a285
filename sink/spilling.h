// Spilling: what an Output implements, too, whose documents count as delivered when they are in a
// spool of its own on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "shared/runtime/component.h"
#include "shared/store/spool_mark.h"

namespace docmill {

struct Spill {
  std::string spool;  // its name in the ledger (SpoolMark)
  SpoolTotals totals;
  bool fails = false;         // documents wait, and the receiver did not take the last attempt
  std::uint64_t answers = 0;  // of the receiver since the start
};

class Spilling {
 public:
  virtual ~Spilling() = default;
  virtual Spill spill() const = 0;
  // Refused documents are in the way of the group, and leave only with a commit of their dead
  // letters.
  virtual bool needs_commit() const = 0;
  // Puts how far the spool is into the ledger's transaction, without the documents whose dead
  // letters are synced. The transaction may be rolled back; then it is called again.
  enum class Group { kWith, kWithout };
  virtual void write_mark(Transaction& transaction, Group group) = 0;
  // That transaction is committed. Memory only, so that it cannot fail: from here on each later
  // mark has the group, whatever the outputs still have to do for it.
  virtual void committed() = 0;
};

// None when the output is not a Spilling one.
inline Spilling* spilling(const std::unique_ptr<Output>& output) {
  return dynamic_cast<Spilling*>(output.get());
}

}  // namespace docmill
