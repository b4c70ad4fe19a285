// SegmentedFile: documents in files that grow, one after the other: what the outputs ndjson, json
// and xml write to.
//
// The segment that grows has `.open` at its end and no footer. It ends with the commit in which it
// reached its size or age, or in which the sink stops: its footer is in that group, the ledger has
// its last length and the next segment in one transaction, and then it is renamed; a rename that a
// crash prevented is done at the next start. What has ended is never written again. Without
// rotation, compression and footer there is one file, under its own name, for ever.
//
// One thread; a resource. Contract and errors are those of Output.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/store/append_file.h"
#include "sink/output_context.h"
#include "sink/segments/segment_names.h"
#include "sink/segments/segment_settings.h"

namespace docmill {

// What stands around the documents of a segment.
struct Framing {
  std::string_view begin;
  std::string_view between;
  std::string_view end;
};

class SegmentedFile {
 public:
  // The framing's texts must live as long as the file.
  static Result<SegmentedFile> open(const SegmentSettings& settings, const Framing& framing,
                                    const OutputContext& context);

  // Before each document; then its bytes.
  void begin_document();
  void append(std::string_view bytes) {
    if (packer_) {
      group_ += bytes;
    } else {
      size_ += bytes.size();
      file_->append(bytes);
    }
  }

  Result<void> sync();
  void marks(std::vector<FileMark>& out) const;
  Result<void> settle();
  bool due(Time now, bool stopping);

 private:
  SegmentedFile(SegmentNames names, const SegmentSettings& settings, const Framing& framing,
                Disk& disk, Log& log);

  // Finds out where an earlier life was, and ends what it was about to end.
  Result<void> resume(LedgerStore& ledger);
  Result<void> end_as_it_is(LedgerStore& ledger, const FileMark& mark);
  Result<void> open_segment(std::optional<std::uint64_t> committed);
  void close_empty();
  bool is_plain() const { return !settings_.rotate && !packer_ && framing_.end.empty(); }

  SegmentNames names_;
  SegmentSettings settings_;
  Framing framing_;
  Disk& disk_;
  Log& log_;
  std::unique_ptr<Packer> packer_;
  std::uint64_t number_ = 1;
  std::optional<AppendFile> file_;  // none: the sink stops
  std::uint64_t size_ = 0;          // of the file with the group, as far as it is packed
  std::string group_;               // not packed yet
  std::string packed_;
  std::optional<Time> began_;  // when documents of this segment were first seen
  bool end_asked_ = false;     // the next commit ends the segment
  bool ended_ = false;         // its footer is written
  bool stopping_ = false;
};

}  // namespace docmill
