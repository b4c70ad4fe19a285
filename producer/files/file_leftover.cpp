#include "producer/files/file_leftover.h"

#include <fmt/format.h>

#include <algorithm>

#include "producer/files/file_catalog.h"
#include "producer/files/file_position.h"

namespace docmill {

Result<Leftover> file_leftover(std::string_view reader, const Leaving& leaving, std::uint64_t files,
                               const SourceContext& context) {
  const auto position = parse_position(leaving.position, reader);
  if (!position) return position.error();
  const auto catalog = FileCatalog::open({}, context.catalog, nullptr);
  if (!catalog) return catalog.error();
  const bool begun = position->record > 0 && !position->end;
  const std::uint64_t begun_files = std::max<std::uint64_t>(files, begun ? 1 : 0);
  if (begun_files == 0) return Leftover{{}, leaving.position, {}};
  Leftover leftover;
  std::size_t at = position->file + (position->end ? 1 : 0);
  for (std::uint64_t i = 0; i < begun_files && at < catalog->size(); ++i) {
    at = catalog->next_from(at);
    if (at == catalog->size()) break;
    const bool is_inside = begun && at == position->file;
    leftover.inputs.push_back(
        catalog->file(at).path +
        (is_inside ? fmt::format(" from record {} on", position->record + 1) : ""));
    // Not read completely: it stays, whatever `when_done` says later.
    leftover.rows.emplace(at, catalog->failed_row(at));
    ++at;
  }
  at = catalog->next_from(at);
  leftover.past = to_text(FilePosition{.file = at}, reader);
  return leftover;
}

}  // namespace docmill
