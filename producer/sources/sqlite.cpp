// `sqlite`: the rows of a query in a database, as far as they have come, and those that come.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <deque>
#include <filesystem>
#include <future>
#include <optional>
#include <system_error>

#include "producer/files/format_choice.h"
#include "producer/sources/row_documents.h"
#include "producer/sources/sources.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "shared/base/throttle.h"
#include "shared/config/schema.h"
#include "shared/store/row_reader.h"

namespace docmill {
namespace {

constexpr Duration kRetry = std::chrono::seconds(1);
// How long somebody may take to put another database in its place.
constexpr Duration kReplacing = std::chrono::minutes(10);
// A call waits this long for a query; most are done by then.
constexpr Duration kQueryWait = std::chrono::milliseconds(5);
constexpr std::string_view kNumber = "number ";
constexpr std::string_view kText = "text ";
// In place of a cursor: it is not known which rows were sent. The whole of what follows the
// beginning: a cursor that ends with these words begins with another one.
constexpr std::string_view kGivenUp = "given up";

struct SqliteConfig {
  std::filesystem::path path;
  std::string query;
  std::string cursor;
  Duration poll = std::chrono::seconds(1);
  std::optional<std::string> document;
  FormatChoice format = FormatChoice::kAuto;
};

// What a position begins with: a cursor says nothing about the rows of another query.
std::string beginning_of(const SqliteConfig& config) {
  const std::string all =
      fmt::format("{}\n{}\n{}", config.path.string(), config.cursor, config.query);
  return fmt::format("sqlite 2 {:016x} ", hash64(all));
}

// The cursor in a position; nothing when it is of another query or kind of source.
std::optional<RowValue> cursor_of(std::string_view position, std::string_view beginning) {
  if (position.empty()) return RowValue();
  if (!position.starts_with(beginning)) return std::nullopt;
  position.remove_prefix(beginning.size());
  if (position.starts_with(kText)) return RowValue(std::string(position.substr(kText.size())));
  if (!position.starts_with(kNumber)) return std::nullopt;
  position.remove_prefix(kNumber.size());
  std::int64_t number = 0;
  const auto [end, failed] =
      std::from_chars(position.data(), position.data() + position.size(), number);
  if (failed != std::errc() || end != position.data() + position.size()) return std::nullopt;
  return RowValue(number);
}

bool was_read(const SourceContext& context) { return !context.position.empty() && !context.former; }

class SqliteSource final : public Source {
 public:
  SqliteSource(SqliteConfig config, RowValue cursor, const SourceContext& context)
      : config_(std::move(config)),
        path_(config_.path.string()),
        beginning_(beginning_of(config_)),
        cursor_(std::move(cursor)),
        was_open_(was_read(context)),
        documents_(path_, config_.document, config_.format),
        clock_(context.clock),
        log_(context.log) {}
  // A query that runs is not waited for.
  ~SqliteSource() override {
    if (reader_) reader_->cancel();
  }

  Result<Next> peek() override {
    if (shown_) return *shown_;
    if (rows_.empty() && (query_.valid() || clock_.now() >= next_look_)) {
      auto looked = look();
      if (!looked) return looked.error();
      if (!*looked) return Next{.state = State::kBusy, .document = {}, .reason = {}};
    }
    if (!rows_.empty()) {
      shown_ = documents_.of(rows_.front(), *reader_);
    } else if (looked_ && !caught_up_) {
      // Rows are only added: what an earlier run read was before the end.
      shown_ = Next{.state = State::kCaughtUp, .document = {}, .reason = {}};
    } else {
      const bool ended = looked_ && (config_.poll == Duration::zero() || draining_);
      return Next{.state = ended ? State::kEnded : State::kIdle, .document = {}, .reason = {}};
    }
    return *shown_;
  }
  void take() override {
    DOCMILL_CHECK(shown_.has_value(), "take() without peek() at '{}'", position());
    if (shown_->state == State::kCaughtUp) {
      caught_up_ = true;
    } else {
      cursor_ = rows_.front()[reader_->cursor_column()];
      rows_.pop_front();
    }
    shown_.reset();
  }
  std::string position() const override {
    if (const auto* text = std::get_if<std::string>(&cursor_))
      return fmt::format("{}{}{}", beginning_, kText, *text);
    if (const auto* number = std::get_if<std::int64_t>(&cursor_)) {
      return fmt::format("{}{}{}", beginning_, kNumber, *number);
    }
    return {};
  }
  bool drain() override { return draining_ = true; }

 private:
  // False: the query still runs. A database that is locked is looked at again.
  Result<bool> look() {
    looked_ = false;
    auto read = read_rows();
    if (!read && read.error().code == ErrorCode::kUnavailable) {
      next_look_ = clock_.now() + kRetry;
      if (const auto held_back = throttle_.due(read.error().text, clock_.now())) {
        log_.warn("producer.source.sqlite: {}; retry in {}{}", read.error().text, to_string(kRetry),
                  more_like_it(*held_back));
      }
      return true;
    }
    if (!read) return Error{read.error().code, "producer.source.sqlite: " + read.error().text};
    if (!*read) return false;
    looked_ = rows_.empty();
    if (looked_) next_look_ = clock_.now() + config_.poll;
    return true;
  }
  // A database that was read before may be half of another one now, which somebody copies or
  // restores.
  Error may_pass(const Error& error) {
    const Time now = clock_.now();
    if (!failing_since_) failing_since_ = now;
    return now - *failing_since_ < kReplacing ? unavailable(error.text) : error;
  }
  // On a thread of its own, since a query may take any time before its first row.
  Result<void> begin_query() {
    try {
      query_ = std::async(std::launch::async,
                          [this, cursor = cursor_] { return reader_->after(cursor); });
      return {};
    } catch (const std::system_error& error) {
      return unavailable(fmt::format("{}: begin a query: {}", path_, error.what()));
    }
  }
  Result<bool> read_rows() {
    // Another file may have been put in its place; what is open would never change again.
    if (reader_ && !query_.valid() && reader_->is_replaced()) {
      reader_.reset();
      log_.info("producer.source.sqlite: {}: another file has taken its place; it is read on",
                path_);
    }
    if (!reader_) {
      auto opened = RowReader::open({path_, config_.query, config_.cursor});
      const auto usable = opened ? documents_.check(*opened) : opened.error();
      if (!usable) return was_open_ ? may_pass(usable.error()) : usable.error();
      reader_ = std::move(*opened);
      was_open_ = true;
    }
    if (!query_.valid()) {
      if (auto begun = begin_query(); !begun) return begun.error();
    }
    if (query_.wait_for(kQueryWait) != std::future_status::ready) return false;
    auto rows = query_.get();
    if (!rows) {
      const bool keeps = rows.error().code == ErrorCode::kUnavailable || !reader_->has_failed();
      if (keeps) return rows.error();
      reader_.reset();
      return may_pass(rows.error());
    }
    failing_since_.reset();
    rows_.assign(std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    return true;
  }

  SqliteConfig config_;
  std::string path_;
  std::string beginning_;  // of its positions
  RowValue cursor_;        // of the last row that was taken
  bool was_open_;          // the query has worked, perhaps in an earlier life
  RowDocuments documents_;
  const Clock& clock_;
  Log& log_;
  std::optional<RowReader> reader_;
  // Waits for its thread when it is destroyed, before the reader is.
  std::future<Result<std::vector<Row>>> query_;
  std::deque<Row> rows_;
  bool looked_ = false;  // and there was nothing more
  bool caught_up_ = false;
  bool draining_ = false;
  std::optional<Time> failing_since_;
  Throttle throttle_{std::chrono::minutes(1), 16};
  Time next_look_{};
  std::optional<Next> shown_;
};

SqliteConfig expanded(const std::any& settings, const std::string& producer) {
  auto config = std::any_cast<SqliteConfig>(settings);
  config.path = expand(config.path, "producer", producer);
  return config;
}

// The rows of another query or another database are another source.
std::string kind(const std::any& settings, const std::string& producer) {
  return beginning_of(expanded(settings, producer));
}

Result<Leftover> leftover(const std::any& settings, const Leaving& leaving,
                          const SourceContext& context) {
  if (leaving.batches == 0) return Leftover{{}, leaving.position, {}};
  const SqliteConfig config = expanded(settings, context.producer);
  return Leftover{{config.path.string()}, beginning_of(config) + std::string(kGivenUp), {}};
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const SqliteConfig config = expanded(settings, context.producer);
  const std::string beginning = beginning_of(config);
  auto cursor = cursor_of(context.position, beginning);
  if (context.position == beginning + std::string(kGivenUp)) {
    return config_error(
        "producer.source.sqlite: expected a query that was not given up, found one; change it");
  }
  if (!cursor) {
    return corrupt(
        fmt::format("producer.source.sqlite: expected a position of this path, query and cursor "
                    "('{}...'), found '{}'; use those that wrote it until all is settled, or start "
                    "over with --fresh",
                    beginning, context.position));
  }
  // A wrong query is reported at once, and so is a former source that is lost. A locked database is
  // waited for, and so is one that was read before: its query has worked, so that somebody is
  // copying or restoring it.
  auto tried = RowReader::open({config.path.string(), config.query, config.cursor});
  if (!tried && tried.error().code != ErrorCode::kUnavailable && !was_read(context)) {
    return Error{tried.error().code, "producer.source.sqlite: " + tried.error().text};
  }
  if (tried) {
    const std::string path = config.path.string();
    const auto usable = RowDocuments(path, config.document, config.format).check(*tried);
    if (!usable) return config_error("producer.source.sqlite: " + usable.error().text);
  }
  return std::unique_ptr<Source>(
      std::make_unique<SqliteSource>(config, std::move(*cursor), context));
}

}  // namespace

SourceComponent sqlite_source() {
  return {
      Schema<SqliteConfig>(
          "sqlite",
          "Read the rows of a query in a SQLite database, each a JSON object or the document "
          "in one of its columns, and look for more of them. Exactly once where rows are only "
          "added, each with a cursor above all that are there.")
          .field("path", &SqliteConfig::path,
                 "The database, which is only read; {producer} stands for the name of the "
                 "producer.",
                 required, example("orders.db"))
          .field("query", &SqliteConfig::query,
                 "Its rows are in the order of the cursor and above :cursor, which is below "
                 "everything at the beginning.",
                 required, example("SELECT * FROM orders WHERE id > :cursor ORDER BY id"))
          .field("cursor", &SqliteConfig::cursor,
                 "The column of a row that is the next :cursor: whole numbers, or texts.", required,
                 example("id"))
          .field("poll", &SqliteConfig::poll,
                 "How often to look for more rows; 0s: ends when there are none.",
                 at_most(Duration(std::chrono::hours(24))))
          .field("document", &SqliteConfig::document,
                 "The column that is the document; without it all columns are, as a JSON "
                 "object: whole numbers, numbers, texts and null as they are, a blob as base64.",
                 example("document"))
          .field("format", &SqliteConfig::format,
                 "What `document` is; auto looks at its first character."),
      open,
      kind,
      {},
      {},
      leftover};
}

}  // namespace docmill
