// FileSource: the documents of the files that a path stands for, file after file. What the file
// sources (`files`, `lines`) share: the order of the files, catching up, boundaries, dead letters
// for files that cannot be read, positions.
//
// First come the files of earlier runs in the order in which they were first seen, to the sizes
// they had; then kCaughtUp; then the files that are new since. It ends when a search finds no new
// one, or, with claims, none that other producers have not claimed; or never, when it watches. One
// thread; a resource.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "producer/files/done_files.h"
#include "producer/files/file_catalog.h"
#include "producer/files/file_documents.h"
#include "producer/files/file_reader.h"
#include "producer/files/file_scan.h"
#include "producer/files/old_files.h"
#include "producer/source_context.h"
#include "shared/base/throttle.h"

namespace docmill {

// How a file source reads a file.
struct FileSourceOptions {
  using Open = std::function<std::unique_ptr<FileDocuments>(FileReader, const FilePosition& from)>;

  std::string key;     // the component's, for messages
  std::string path;    // a file, a folder or a pattern; {producer} stands for the producer's name
  std::string claims;  // the folder of the claims (FileClaims); empty: nobody else reads the path
  std::string reader;  // names the way of reading in positions
  std::string what;    // a document, for messages: "line"
  bool watch = false;  // it never ends, and waits for more files
  WhenDone when_done = {};
  bool one_document = false;  // each file is one document, and no boundary is told
  Open open;
};

class FileSource final : public Source {
 public:
  // kConfig when there is no file to read and none was ever seen; kCorrupt when the position or the
  // catalog is of something else. With claims also what FileClaims says.
  static Result<std::unique_ptr<Source>> open(FileSourceOptions options,
                                              const SourceContext& context);

  Result<Next> peek() override;
  void take() override;
  std::string position() const override { return to_text(position_, options_.reader); }
  Result<void> serve() override;
  Result<void> settled(const std::string& position) override;
  // With claims it reads what it has claimed, which no other producer would read, and then ends.
  bool drain() override { return catalog_.drain(); }
  // At the end the last files are cleared away in groups, by serve().
  bool owes() const override { return ended_ && done_ != nullptr && done_->pending(); }
  int fd() const override { return scan_.fd(); }

 private:
  FileSource(FileSourceOptions options, const SourceContext& context, FileCatalog catalog,
             const FilePosition& position);

  // What comes after a file's end, or the first thing of the next file.
  Result<Next> advance();
  Result<Next> begin_file();
  // The next document of the open file; the boundary when there is none. Needs nothing but the
  // file.
  Result<Next> read_on();
  // Moves or deletes the files that are done, or forgets old ones, as far as it is due.
  Result<void> clear_away();
  // A document of the file could not be read.
  Result<void> note_failed(std::string_view reason);
  Next unreadable(const std::string& reason);
  void report_others();

  FileSourceOptions options_;
  const Clock& clock_;
  Log& log_;
  InputCounters* counters_;
  Throttle throttle_{std::chrono::minutes(1), 16};
  FileCatalog catalog_;
  std::unique_ptr<DoneFiles> done_;  // null: files stay where they are
  std::unique_ptr<OldFiles> old_;    // where they stay and are watched
  FileScan scan_;
  std::size_t earlier_;  // files known before this run
  FilePosition position_;
  bool caught_up_ = false;
  bool ended_ = false;
  // Of file position_.file; null: not opened. Open without next_: looking for the next document.
  std::unique_ptr<FileDocuments> documents_;
  std::optional<Next> next_;
  FilePosition after_;  // next_, when it is a document
  std::string reason_;
};

}  // namespace docmill
