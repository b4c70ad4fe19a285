// RowDocuments: rows of a query as documents, each a JSON object of all columns, or the content of
// one column.
#pragma once

#include <optional>
#include <string>

#include "producer/files/format_choice.h"
#include "shared/runtime/component.h"
#include "shared/store/row_reader.h"

namespace docmill {

// One thread.
class RowDocuments {
 public:
  // source: the name that the documents get. column: the one that is the document; nothing: all.
  RowDocuments(std::string source, std::optional<std::string> column, FormatChoice format)
      : source_(std::move(source)), column_(std::move(column)), format_(format) {}

  // kConfig when the query does not give the column: each row would be a document without content.
  Result<void> check(const RowReader& reader) const;
  // kDocument, or kDead where the column has neither a text nor a blob. Valid until the next call.
  Source::Next of(const Row& row, const RowReader& reader);

 private:
  void use_column(const Row& row, const RowReader& reader, Source::Next& next);

  std::string source_;
  std::optional<std::string> column_;
  FormatChoice format_;
  std::string bytes_;
  std::string reason_;
};

}  // namespace docmill
