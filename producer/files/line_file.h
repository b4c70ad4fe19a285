// LineFile: each line of a file is a document, without its "\n" or "\r\n". Empty lines are none;
// what follows the last "\n" is one.
//
// It seeks to where it goes on; in a compressed file offsets are of the content, and what lies
// before the place is decompressed again and passed over. The buffer grows to the longest line that
// is within the limit. Where the file cannot be read on, one dead letter has the line that begins
// there.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "producer/files/file_documents.h"
#include "producer/files/file_reader.h"
#include "producer/files/format_choice.h"
#include "shared/base/hash.h"

namespace docmill {

class LineFile final : public FileDocuments {
 public:
  static constexpr std::size_t kBuffer = 1 << 20;

  // from: where to go on. limit: a longer line is a dead letter. buffer: bytes read at once.
  LineFile(FileReader reader, const FilePosition& from, FormatChoice format, Bytes limit,
           std::size_t buffer = kBuffer);

  Result<FileStep> next(Source::Next& next) override;
  FilePosition after() const override { return after_; }

 private:
  // A line above the limit, as far as it was read.
  struct LongLine {
    RunningHash hash;
    std::uint64_t bytes = 0;
    bool holds_return = false;  // a "\r" that may belong to the line's break, not hashed yet
  };

  // The bytes up to and including the next "\n", or up to the end; empty at the end, or when the
  // line is longer than the buffer may become. False: not found yet.
  Result<bool> find_line(std::string_view& line);
  // False: nothing was read, the budget of the step is used up.
  Result<bool> fill();
  Result<FileStep> skip_long_line(Source::Next& next);
  bool add_to_long_line();
  FileStep give_rest(Source::Next& next, std::string_view bytes, std::string reason);
  // One above the limit: of so many bytes, with that hash.
  void give_dead(Source::Next& next, std::string_view sample, std::uint64_t bytes,
                 std::uint64_t hash);
  void give(Source::Next& next, Source::State state, std::string_view bytes);
  void pass(std::size_t bytes);
  std::size_t held() const { return end_ - begin_; }

  FileReader reader_;
  FilePosition after_;
  FormatChoice format_;
  Bytes limit_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;  // of what was not given out yet
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // held bytes that have no line break
  std::optional<LongLine> long_line_;
  bool broken_ = false;       // it cannot be read on, and that was told
  bool at_end_ = false;       // of the file: nothing more to read
  std::uint64_t offset_ = 0;  // of the line that is being looked at
  std::string sample_;
  std::string reason_;
};

}  // namespace docmill
