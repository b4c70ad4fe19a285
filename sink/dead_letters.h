// DeadLetters: the documents that could not be processed, with the reason, where people read,
// repair and replay them.
//
// One JSON object a line: document (or document_base64, where the bytes are not UTF-8), format,
// stage, error, source, record, offset, line, producer, epoch, sequence, index. Committed like an
// output. One thread.
#pragma once

#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/payload.h"
#include "shared/store/append_file.h"

namespace docmill {

class DeadLetters {
 public:
  explicit DeadLetters(AppendFile file) : file_(std::move(file)) {}

  // reason: "stage: error".
  void add(const BatchHeader& batch, const Entry& entry, std::string_view reason);
  Result<void> sync() { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const { out.push_back(file_.mark()); }

 private:
  AppendFile file_;
  std::string line_;
};

}  // namespace docmill
