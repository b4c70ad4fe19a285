// WholeFile: one file is one document.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "producer/files/file_documents.h"
#include "producer/files/file_reader.h"
#include "producer/files/format_choice.h"

namespace docmill {

class WholeFile final : public FileDocuments {
 public:
  // limit: a larger file is a dead letter. memory: for the file's bytes, passed on from file to
  // file.
  WholeFile(FileReader reader, std::uint64_t number, FormatChoice format, Bytes limit,
            std::shared_ptr<std::vector<char>> memory)
      : reader_(std::move(reader)),
        after_{.file = number + 1},
        format_(format),
        limit_(limit),
        memory_(std::move(memory)) {}

  Result<bool> next(Source::Next& next) override;
  FilePosition after() const override { return after_; }

 private:
  FileReader reader_;
  FilePosition after_;
  FormatChoice format_;
  Bytes limit_;
  bool done_ = false;
  std::shared_ptr<std::vector<char>> memory_;
  std::string reason_;
};

}  // namespace docmill
