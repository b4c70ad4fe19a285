// SpooledSource: a source over what comes in once - taken in by an Inlet, kept in a Spool, given
// out from there, and deleted when all of it is settled.
//
// A position is the number of the last record that was given out.
#pragma once

#include <memory>
#include <string>

#include "producer/source_context.h"
#include "producer/spooled/inlet.h"
#include "shared/base/throttle.h"

namespace docmill {

class SpooledSource final : public Source {
 public:
  // In the producer's state folder; one spool for all spooled sources, so that what one has left
  // behind is not forgotten when the pipeline file names another. kCorrupt when the position is of
  // another kind of source, or of another spool.
  static Result<std::unique_ptr<Source>> open(std::unique_ptr<Inlet> inlet, Bytes room,
                                              const SourceContext& context);

  Result<Next> peek() override;
  void take() override;
  std::string position() const override;
  Result<void> serve() override;
  Result<void> settled(const std::string& position) override;
  bool drain() override;
  // The last call before an orderly end: takes in what has arrived and would be lost otherwise,
  // until there is no more or the time is over. Then the inlet is closed.
  Result<void> take_rest(Time until);
  // None while nothing is taken in: the loop would spin.
  int fd() const override { return unsynced_ || draining_ ? -1 : inlet_->fd(); }

 private:
  SpooledSource(std::unique_ptr<Inlet> inlet, Spool spool, std::uint64_t read,
                const SourceContext& context);

  Result<void> forget_settled();
  Result<void> sync();

  std::unique_ptr<Inlet> inlet_;
  Spool spool_;
  const Clock& clock_;
  Log& log_;
  std::uint64_t read_;     // the last number that was given out
  std::uint64_t earlier_;  // the last number that an earlier run may have given out
  std::uint64_t settled_ = 0;
  std::uint64_t forgotten_ = 0;  // what the spool was told to be settled
  bool caught_up_ = false;
  bool draining_ = false;
  bool unsynced_ = false;  // a group waits for room on the disk
  bool grown_ = false;     // there is a group
  Throttle retries_said_;
  Time next_try_{};
  Time next_forget_{};
  std::string buffer_;  // the record that next_ shows; the spool's own goes with its next call
  Next next_;
};

// A spooled source that takes nothing in and ends when it has given out what the spool has: what is
// left of one when the pipeline file has another kind of source.
Result<std::unique_ptr<Source>> open_spool_alone(const SourceContext& context);

inline constexpr std::string_view kSpooledKind = "spool ";
inline std::string spooled_kind(const std::any&, const std::string&) {
  return std::string(kSpooledKind);
}

// The number in a position of a spooled source; nothing when it is of another kind.
std::optional<std::uint64_t> spooled_position(std::string_view position);

}  // namespace docmill
