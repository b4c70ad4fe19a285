// `generate`: records that are made, not read; to try a pipeline and to test one.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "producer/files/number_text.h"
#include "producer/sources/generated_record.h"
#include "producer/sources/sources.h"
#include "shared/base/check.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

enum class RecordFormat { kXml, kJson };

constexpr std::array<EnumName<RecordFormat>, 2> enum_names(RecordFormat) {
  return {{{"xml", RecordFormat::kXml}, {"json", RecordFormat::kJson}}};
}

struct GenerateConfig {
  std::uint64_t count = 1000;
  Bytes size{350};
  std::uint64_t rate = 0;
  std::uint64_t seed = 1;
  RecordFormat format = RecordFormat::kXml;
};

Schema<GenerateConfig> schema() {
  return Schema<GenerateConfig>(
             "generate",
             "Make book records that carry their own checksum, the same ones each time.")
      .field("count", &GenerateConfig::count, "How many; 0 never ends.")
      .field("size", &GenerateConfig::size, "Bytes of a record, about.", at_least(Bytes{1}))
      .field("rate", &GenerateConfig::rate, "Records a second; 0 is as fast as they are taken.",
             at_most(10'000'000))
      .field("seed", &GenerateConfig::seed, "Another seed gives other records.")
      .field("format", &GenerateConfig::format, "What a record is.")
      .shorthand("count")
      .partitioned();
}

// How far an earlier run may have got is known by rows "upto 1 NUMBER" of the catalog, each written
// before the first record it covers: a step of ten seconds, or of a million records.
class GenerateSource final : public Source {
 public:
  GenerateSource(const GenerateConfig& config, const SourceContext& context, std::uint64_t made,
                 std::uint64_t covered)
      : config_(config),
        maker_(context.producer, config.seed, config.size,
               config.format == RecordFormat::kXml ? Format::kXml : Format::kJson),
        producer_(context.producer),
        catalog_(context.catalog),
        clock_(context.clock),
        last_(config.count == 0 ? std::numeric_limits<std::uint64_t>::max() : config.count),
        first_(made),
        made_(made),
        earlier_(std::min(covered, last_)),
        covered_(covered) {}

  Result<Next> peek() override {
    if (next_.state != State::kIdle) return next_;
    if (!caught_up_ && made_ >= earlier_) {
      next_.state = State::kCaughtUp;
    } else if (made_ >= last_) {
      next_.state = State::kEnded;
    } else if (is_due()) {
      if (const Result<void> kept = cover(); !kept) return kept.error();
      next_ = {.state = State::kDocument,
               .document = {.format =
                                config_.format == RecordFormat::kXml ? Format::kXml : Format::kJson,
                            .bytes = maker_.make(made_ + 1),
                            .origin = {.source = producer_, .record = made_ + 1}},
               .reason = {}};
    }
    return next_;
  }

  void take() override {
    if (next_.state == State::kEnded) return;
    if (next_.state == State::kDocument) ++made_;
    if (next_.state == State::kCaughtUp) caught_up_ = true;
    next_ = {};
  }

  std::string position() const override { return fmt::format("generate 1 {}", made_); }

 private:
  // The first record is due at once, the others at their time after it.
  bool is_due() {
    if (config_.rate == 0) return true;
    const Time now = clock_.now();
    if (!began_) began_ = now;
    const double seconds = std::chrono::duration<double>(now - *began_).count();
    return static_cast<double>(made_ - first_) <= seconds * static_cast<double>(config_.rate);
  }

  Result<void> cover() {
    if (made_ < covered_) return {};
    const std::uint64_t step = config_.rate == 0 ? 1'000'000 : config_.rate * 10;
    const std::uint64_t upto = made_ + std::min(step, last_ - made_);
    Result<void> kept = catalog_.append({fmt::format("upto 1 {}", upto)});
    if (kept) covered_ = upto;
    return kept;
  }

  GenerateConfig config_;
  RecordMaker maker_;
  std::string producer_;
  SourceCatalog& catalog_;
  const Clock& clock_;
  std::uint64_t last_;
  std::uint64_t first_;    // records before this run
  std::uint64_t made_;     // records before the next one
  std::uint64_t earlier_;  // what an earlier run may have made
  std::uint64_t covered_;  // what the catalog says
  bool caught_up_ = false;
  std::optional<Time> began_;
  Next next_;
};

// A text "TAG 1 NUMBER".
bool read_tagged(std::string_view text, std::string_view tag, std::uint64_t& number) {
  return take_word(text, tag) && take_word(text, "1") && take_number(text, number) && text.empty();
}

Error not_understood(std::string_view what, std::string_view found) {
  return corrupt(
      fmt::format("producer.source.generate: expected {}, found '{}'; use the version and the "
                  "source that wrote it, or start over with --fresh",
                  what, found));
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  std::uint64_t made = 0;
  if (!context.position.empty() && !read_tagged(context.position, "generate", made)) {
    return not_understood("the position of a 'generate' source", context.position);
  }
  std::uint64_t covered = 0;
  for (const auto& [number, row] : context.catalog.rows()) {
    if (!read_tagged(row, "upto", covered)) return not_understood("a row 'upto 1 NUMBER'", row);
  }
  return std::unique_ptr<Source>(std::make_unique<GenerateSource>(
      std::any_cast<const GenerateConfig&>(settings), context, made, covered));
}

std::optional<std::uint64_t> total(const std::any& settings) {
  const auto count = std::any_cast<const GenerateConfig&>(settings).count;
  return count == 0 ? std::nullopt : std::optional(count);
}

std::string kind(const std::any&, const std::string&) { return "generate "; }

}  // namespace

SourceComponent generate_source() { return {schema(), open, kind, total}; }

}  // namespace docmill
