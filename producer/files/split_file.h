// SplitFile: the records that are cut out of a file of XML or JSON.
//
// A file that is cut off, damaged or of neither gives what precedes, then one dead letter with the
// rest, or with its beginning if it is larger than a document may be. In XML that is cut by its own
// bytes it goes on at the offset of its position, with what is open there; elsewhere it reads the
// file again from the beginning and passes over the records that came before.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "producer/files/file_documents.h"
#include "producer/files/file_reader.h"
#include "producer/files/record_splitter.h"

namespace docmill {

class SplitFile final : public FileDocuments {
 public:
  static constexpr std::size_t kChunk = 256 << 10;

  // chunk: bytes read at once.
  SplitFile(FileReader reader, const FilePosition& from, const SplitPath& path,
            const LimitsConfig& limits, std::size_t chunk = kChunk);

  Result<FileStep> next(Source::Next& next) override;
  FilePosition after() const override { return after_; }

 private:
  // The file's next documents, those of an earlier run included.
  Result<FileStep> step(Source::Next& next);
  // Cuts the next record, or gives what is left of a file that cannot be cut further.
  Result<FileStep> cut(Source::Next& next);
  // This one and the next three: false when the budget of the step is used up.
  Result<bool> begin();
  void note_after();
  bool can_seek() const { return reader_.file().compression == Compression::kNone; }
  Result<bool> feed();
  Result<bool> read_rest(std::uint64_t begin);
  Result<bool> tell_oversize();
  Result<FileStep> give_rest(Source::Next& next);

  FileReader reader_;
  FilePosition after_;
  SplitPath path_;
  LimitsConfig limits_;
  Format format_ = Format::kXml;
  std::unique_ptr<RecordSplitter> splitter_;  // from the first look into the file on
  std::vector<char> chunk_;
  std::uint64_t seen_ = 0;  // documents, dead ones included
  SplitRecord record_;      // the last one
  bool hashing_ = false;    // record_, which is too large, and was not given yet
  bool at_end_ = false;
  bool broken_ = false;        // the rest was given as a dead letter
  bool reading_rest_ = false;  // rest_ has a part of it
  bool rest_read_ = false;     // rest_ has all that can be read
  std::string failure_;
  std::string rest_;
  RangeHash hash_{reader_};
  std::string reason_;
};

}  // namespace docmill
