// The stores on a simulated disk that fills up, fails, loses its process and loses its power, at
// random points of several lives in a row.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "shared/store/spool.h"
#include "tests/support/catch.h"
#include "tests/support/disk/disk_weather.h"

namespace docmill {
namespace {

using test::DiskModel;
using test::DiskWeather;
using test::SimulatedDisk;

using Failure = std::optional<std::string>;

constexpr std::uint64_t kSeeds = 200;
constexpr int kLives = 6;
constexpr int kMostSteps = 40;

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

// What a store promised, and how to check it.
class Subject {
 public:
  virtual ~Subject() = default;
  // Opens the store and checks what is in it. Texts of Failure are broken promises; an error that
  // the disk caused ends the life without one.
  virtual Failure open(SimulatedDisk& disk) = 0;
  // Tries to make one thing more durable. False: the process ends here.
  virtual bool step() = 0;
  virtual void close() = 0;
};

Failure live(Subject& subject, DiskModel& model, simulation::Dice& dice, bool ignores_syncs,
             bool healthy) {
  SimulatedDisk disk(model);
  disk.ignores_syncs = ignores_syncs;
  DiskWeather weather(disk, dice);
  if (!healthy) weather.plan();
  Failure failure = subject.open(disk);
  for (int i = 0; i < kMostSteps && !failure && !disk.dead() && subject.step(); ++i) {
  }
  disk.die();
  subject.close();
  if (weather.failed_a_sync() || dice.chance(60)) model.cut_power(dice);
  if (failure && weather.has_hurt() && failure->starts_with("open: ")) return {};
  return failure;
}

template <typename Kind>
Failure survive(std::uint64_t seed, bool ignores_syncs) {
  DiskModel model;
  simulation::Dice dice(seed);
  Kind subject;
  for (int life = 0; life <= kLives; ++life) {
    if (auto failure = live(subject, model, dice, ignores_syncs, life == kLives)) {
      return fmt::format("seed {}, life {}: {}", seed, life, *failure);
    }
  }
  return {};
}

template <typename Kind>
void check_that_it_survives() {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (const auto failure = survive<Kind>(seed, false)) FAIL(*failure);
  }
  std::uint64_t seed = 1;
  while (seed <= kSeeds && !survive<Kind>(seed, true)) ++seed;
  INFO("a disk that ignores syncs");
  CHECK(seed <= kSeeds);
}

// Either everything that was acknowledged, or one thing more: its answer did not arrive.
bool is_one_of(std::uint64_t found, std::uint64_t acknowledged) {
  return found == acknowledged || found == acknowledged + 1;
}

class LedgerSubject final : public Subject {
 public:
  explicit LedgerSubject(const std::string& database = {}) : database_(database) {}

  Failure open(SimulatedDisk& disk) override {
    auto folder = StateFolder::open(disk, "state", "s1");
    if (!folder) return "open: " + folder.error().text;
    folder_.emplace(std::move(*folder));
    auto store = LedgerStore::open(*folder_, database_);
    if (!store) return "open: " + store.error().text;
    store_.emplace(std::move(*store));
    auto file = store_->open_file("out/a.ndjson");
    if (!file) return "open: " + file.error().text;
    file_.emplace(std::move(*file));
    if (auto cut = file_->cut_back(); !cut) return "open: " + cut.error().text;
    const auto state = store_->state();
    if (!state) return "open: " + state.error().text;
    const std::uint64_t found = state->totals.delivered;
    if (!is_one_of(found, done_)) return fmt::format("{} of {} commits", found, done_);
    done_ = found;
    std::string expected;
    for (std::uint64_t i = 1; i <= done_; ++i) expected += line(i);
    const std::string content = disk.model().read("out/a.ndjson");
    if (content != expected) {
      return fmt::format("{} bytes in the file, expected {}", content.size(), expected.size());
    }
    return {};
  }

  bool step() override {
    file_->append(line(done_ + 1));
    Result<void> done = file_->sync();
    while (!done && done.error().code == ErrorCode::kUnavailable) done = file_->sync();
    if (!done) return false;
    LedgerFacts facts;
    facts.totals.delivered = done_ + 1;
    facts.marks.push_back({{"p1", 5}, {1, 9}, done_ + 1, done_ + 1});
    done = store_->commit(facts, {file_->mark()});
    while (!done && done.error().code == ErrorCode::kUnavailable) {
      done = store_->commit(facts, {file_->mark()});
    }
    if (done) ++done_;
    return done.ok();
  }

  void close() override {
    file_.reset();
    store_.reset();
    folder_.reset();
  }

 private:
  static std::string line(std::uint64_t number) {
    return fmt::format("{} {}\n", number, std::string(number * 97 % 1500, 'x'));
  }

  std::string database_;
  std::uint64_t done_ = 0;
  std::optional<StateFolder> folder_;
  std::optional<LedgerStore> store_;
  std::optional<AppendFile> file_;
};

class SharedLedgerSubject final : public Subject {
 public:
  Failure open(SimulatedDisk& disk) override { return ledger_.open(disk); }
  bool step() override { return ledger_.step(); }
  void close() override { ledger_.close(); }

 private:
  LedgerSubject ledger_{"out/books.db"};
};

class ProducerSubject final : public Subject {
 public:
  Failure open(SimulatedDisk& disk) override {
    auto folder = StateFolder::open(disk, "state", "p1");
    if (!folder) return "open: " + folder.error().text;
    folder_.emplace(std::move(*folder));
    auto store = ProducerStore::open(*folder_);
    if (!store) return "open: " + store.error().text;
    store_.emplace(std::move(*store));
    const auto state = store_->state();
    if (!state) return "open: " + state.error().text;
    const auto rows = store_->source_rows("files");
    if (!rows) return "open: " + rows.error().text;
    if (state->run.counter <= run_) return fmt::format("run {} comes again", state->run.counter);
    run_ = state->run.counter;
    const std::uint64_t found = state->checkpoint.sequence;
    if (!is_one_of(found, done_)) return fmt::format("checkpoint {} of {}", found, done_);
    if (!is_one_of(rows->size(), rows_)) return fmt::format("{} rows of {}", rows->size(), rows_);
    done_ = found;
    rows_ = rows->size();
    return {};
  }

  bool step() override {
    ProducerFacts facts;
    facts.reserved = (done_ + 1) * 64;
    facts.checkpoint = Checkpoint{done_ + 1, std::string(done_ * 131 % 3000, 'p'), {}};
    Result<void> done = store_->commit(facts);
    while (!done && done.error().code == ErrorCode::kUnavailable) done = store_->commit(facts);
    if (!done) return false;
    ++done_;
    const std::string row = fmt::format("file {}", rows_);
    done = store_->append_source_rows("files", {row});
    while (!done && done.error().code == ErrorCode::kUnavailable) {
      done = store_->append_source_rows("files", {row});
    }
    if (done) ++rows_;
    return done.ok();
  }

  void close() override {
    store_.reset();
    folder_.reset();
  }

 private:
  std::uint64_t done_ = 0;
  std::uint64_t rows_ = 0;
  std::uint32_t run_ = 0;
  std::optional<StateFolder> folder_;
  std::optional<ProducerStore> store_;
};

class SpoolSubject final : public Subject {
 public:
  Failure open(SimulatedDisk& disk) override {
    SpoolLimits limits;
    limits.segment.count = 2000;
    auto spool = Spool::open(disk, "spool", limits, log_);
    if (!spool) return "open: " + spool.error().text;
    spool_.emplace(std::move(*spool));
    std::size_t found = 0;
    for (std::uint64_t after = 0;;) {
      const auto record = spool_->read(after);
      if (!record) return "open: " + record.error().text;
      // It passes over what the disk cannot read, and reports it.
      if (spool_->damage().bytes > 0) return "open: damage";
      if (!*record) break;
      after = (*record)->number;
      const bool is_known = found < numbers_.size();
      if (is_known && after != numbers_[found]) {
        return fmt::format("record {} has number {:x}, not {:x}", found, after, numbers_[found]);
      }
      if ((*record)->bytes != text(found)) return fmt::format("record {} is another one", found);
      if (!is_known) numbers_.push_back(after);
      ++found;
    }
    if (found < numbers_.size()) {
      return fmt::format("{} of {} records", found, numbers_.size());
    }
    return {};
  }

  bool step() override {
    const auto appended = spool_->append({}, text(numbers_.size()));
    if (!appended) return false;
    Result<void> synced = spool_->sync();
    while (!synced && synced.error().code == ErrorCode::kUnavailable) synced = spool_->sync();
    if (synced) numbers_.push_back(appended->number);
    return synced.ok();
  }

  void close() override { spool_.reset(); }

 private:
  static std::string text(std::size_t number) {
    return fmt::format("{} {}", number, std::string(number * 89 % 700, 'r'));
  }

  QuietLog log_;
  std::vector<std::uint64_t> numbers_;  // of the records that were acknowledged
  std::optional<Spool> spool_;
};

TEST_CASE("a ledger and its file have what was committed after any crashes in a row") {
  check_that_it_survives<LedgerSubject>();
}
TEST_CASE("a ledger in a shared database has what was committed after any crashes in a row") {
  check_that_it_survives<SharedLedgerSubject>();
}
TEST_CASE("a producer's store has what was committed after any crashes in a row") {
  check_that_it_survives<ProducerSubject>();
}
TEST_CASE("a spool has what was acknowledged after any crashes in a row") {
  check_that_it_survives<SpoolSubject>();
}

}  // namespace
}  // namespace docmill
