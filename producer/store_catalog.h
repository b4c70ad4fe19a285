// StoreCatalog: the rows of each kind of source, kept in the producer's store.
#pragma once

#include <string>
#include <vector>

#include "producer/source_context.h"
#include "shared/store/producer_store.h"

namespace docmill {

class StoreCatalog final : public SourceCatalog {
 public:
  explicit StoreCatalog(ProducerStore& store) : store_(store) {}

  Result<void> select(const std::string& kind) override {
    auto rows = store_.source_rows(kind);
    if (!rows) return rows.error();
    kind_ = kind;
    rows_ = std::move(*rows);
    forgotten_ = forgotten_row(rows_);
    return {};
  }
  const SourceRows& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>& rows) override {
    if (auto stored = store_.append_source_rows(kind_, rows); !stored) return stored;
    append_rows(rows_, rows);
    return {};
  }
  Result<void> rewrite(const SourceRows& texts) override {
    if (auto stored = store_.rewrite_source_rows(kind_, texts); !stored) return stored;
    rewrite_rows(rows_, texts, forgotten_);
    return {};
  }

 private:
  ProducerStore& store_;
  std::string kind_;
  SourceRows rows_;
  std::optional<std::uint64_t> forgotten_;
};

}  // namespace docmill
