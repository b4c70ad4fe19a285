// Spool: the durable queue in front of a source that cannot be read again. What was answered is
// there after a crash, under the same number, until all of it is settled.
//
// Senders' records are appended in groups; sync() makes a group durable with one fdatasync, and
// then the senders are answered. A reader goes through what is durable by number, which is what a
// Source keeps as its position: read(position) is what it peeks at. forget() deletes segments of
// which everything is settled, or leaves only the keys in them. A number is never given to another
// record, also when the disk has lost the one that had it. docs/stores.md draws the files.
//
// One thread; a resource; the folder is locked against a second writer. Errors: kUnavailable,
// full, or no room on the disk: nothing changed, try again later; kMalformed, a record that never
// fits; kCorrupt, the disk did not do what it was told, and the process must end.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/spool_size.h"
#include "shared/base/units.h"
#include "shared/store/append_file.h"
#include "shared/store/disk_file.h"
#include "shared/store/spool_segment.h"

namespace docmill {

struct SpoolLimits {
  Bytes bytes{std::uint64_t{1} << 30};  // of all segments
  Bytes segment{kSpoolSegmentBytes};    // when another begins; a quarter of bytes at most
  std::size_t keys = 100'000;           // that are remembered; the oldest are forgotten first
};

class Spool {
 public:
  struct Damage {
    std::uint64_t records = 0;   // that were answered and cannot be read
    std::uint64_t bytes = 0;     // unreadable ones
    std::uint64_t segments = 0;  // that are not there
    std::uint64_t cut = 0;       // bytes that were never answered
  };
  struct Appended {
    std::uint64_t number = 0;
    bool is_new = true;  // false: the record of that key, which is there already
  };
  struct Record {
    std::uint64_t number = 0;
    std::string_view key;
    std::string_view bytes;
  };

  // Makes the folder, or checks all that is in it: each damaged segment is said in one line, and
  // counted. disk and log must outlive the spool. kCorrupt: a spool of a later version. kConfig:
  // somebody else has it.
  static Result<Spool> open(Disk& disk, const std::filesystem::path& folder,
                            const SpoolLimits& limits, Log& log);

  // Takes the record into the current group; memory only. key: what the sender calls it, at most
  // 255 bytes, empty when it does not; a repeated one is the same record, as far back as keys are
  // remembered. In both cases answer after sync().
  Result<Appended> append(std::string_view key, std::string_view bytes);
  // Whether a record of that key is remembered, so that append() would not add one.
  bool knows(std::string_view key) const {
    return !key.empty() && keys_.contains(std::string(key));
  }
  // Whether so many new records of so many bytes in all would all be taken now; if not, what
  // append() says.
  Result<void> room_for(std::size_t records, std::uint64_t bytes);
  // Makes the group durable. A disk without room gets back the bytes of what is settled first, and
  // at last the keys of that. After kUnavailable the group is kept; call again.
  Result<void> sync();

  // Damage that open() did not see is said, and passed over.
  // The first readable durable record behind that number (0: the first of all), valid until the
  // next call of any kind; none right now.
  Result<std::optional<Record>> read(std::uint64_t after);
  // Everything up to this number is settled. Deletes what nobody needs any more. Keys that are
  // remembered are kept on disk, without the bytes of their records, while they take no more than
  // half of the room.
  Result<void> forget(std::uint64_t upto);

  // Whether forget(upto) has room to give back, at once or when a record needs it.
  bool has_to_forget(std::uint64_t upto) const;

  // The number of the last durable record; 0: none is kept.
  std::uint64_t last() const { return last_; }
  // The number that the next new record gets. A reader whose position is not below it has another
  // spool than before.
  std::uint64_t next() const { return number_of(active_.ordinal, next_index_); }
  std::uint64_t bytes() const;  // of all segments and the group
  const Damage& damage() const { return damage_; }

 private:
  struct Reading {
    SpoolReader reader;
    std::uint64_t ordinal = 0;
    std::uint64_t given = 0;  // the last number that it gave
  };

  Spool(std::filesystem::path folder, DiskFile lock, const SpoolLimits& limits, Log& log);

  // spool_loading.cpp: what is there at the start.
  Result<void> load();
  Result<std::vector<SpoolSegment>> list();
  Result<void> leave_shorter(SpoolSegment& known, const SpoolSegment& other);
  Result<void> recover(SpoolSegment segment);
  Result<void> check(const SpoolSegment& segment);
  void count_missing();

  // The segment is given its last name; durable with the folder.
  Result<void> complete(SpoolSegment segment, std::uint64_t length, std::uint64_t count);
  Result<void> give_last_name(SpoolSegment& segment);
  // The next one to append to. After kUnavailable call again with the same ordinal.
  Result<void> begin(std::uint64_t ordinal);
  Result<void> roll();
  Result<void> finish_roll();
  Result<void> remove(const SpoolSegment& segment);

  // spool_settling.cpp: what becomes of the bytes of settled records.
  static bool ends_by(const SpoolSegment& segment, std::uint64_t upto) {
    return segment.count == 0 || last_of(segment) <= upto;
  }
  bool is_settled_first() const { return ends_by(whole_.begin()->second, settled_); }
  bool has_keys_first() const;
  bool is_kept_for_keys() const;
  Result<void> shrink_whole();
  Result<void> drop_first();
  Result<void> keep_keys_of_whole();
  Result<void> keep_keys_of(SpoolSegment& segment);
  // Of the active segment, of which all that is durable is settled.
  bool is_settled_active() const { return active_ends_by(settled_); }
  bool active_ends_by(std::uint64_t upto) const {
    return upto >= last_ && file_->length() > kept_bytes_;
  }
  Result<void> keep_keys_of_active();
  Result<void> replace_active(const std::string& begun, const std::string& keys);
  Result<void> finish_replacing();
  // Some of the room of what is settled. False: everything on the disk is still needed.
  Result<bool> give_back();
  std::string keys_between(std::uint64_t first, std::uint64_t end, std::uint64_t nonce) const;
  std::string keys_of_active(bool with_keys) const;
  Result<Reading*> reading(std::uint64_t ordinal, std::uint64_t after);
  void say_damage(std::uint64_t ordinal, const SpoolReader::Step& damaged);
  void remember(std::string_view key, std::uint64_t number);
  std::filesystem::path path_of(const SpoolSegment& segment) const {
    return folder_ / name_of(segment);
  }

  std::filesystem::path folder_;
  DiskFile lock_;
  SpoolLimits limits_;
  Log* log_;
  std::map<std::uint64_t, SpoolSegment> whole_;  // by ordinal
  SpoolSegment active_;
  std::optional<SpoolSegment> begun_;        // its file may be there already; the next active_
  std::optional<std::uint64_t> unfinished_;  // of whole_: has not got its last name
  bool names_unsynced_ = false;              // since the last roll
  std::optional<AppendFile> file_;           // of active_
  std::uint64_t whole_bytes_ = 0;
  std::uint32_t next_index_ = 0;   // of active_
  std::uint32_t group_ = 0;        // the first index of the current group
  std::uint64_t group_bytes_ = 0;  // its size
  std::uint64_t kept_bytes_ = 0;   // at the beginning of active_: keys of settled records
  bool replaced_ = false;          // the file of active_ is another; its name is not durable yet
  std::uint64_t shortened_ = 0;    // up to this ordinal segments have only keys
  std::uint64_t last_ = 0;
  std::uint64_t settled_ = 0;
  std::unordered_map<std::string, std::uint64_t> keys_;
  std::deque<std::pair<std::uint64_t, std::string>> key_order_;
  std::optional<Reading> reading_;
  Damage damage_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> said_;  // damaged: ordinal and offset
};

}  // namespace docmill
