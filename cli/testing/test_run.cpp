#include "cli/testing/test_run.h"

#include <fmt/format.h>

#include "cli/testing/memory_file.h"
#include "cli/testing/yaml_json.h"
#include "shared/base/check.h"

namespace docmill {
namespace {

// A log that documents fill must not fill the memory.
constexpr std::size_t kMostLogLines = 20;
// The path of an input that has none, in what a source says.
constexpr std::string_view kInput = "the input";

// The rows of a source that is opened for one file and forgotten.
class FileRows final : public SourceCatalog {
 public:
  const SourceRows& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>& rows) override {
    append_rows(rows_, rows);
    return {};
  }
  Result<void> rewrite(const SourceRows& texts) override {
    rewrite_rows(rows_, texts, forgotten_);
    return {};
  }

 private:
  SourceRows rows_;
  std::optional<std::uint64_t> forgotten_;
};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

class TestRun::KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override {
    if (lines.size() < kMostLogLines) lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

TestRun::TestRun(const PipelineConfig& config, std::filesystem::path folder)
    : config_(config),
      folder_(std::move(folder)),
      log_(std::make_unique<KeptLog>()),
      sources_(source_components()) {}

TestRun::~TestRun() = default;

Result<std::unique_ptr<TestRun>> TestRun::open(const PipelineConfig& config,
                                               std::filesystem::path folder) {
  std::unique_ptr<TestRun> run(new TestRun(config, std::move(folder)));
  if (auto chosen = run->choose_source(); !chosen) return chosen.error();
  const auto definition = define_processors(config);
  if (!definition) return definition.error();
  auto chain = Chain::make(*definition, *run->log_);
  if (!chain) return chain.error();
  run->chain_ = std::make_unique<Chain>(std::move(*chain));
  return run;
}

// In place of a source that reads no files, and of none at all, stands one that reads whole ones.
Result<void> TestRun::choose_source() {
  if (!config_.is_raw()) {
    source_ = find_listed(sources_, config_.producer.source.key);
    DOCMILL_CHECK(source_ != nullptr, "no source is called {}", config_.producer.source.key);
    settings_ = config_.producer.source.config;
    if (source_->open_on) return {};
  }
  auto whole = parse_component("files: input", component_set("source", sources_));
  if (!whole) return whole.error();
  source_ = find_listed(sources_, whole->key);
  settings_ = whole->config;
  return {};
}

Result<TestOutcome> TestRun::run(const TestConfig& test) {
  outcome_ = {};
  index_ = 0;
  log_->lines.clear();
  for (const TestDocument& input : test.input.all) {
    if (auto done = read(input); !done) return done.error();
  }
  outcome_.log = log_->lines;
  return std::move(outcome_);
}

Result<void> TestRun::read(const TestDocument& input) {
  if (!input.file.empty()) return read_file(folder_ / input.file);
  const bool is_text = input.node.kind == YamlNode::Kind::kScalar;
  const auto file = MemoryFile::make(is_text ? input.node.text : json_of(input.node));
  if (!file) return file.error();
  const std::size_t dead = outcome_.dead.size();
  auto done = read_file(file->path());
  const std::string path = file->path();
  for (std::size_t i = dead; i < outcome_.dead.size(); ++i) {
    replace_all(outcome_.dead[i].reason, path, kInput);
  }
  for (std::string& line : log_->lines) replace_all(line, path, kInput);
  return done;
}

Result<void> TestRun::read_file(const std::filesystem::path& file) {
  FileRows rows;
  const SystemClock clock;
  // The name of the producer goes in place of {producer}; so this one leaves the path as it is.
  const SourceContext context{.producer = "{producer}",
                              .position = {},
                              .limits = config_.limits,
                              .xml = config_.xml,
                              .catalog = rows,
                              .clock = clock,
                              .log = *log_};
  auto source = source_->open_on(settings_, file, context);
  if (!source) return source.error();
  while (true) {
    const auto next = (*source)->peek();
    if (!next) return next.error();
    if (next->state == Source::State::kBusy) continue;
    if (next->state == Source::State::kEnded || next->state == Source::State::kIdle) return {};
    take(*next);
    (*source)->take();
  }
}

void TestRun::take(const Source::Next& next) {
  PayloadWriter payload;
  if (next.state == Source::State::kDead) {
    payload.dead(index_++, next.document, fmt::format("producer: {}", next.reason));
  } else if (next.state == Source::State::kDocument) {
    chain_->process(index_++, next.document, payload);
  }
  keep(payload.take());
}

void TestRun::keep(std::string_view payload) {
  PayloadReader reader(payload);
  Entry entry;
  auto more = reader.next(entry);
  for (; more && *more; more = reader.next(entry)) {
    TestOutcome::Made made{entry.document.format, std::string(entry.document.bytes),
                           std::string(entry.document.notes)};
    switch (entry.kind) {
      case EntryKind::kDocument:
        outcome_.outputs.push_back(std::move(made));
        break;
      case EntryKind::kDead:
        outcome_.dead.push_back({std::string(entry.reason), std::move(made)});
        break;
      case EntryKind::kFiltered:
        ++outcome_.filtered;
        break;
      case EntryKind::kSource:
        break;
    }
  }
  DOCMILL_CHECK(more.ok(), "a payload of this process is damaged: {}", more.error().text);
}

}  // namespace docmill
