// WholeFile: one file is one document. Of a compressed file the content is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "producer/files/file_documents.h"
#include "producer/files/file_reader.h"
#include "producer/files/format_choice.h"

namespace docmill {

class WholeFile final : public FileDocuments {
 public:
  // limit: a larger file is a dead letter, as is one that cannot be read to its end. memory: for
  // the file's bytes, passed on from file to file; it only grows.
  WholeFile(FileReader reader, std::uint64_t number, FormatChoice format, Bytes limit,
            std::shared_ptr<std::vector<char>> memory)
      : reader_(std::move(reader)),
        after_{.file = number + 1},
        format_(format),
        limit_(limit),
        memory_(std::move(memory)) {}

  Result<FileStep> next(Source::Next& next) override;
  FilePosition after() const override { return after_; }

 private:
  // Reads at most so many bytes into bytes_. False: there is more, and the budget of the step is
  // used up.
  Result<bool> read(std::size_t most);

  FileReader reader_;
  FilePosition after_;
  FormatChoice format_;
  Bytes limit_;
  bool done_ = false;
  bool read_ = false;       // to its end
  std::size_t filled_ = 0;  // of memory_
  std::shared_ptr<std::vector<char>> memory_;
  std::string_view bytes_;  // what of it is the file
  RangeHash hash_{reader_};
  std::string reason_;
};

}  // namespace docmill
