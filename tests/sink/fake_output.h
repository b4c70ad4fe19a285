// An output in memory that rejects and fails as it is told.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/runtime/component.h"

namespace docmill::test {

class FakeOutput final : public Output {
 public:
  explicit FakeOutput(Rejects when = Rejects::kNever) : when_(when) {}

  void add(const DocumentId&, const DocumentView& document) override {
    documents.emplace_back(document.bytes);
  }
  Result<void> sync() override {
    for (; decided_ < documents.size(); ++decided_) {
      const auto found = refuses.find(documents[decided_]);
      if (found != refuses.end()) rejected_.push_back({decided_, found->second});
    }
    if (syncs.empty()) return {};
    Result<void> next = std::move(syncs.front());
    syncs.pop_front();
    return next;
  }
  void marks(std::vector<FileMark>&) const override {}
  Rejects rejects() const override { return when_; }
  std::vector<Rejected> take_rejected() override { return std::exchange(rejected_, {}); }
  Result<void> settle() override {
    if (!settles.empty()) {
      Result<void> next = std::move(settles.front());
      settles.pop_front();
      if (!next) return next;
    }
    settled.insert(settled.end(), documents.begin(), documents.end());
    documents.clear();
    decided_ = 0;
    return {};
  }

  Result<void> serve() override {
    if (serves.empty()) return {};
    Result<void> next = std::move(serves.front());
    serves.pop_front();
    return next;
  }
  int fd() const override { return descriptor; }
  bool due(Time, bool stopping) override { return stopping && has_begun; }

  std::vector<std::string> documents;          // of the group
  std::vector<std::string> settled;            // of all groups before
  std::map<std::string, std::string> refuses;  // by the document, why
  std::deque<Result<void>> syncs;              // what the next calls return
  std::deque<Result<void>> settles;            // the same
  std::deque<Result<void>> serves;             // the same
  int descriptor = -1;
  bool has_begun = false;  // a file that has to be ended

 private:
  Rejects when_;
  std::size_t decided_ = 0;
  std::vector<Rejected> rejected_;
};

}  // namespace docmill::test
