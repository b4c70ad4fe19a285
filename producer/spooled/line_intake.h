// LineIntake: bytes as they come in become lines, and each line a document in a spool; without its
// "\n" or "\r\n", empty ones are none.
//
// It holds one line at most and what was read with it. A line over the limit becomes a dead letter
// with a sample of it, however long it is; so does one that never fits into the spool. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "producer/files/format_choice.h"
#include "shared/base/hash.h"
#include "shared/base/units.h"
#include "shared/store/spool.h"

namespace docmill {

class LineIntake {
 public:
  LineIntake(std::string source, FormatChoice format, Bytes limit)
      : source_(std::move(source)), format_(format), limit_(limit) {}
  // The lines that are given from now on; what has come already stays.
  void read_as(FormatChoice format, Bytes limit) {
    format_ = format;
    limit_ = limit;
  }
  // The key of a line is this text and the number of the byte after it, counted from `begin`, so
  // that one that comes again is known.
  void give_keys(std::string key, std::uint64_t begin);

  // Room for so many bytes; then came() with how many there are, at most that.
  char* room(std::size_t bytes);
  void came(std::size_t bytes);
  // Appends the lines to the spool's group, as far as it has room. ended: what follows the last
  // "\n" is a line.
  Result<void> give(Spool& spool, bool ended);

  // The spool had no room for a whole line that is held: give() again, and read nothing meanwhile.
  bool waits() const { return waits_; }
  bool empty() const { return buffer_.empty() && !is_long(); }
  // The byte after the last line that was given; and after the last one that came.
  std::uint64_t given() const { return given_; }
  std::uint64_t came_upto() const { return given_ + passed_ + buffer_.size(); }

 private:
  bool is_long() const { return passed_ > 0; }
  // False when the spool has no room for it now.
  Result<bool> give_line(Spool& spool, std::string_view key, std::string_view line);
  Result<bool> give_dead(Spool& spool, std::string_view key, std::string_view sample,
                         const std::string& reason);
  void pass_long_line();

  std::string source_;
  FormatChoice format_;
  Bytes limit_;
  std::string buffer_;
  std::size_t room_ = 0;
  std::size_t searched_ = 0;  // no "\n" before this
  bool waits_ = false;
  std::uint64_t passed_ = 0;         // bytes of a long line that are gone from the buffer
  std::string sample_;               // its beginning
  std::optional<RunningHash> hash_;  // of those bytes
  std::string key_;
  std::uint64_t given_ = 0;
};

}  // namespace docmill
