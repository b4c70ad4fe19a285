// StoreCatalog: the rows of the source, kept in the producer's store.
#pragma once

#include <string>
#include <vector>

#include "producer/source_context.h"
#include "shared/store/producer_store.h"

namespace docmill {

class StoreCatalog final : public SourceCatalog {
 public:
  StoreCatalog(ProducerStore& store, std::vector<std::string> rows)
      : store_(store), rows_(std::move(rows)) {}

  const std::vector<std::string>& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>& rows) override {
    if (auto stored = store_.append_source_rows(rows); !stored) return stored;
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    return {};
  }

 private:
  ProducerStore& store_;
  std::vector<std::string> rows_;
};

}  // namespace docmill
