// ColumnValues: what the columns of a table are given of a document - texts by path, JSON values
// with their type, and what is known about the document beside its bytes.
//
// One thread; a resource. Keeps its memory from document to document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/document/document_path.h"
#include "shared/document/json_scanner.h"
#include "shared/runtime/component.h"
#include "shared/store/database.h"

namespace docmill {

struct ColumnConfig {
  std::string name;
  std::string from;  // a path, or one of the names that begin with '$'
  bool key = false;  // a document without a value for it is refused
};

// A value that is owned: nothing, a whole number, a number, text, bytes that are no text.
struct ColumnBytes {
  std::string bytes;
};
using ColumnValue = std::variant<std::monostate, std::int64_t, double, std::string, ColumnBytes>;

SqlValue as_sql(const ColumnValue& value);

class ColumnValues {
 public:
  // Failure: kConfig, with the column whose path is none.
  static Result<ColumnValues> make(const std::vector<ColumnConfig>& columns,
                                   const PathNamespaces& namespaces);

  // One for each column. Failure: kMalformed, with the column that the document has no fit value
  // for.
  Result<std::vector<ColumnValue>> read(const DocumentId& id, const DocumentView& document);

 private:
  // What '$document' and the like stand for.
  using Known = ColumnValue (*)(const DocumentId&, const DocumentView&);
  struct Column {
    std::string name;
    bool key = false;
    std::optional<DocumentPath<XmlPath>> path;
    Known known = nullptr;
    std::string note;
  };

  static Known find_known(std::string_view name);
  Result<void> load(const DocumentView& document);
  Result<ColumnValue> at(const Column& column) const;
  Result<ColumnValue> json_value(std::uint32_t node) const;

  std::vector<Column> columns_;
  bool any_path_ = false;
  bool json_ = false;
  XmlTree tree_;
  JsonScanner scanner_;
  JsonTape tape_;

  ColumnValues();
};

}  // namespace docmill
