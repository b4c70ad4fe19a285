#include "sink/former_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
#include "sink/dead_letters.h"
#include "sink/documents/document_folder.h"
#include "sink/segments/segment_end.h"
#include "sink/spilling.h"

namespace docmill {
namespace {

using Marks = std::vector<FileMark>;

constexpr std::size_t kDigits = 6;

bool has(const Marks& marks, const std::string& path) {
  return std::any_of(marks.begin(), marks.end(),
                     [&](const FileMark& mark) { return mark.path == path; });
}

// False when nothing is at the path.
Result<bool> look(Disk& disk, const std::string& path, FileFacts& facts) {
  if (disk.look_at(Disk::kHere, path, facts) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return file_error(path, "look", errno, "let this user read its folder");
}

// Documents that do not have their names yet; lists of names stay there for long.
Result<bool> has_temporary_files(Disk& disk, const std::string& folder) {
  std::vector<std::string> names;
  if (disk.list(folder, names) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return file_error(folder, "read folder", errno, "let this user read it");
  }
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return !name.ends_with(kListEnd); });
}

// "out/a-000001.json": "out/a.json".
std::string without_number(const std::string& path) {
  const std::size_t dash = path.rfind('-');
  if (dash == path.npos) return path;
  const std::size_t end = std::min(path.find_first_not_of("0123456789", dash + 1), path.size());
  return end - dash - 1 == kDigits ? path.substr(0, dash) + path.substr(end) : path;
}

// With the commit that ends a segment the ledger knows the next one. What is done with it is its
// reader's business.
bool is_finished_segment(const std::string& path, const Marks& marks) {
  for (const auto& [word, packing] : enum_names(Packing::kNone)) {
    const SegmentNames names(without_number(path), true, packing);
    const auto own = names.parse(path);
    if (own && std::any_of(marks.begin(), marks.end(), [&](const FileMark& mark) {
          return names.parse(mark.path) == *own + 1;
        })) {
      return true;
    }
  }
  return false;
}

// Segments end as they were begun, also where no output has them any more; then they count as
// current.
Result<void> finish_segments(const OutputContext& context, const Marks& known, Marks& current) {
  const auto segments = context.ledger.segments();
  if (!segments) return segments.error();
  for (const SegmentMark& segment : *segments) {
    const auto mark = std::find_if(known.begin(), known.end(),
                                   [&](const FileMark& one) { return one.path == segment.path; });
    if (mark == known.end() || has(current, segment.path)) continue;
    if (auto done = finish_segment(context.ledger, segment, *mark, context.log); !done) return done;
    current.push_back(*mark);
  }
  return {};
}

Result<void> finish_documents(const FileMark& mark, const std::string& folder,
                              const OutputContext& context) {
  const auto any = has_temporary_files(context.ledger.disk(), mark.path);
  if (!any) return any.error();
  if (!*any) return {};
  const auto ours = is_ours(context.ledger.disk(), mark.path, mark);
  if (!ours) return ours.error();
  if (!*ours) return {};
  auto opened = DocumentFolder::open(folder, context);
  if (!opened) return opened.error();
  opened->remove_leftovers();
  return {};
}

// Once nothing of it is uncommitted, the file is its readers', who may add to it or empty it.
Result<void> finish_plain(const FileMark& mark, const Marks& known, const OutputContext& context) {
  if (mark.file.known() ? mark.has_ended() : is_finished_segment(mark.path, known)) return {};
  FileFacts found;
  const auto any = look(context.ledger.disk(), mark.path, found);
  if (!any) return any.error();
  if (!*any || found.kind != FileFacts::Kind::kFile) return {};
  const auto ours = is_ours(context.ledger.disk(), mark.path, mark);
  if (!ours) return ours.error();
  if (!*ours) return {};
  if (found.size > mark.length) {
    return config_error(fmt::format(
        "{}: expected the {} bytes that were committed, got {}, and no output of this path; move "
        "the file away, or cut off what was not committed (truncate -s {})",
        mark.path, mark.length, found.size, mark.length));
  }
  // A name without an identity may only be announced; an empty file there can be anybody's.
  if (!mark.file.known() && mark.length == 0) return {};
  FileMark former = mark;
  former.file = found.identity;
  former.growth = FileGrowth::kFormer;
  return context.ledger.put({former});
}

Result<void> finish(const FileMark& mark, const Marks& known, const OutputContext& context) {
  const std::string temporary = std::string(kStagingBegin) + context.sink;
  if (!mark.path.ends_with(temporary)) return finish_plain(mark, known, context);
  return finish_documents(mark, mark.path.substr(0, mark.path.size() - temporary.size()), context);
}

// Documents that no output sends any more: its url or its on_full was changed.
Result<void> warn_of_former_spools(const OutputContext& context,
                                   const std::vector<std::unique_ptr<Output>>& outputs) {
  const auto spools = context.ledger.spools();
  if (!spools) return spools.error();
  for (const SpoolMark& mark : *spools) {
    const bool current = std::any_of(outputs.begin(), outputs.end(), [&](const auto& output) {
      const Spilling* spills = spilling(output);
      return spills != nullptr && spills->spill().spool == mark.spool;
    });
    if (current || mark.totals.waiting == 0) continue;
    context.log.warn(
        "{}: expected an output with 'on_full: spill' for the {} documents that wait in it for {}, "
        "found none; put it back to send them",
        (context.folder / mark.spool).string(), mark.totals.waiting, mark.receiver);
  }
  return {};
}

}  // namespace

Result<void> finish_former_files(const OutputContext& context,
                                 const std::vector<std::unique_ptr<Output>>& outputs) {
  if (auto warned = warn_of_former_spools(context, outputs); !warned) return warned;
  const auto known = context.ledger.marks();
  if (!known) return known.error();
  Marks current;
  if (context.dead_letters != nullptr) context.dead_letters->marks(current);
  for (const auto& output : outputs) output->marks(current);
  if (auto finished = finish_segments(context, *known, current); !finished) return finished;
  for (const FileMark& mark : *known) {
    if (has(current, mark.path)) continue;
    if (auto finished = finish(mark, *known, context); !finished) return finished;
  }
  return {};
}

}  // namespace docmill
