// ServerOutput: an output of a sink whose server answers late, fails for a while, and rejects some
// documents for good. At least once, as http and deliver are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/runtime/component.h"
#include "tests/simulation/dice.h"

namespace docmill::daemons {

// What lives on when the sink dies.
struct Server {
  std::map<std::string, int> received;  // how often, by the document
  bool fails = false;                   // transiently
};

// Whether the server rejects the document of this number.
inline bool is_rejected_by_server(std::uint64_t n) { return n % 11 == 3; }
// Whether the table of the sqlite output has a constraint against it.
inline bool is_rejected_by_table(std::uint64_t n) { return n % 7 == 5; }

// The value of a field of a document of a Feeder.
std::string field_of(std::string_view document, std::string_view name);

// Its field `n`.
std::uint64_t number_of(std::string_view document);

class ServerOutput final : public Output {
 public:
  ServerOutput(Server& server, simulation::Dice& dice) : server_(server), dice_(dice) {}

  void add(const DocumentId&, const DocumentView& document) override {
    group_.emplace_back(document.bytes);
  }
  Result<void> sync() override;
  void marks(std::vector<FileMark>&) const override {}
  Result<void> settle() override;
  Rejects rejects() const override { return Rejects::kAfterSync; }
  std::vector<Rejected> take_rejected() override { return std::exchange(rejected_, {}); }

 private:
  Server& server_;
  simulation::Dice& dice_;
  std::vector<std::string> group_;
  std::size_t answered_ = 0;
  std::vector<Rejected> rejected_;
};

}  // namespace docmill::daemons
