// SegmentedFile: documents in files that grow, one after the other: what the outputs ndjson, json
// and xml write to.
//
// The segment that grows has `.open` at its end and no footer. It ends with the commit in which it
// reached its size or age, or in which the sink stops: its footer is in that group, the ledger has
// its last length and that it has ended in one transaction, and then it is renamed; a rename that a
// crash prevented is done at the next start. What has ended is never written again. A segment that
// was begun with other settings ends as it was begun (segment_end.h). Where another file has a name
// that a segment needs, the segment takes the next number. Without rotation, compression and footer
// there is one file, under its own name, for ever.
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

// What is around the documents of a segment.
struct Framing {
  std::string_view kind;  // "json"; segments of different kinds are never continued by each other
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
  void on_current_ledger() {
    if (file_) file_->on_current_ledger();
  }
  bool due(Time now, bool stopping);

 private:
  SegmentedFile(std::string path, const SegmentSettings& settings, const Framing& framing,
                const OutputContext& context);

  // Finds out where an earlier life was, and ends what was begun with other settings.
  Result<void> resume();
  // The same for an output that this ledger has no segments of: it is new, wrote to one plain file,
  // or was written by a docmill that did not keep segments in the ledger.
  Result<void> resume_without_segments(const std::vector<FileMark>& marks);
  bool continues(const SegmentMark& segment) const;
  SegmentMark segment(std::uint64_t number) const;
  // Begins the first segment from this number on whose names are free.
  Result<void> begin_segment(std::uint64_t number);
  Result<void> open_segment(std::uint64_t number, const FileMark& mark);
  // Goes on with the segment, or with the next one when other files have its names.
  Result<void> continue_segment(const FileMark& mark);
  // What an output without segments wrote under this path is complete; only what was not committed
  // goes.
  Result<void> cut_plain(const FileMark& mark);
  void close_empty();
  // The ledger may be an older copy, and the file have documents that a newer one committed.
  bool waits_for_ledger() const { return group_.empty() && file_->keeps_uncommitted(); }
  bool is_plain() const { return !settings_.rotate && !packer_ && framing_.end.empty(); }

  std::string path_;  // of the settings
  SegmentNames names_;
  SegmentSettings settings_;
  Framing framing_;
  LedgerStore& ledger_;
  Disk& disk_;
  Log& log_;
  std::unique_ptr<Packer> packer_;
  std::uint64_t number_ = 0;        // of the segment, or of the one that ended last
  std::uint64_t begun_ = 0;         // in the ledger, though its file may not be open yet
  std::string named_;               // the segment that the ledger may forget; may be empty
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
