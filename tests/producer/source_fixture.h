// What the tests of the sources share: a folder with input files, what a source is opened with, and
// short verbs to read one.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "producer/files/file_documents.h"
#include "producer/source_context.h"
#include "producer/sources/sources.h"
#include "shared/base/hash.h"
#include "shared/config/yaml.h"
#include "tests/support/catch.h"
#include "tests/support/real_disk.h"

namespace docmill::test {

class MemoryCatalog final : public SourceCatalog {
 public:
  Result<void> select(const std::string& kind) override {
    others_[kind_] = std::move(rows_);
    kind_ = kind;
    rows_ = others_[kind_];
    forgotten_ = forgotten_row(rows_);
    return {};
  }
  const SourceRows& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>& rows) override {
    ++appends;
    append_rows(rows_, rows);
    return {};
  }
  Result<void> rewrite(const SourceRows& texts) override {
    ++rewrites;
    rewrite_rows(rows_, texts, forgotten_);
    return {};
  }
  int appends = 0;
  int rewrites = 0;
  SourceRows rows_;
  std::optional<std::uint64_t> forgotten_;

 private:
  std::string kind_;
  std::map<std::string, SourceRows> others_;
};

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

class TickClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time{};
};

// What a source gave, kept.
struct Seen {
  Source::State state = Source::State::kDocument;
  std::string bytes;
  std::string reason;
  std::string source;
  std::uint64_t record = 0;
  std::uint64_t offset = 0;
  std::uint64_t line = 0;
  Format format = Format::kBytes;
  std::string notes = {};
  bool operator==(const Seen&) const = default;
};

inline Seen seen(const Source::Next& next) {
  const DocumentView& document = next.document;
  return {next.state,
          std::string(document.bytes),
          std::string(next.reason),
          std::string(document.origin.source),
          document.origin.record,
          document.origin.offset,
          document.origin.line,
          document.format,
          std::string(document.notes)};
}

inline std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << static_cast<int>(seen.state) << " '" << seen.bytes << "' " << seen.source << ':'
             << seen.record << " at " << seen.offset << " line " << seen.line << " (" << seen.reason
             << ')';
}

// The reason of a dead letter for a document above the limit, which begins at that byte.
inline std::string oversize(std::string_view document, std::uint64_t begin, Bytes limit) {
  const std::size_t kept = std::min(document.size(), sample_bytes(limit));
  return oversize_reason(document.size(), limit) +
         whereabouts(kept, begin, begin + document.size(), document.size(), hash64(document));
}

struct SourceFixture {
  SourceFixture() {
    std::string name = std::filesystem::temp_directory_path() / "docmill-source-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
  }
  ~SourceFixture() { std::filesystem::remove_all(folder); }
  SourceFixture(const SourceFixture&) = delete;
  SourceFixture& operator=(const SourceFixture&) = delete;

  std::string path(const std::string& name) const { return folder / name; }
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }

  // settings: the YAML of the component's settings.
  Result<std::unique_ptr<Source>> open(const SourceComponent& component,
                                       const std::string& settings,
                                       const std::string& position = "") {
    Findings findings;
    const Place place(findings, "settings");
    const auto node = parse_yaml(settings, place);
    const std::any parsed = node ? component.schema.parse(*node, place) : std::any();
    if (!findings.empty()) return config_error(findings.text());
    return component.open(parsed, context(position));
  }
  SourceContext context(const std::string& position = "") {
    return {producer, position, limits,  reading, catalog, clock,       log,
            epoch,    folder,   nullptr, nullptr, nullptr, &real_disk()};
  }

  std::filesystem::path folder;
  std::string producer = "p1";
  std::uint64_t epoch = 7;
  LimitsConfig limits;
  XmlConfig reading;
  MemoryCatalog catalog;
  KeptLog log;
  TickClock clock;
};

// Everything up to and including kIdle or kEnded; kBusy is left out. positions: after each thing
// that was taken. busy: how often it was kBusy.
inline std::vector<Seen> read_all(Source& source, std::vector<std::string>* positions = nullptr,
                                  std::size_t* busy = nullptr) {
  std::vector<Seen> all;
  while (true) {
    const Result<Source::Next> next = source.peek();
    REQUIRE(next.ok());
    if (next->state == Source::State::kBusy) {
      if (busy != nullptr) ++*busy;
      continue;
    }
    all.push_back(seen(*next));
    const Source::State state = next->state;
    if (state == Source::State::kIdle || state == Source::State::kEnded) return all;
    source.take();
    if (positions != nullptr) positions->push_back(source.position());
  }
}

inline bool is_document(const Seen& one) {
  return one.state == Source::State::kDocument || one.state == Source::State::kDead;
}

// "a b | c ! ^ $": documents by their bytes; | a boundary, ! a dead letter, ^ caught up, $ ended,
// ~ idle.
inline std::string outline(const std::vector<Seen>& all) {
  std::string text;
  for (const Seen& one : all) {
    if (!text.empty()) text += ' ';
    switch (one.state) {
      case Source::State::kDocument:
        text += one.bytes;
        break;
      case Source::State::kDead:
        text += '!';
        break;
      case Source::State::kBoundary:
        text += '|';
        break;
      case Source::State::kIdle:
        text += '~';
        break;
      case Source::State::kCaughtUp:
        text += '^';
        break;
      case Source::State::kBusy:
        text += '?';
        break;
      case Source::State::kEnded:
        text += '$';
        break;
    }
  }
  return text;
}

// From every position on, what follows is the same as it was the first time.
inline void check_every_position(SourceFixture& fixture, const SourceComponent& component,
                                 const std::string& settings) {
  std::vector<std::string> positions;
  auto first = fixture.open(component, settings);
  REQUIRE(first.ok());
  std::vector<Seen> all = read_all(**first, &positions);
  const auto without_caught_up = [](std::vector<Seen> things) {
    std::erase_if(things, [](const Seen& one) { return one.state == Source::State::kCaughtUp; });
    return things;
  };
  for (std::size_t i = 0; i < positions.size(); ++i) {
    auto again = fixture.open(component, settings, positions[i]);
    INFO("from " << positions[i]);
    REQUIRE(again.ok());
    CHECK((*again)->position() == positions[i]);
    const std::vector<Seen> rest = read_all(**again);
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    CHECK(without_caught_up(rest) == without_caught_up({from, all.end()}));
  }
}

// A source that reads the lines of every .txt file in the folder.
struct LinesFixture : SourceFixture {
  std::string settings() const { return "path: " + path("*.txt"); }
  std::unique_ptr<Source> lines(const std::string& position = "") {
    auto source = open(lines_source(), settings(), position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  std::string outline_from(const std::string& position) {
    return outline(read_all(*lines(position)));
  }
};

}  // namespace docmill::test
