#include "producer/files/file_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "producer/files/file_search.h"
#include "shared/base/check.h"
#include "shared/store/disk_reserve.h"

namespace docmill {
namespace {

Error about(const std::string& what, const Error& error) {
  return {error.code, fmt::format("producer.source.{}: {}", what, error.text)};
}

// The text of such an error begins with the field.
Error about_field(const std::string& key, const Error& error) {
  return {error.code, fmt::format("producer.source.{}.{}", key, error.text)};
}

Source::Next only(Source::State state) {
  Source::Next next;
  next.state = state;
  return next;
}

Result<void> check_any(const FileSourceOptions& options) {
  const Result<std::vector<std::string>> names = search_names(options.path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto found = look_at(name);
    if (!found) return found.error();
    if (*found) return {};
  }
  const bool relative = std::filesystem::path(options.path).is_relative();
  return config_error(fmt::format(
      "{} matches no file{}; give a path that exists, or put the first file there "
      "before the start",
      options.path,
      relative ? fmt::format(" (seen from {})", std::filesystem::current_path().string()) : ""));
}

// Nothing is read without a claim, and so nothing is settled that would give room back.
Result<void> open_claims(const FileSourceOptions& options, const SourceContext& context,
                         std::unique_ptr<FileClaims>& claims) {
  const auto open = [&]() -> Result<void> {
    auto opened = FileClaims::open(options.claims, context.producer, context.epoch);
    if (!opened) return opened.error();
    claims = std::move(*opened);
    return {};
  };
  return with_room(context.reserve, open);
}

}  // namespace

Result<std::unique_ptr<Source>> FileSource::open(FileSourceOptions options,
                                                 const SourceContext& context) {
  options.path = expand(options.path, "producer", context.producer);
  std::unique_ptr<FileClaims> claims;
  if (!options.claims.empty()) {
    if (auto opened = open_claims(options, context, claims); !opened) {
      return about(options.key + ".claims", opened.error());
    }
  }
  Result<FileCatalog> catalog = FileCatalog::open(options.path, context.catalog, std::move(claims));
  if (!catalog) return about(options.key, catalog.error());
  if (const Result<void> again = catalog->claim_again(); !again) {
    return about_field(options.key, again.error());
  }
  const Result<FilePosition> position = parse_position(context.position, options.reader);
  if (!position) return about(options.key, position.error());
  if (position->file > catalog->size() || (position->end && position->file == catalog->size())) {
    return about(options.key,
                 corrupt(fmt::format("the position '{}' is in file {}, but only {} were seen; "
                                     "restore all of the state folder, or start over with --fresh",
                                     context.position, position->file + 1, catalog->size())));
  }
  if (position->file < catalog->size() && !catalog->remembers(position->file)) {
    return about(options.key,
                 corrupt(fmt::format("the position '{}' is in file {}, which was done and is "
                                     "forgotten; restore all of the state folder, or start over "
                                     "with --fresh",
                                     context.position, position->file + 1)));
  }
  if (context.former) options.when_done = {};
  options.when_done.move_to =
      expand(options.when_done.move_to.string(), "producer", context.producer);
  options.when_done.failed_to =
      expand(options.when_done.failed_to.string(), "producer", context.producer);
  if (auto ready = prepare(options.when_done, options.path); !ready) {
    return about_field(options.key, ready.error());
  }
  if (catalog->size() == 0 && !options.watch) {
    if (const Result<void> any = check_any(options); !any) {
      const Error error = about(options.key + ".path", any.error());
      // Where files leave, nothing is what there mostly is.
      const bool leave = options.when_done.action != WhenDoneAction::kKeep;
      if (!leave || any.error().code != ErrorCode::kConfig) return error;
      context.log.warn("{}", error.text);
    }
  }
  return std::unique_ptr<Source>(
      new FileSource(std::move(options), context, std::move(*catalog), *position));
}

FileSource::FileSource(FileSourceOptions options, const SourceContext& context, FileCatalog catalog,
                       const FilePosition& position)
    : options_(std::move(options)),
      clock_(context.clock),
      log_(context.log),
      counters_(context.inputs),
      catalog_(std::move(catalog)),
      scan_({options_.key, options_.path, options_.watch}, catalog_, context.clock, log_),
      earlier_(catalog_.size()),
      position_(position) {
  if (counters_ != nullptr) counters_->failed_files = catalog_.failed();
  if (options_.when_done.action != WhenDoneAction::kKeep) {
    done_ = std::make_unique<DoneFiles>(
        DoneFiles::Options{options_.when_done, options_.key, options_.path, options_.watch},
        catalog_, context.clock, log_);
  } else if (options_.watch) {
    old_ = std::make_unique<OldFiles>(catalog_, context.clock);
  }
}

Result<void> FileSource::serve() {
  scan_.serve();
  return clear_away();
}

// What does not work right now is tried again, by the calls that follow; the end waits for it.
Result<void> FileSource::clear_away() {
  Result<void> worked = done_ ? done_->work(ended_) : old_ ? old_->work() : Result<void>();
  if (worked) return worked;
  const Error error = about_field(options_.key, worked.error());
  if (ended_ || error.code != ErrorCode::kUnavailable) return error;
  if (const auto held_back = throttle_.due("clear away", clock_.now())) {
    log_.warn("{}; retry in {}{}", error.text, to_string(kRetryFullDisk), more_like_it(*held_back));
  }
  return {};
}

Result<void> FileSource::settled(const std::string& position) {
  if (!done_ && !old_) return {};
  // Of another kind of source it says nothing of files.
  const Result<FilePosition> place = parse_position(position, options_.reader);
  if (!place) return {};
  if (done_) done_->settled(place->file);
  if (old_) old_->settled(place->file);
  return clear_away();
}

Result<Source::Next> FileSource::peek() {
  if (!next_) {
    Result<Next> next = documents_ != nullptr ? read_on() : advance();
    if (!next || next->state == State::kIdle || next->state == State::kBusy) return next;
    next_ = *next;
  }
  if (next_->state == State::kDead) {
    if (auto noted = note_failed(next_->reason); !noted) return noted.error();
  }
  return *next_;
}

// Durable before anybody can settle what was read of the file, or it could be taken for done.
Result<void> FileSource::note_failed(std::string_view reason) {
  const std::size_t number = position_.file;
  if (catalog_.has_failed(number)) return {};
  if (auto marked = catalog_.mark_failed(number); !marked) {
    return about_field(options_.key, marked.error());
  }
  if (counters_ != nullptr) counters_->failed_files = catalog_.failed();
  const std::filesystem::path& failed_to = options_.when_done.failed_to;
  const std::string& path = catalog_.file(number).path;
  if (const auto held_back = throttle_.due(path, clock_.now())) {
    log_.error("{}: not read completely: {}; it {}{}", path, reason,
               failed_to.empty() ? "stays" : "is moved to " + failed_to.string(),
               more_like_it(*held_back));
  }
  return {};
}

void FileSource::take() {
  DOCMILL_CHECK(next_.has_value(), "take() without peek() at '{}'", position());
  switch (next_->state) {
    case State::kDocument:
    case State::kDead:
      position_ = after_;
      if (options_.one_document) {
        documents_.reset();  // its file may go now
        next_.reset();
      } else {
        // Looking one ahead tells position() whether the file ends here. If it does, a later run
        // does not open it again, and does not mind when it has been cleared away by then.
        const Result<Next> next = read_on();
        const bool known = next && next->state != State::kBusy;  // else peek() goes on
        next_ = known ? std::optional(*next) : std::nullopt;
      }
      break;
    case State::kBoundary:
      position_ = {.file = position_.file + 1};
      documents_.reset();  // its file may go now
      next_.reset();
      break;
    case State::kCaughtUp:
      caught_up_ = true;
      next_.reset();
      break;
    case State::kIdle:
    case State::kBusy:
    case State::kEnded:
      break;
  }
}

Result<Source::Next> FileSource::advance() {
  while (true) {
    if (!caught_up_ && position_.file >= earlier_) return only(State::kCaughtUp);
    if (position_.file < catalog_.size()) return begin_file();
    if (!ended_) {
      const Result<std::optional<std::size_t>> added = scan_.step();
      if (!added) return added.error();
      if (!*added) return only(State::kBusy);
      if (**added > 0) continue;
      if (scan_.watched()) return only(State::kIdle);
      report_others();
      ended_ = true;
    }
    if (const Result<void> cleared = clear_away(); !cleared) return cleared.error();
    return only(owes() ? State::kBusy : State::kEnded);
  }
}

Result<Source::Next> FileSource::begin_file() {
  if (position_.end) return only(State::kBoundary);
  const KnownFile& file = catalog_.file(position_.file);
  Result<FileReader> reader = FileReader::open(file, catalog_.folders(), log_);
  if (!reader && reader.error().code == ErrorCode::kUnavailable) {
    return about(options_.key, reader.error());
  }
  if (!reader) return unreadable(reader.error().text);
  documents_ = options_.open(std::move(*reader), position_);
  return read_on();
}

Result<Source::Next> FileSource::read_on() {
  if (documents_ != nullptr) {
    Next next;
    const Result<FileStep> step = documents_->next(next);
    if (!step && step.error().code == ErrorCode::kUnavailable) {
      documents_.reset();  // the file is opened again, at position_
      return about(options_.key, step.error());
    }
    if (!step) return unreadable(step.error().text);
    if (*step == FileStep::kBusy) return only(State::kBusy);
    after_ = documents_->after();
    if (*step == FileStep::kDocument) return next;
    if (position_.record == 0) {
      log_.warn("{}: holds no {}", catalog_.file(position_.file).path, options_.what);
    }
  }
  position_.end = true;
  return only(State::kBoundary);
}

void FileSource::report_others() {
  for (const auto& [producer, files] : catalog_.others()) {
    log_.info("{} of {} {} left to {}", files == 1 ? "1 file" : fmt::format("{} files", files),
              options_.path, files == 1 ? "is" : "are", producer);
  }
}

// One dead letter stands for all of the file that cannot be read.
Source::Next FileSource::unreadable(const std::string& reason) {
  documents_.reset();
  reason_ = reason;
  after_ = options_.one_document
               ? FilePosition{.file = position_.file + 1}
               : FilePosition{.file = position_.file, .record = position_.record + 1, .end = true};
  return {.state = State::kDead,
          .document = {.format = Format::kBytes,
                       .bytes = {},
                       .origin = {.source = catalog_.file(position_.file).path,
                                  .record = position_.record + 1,
                                  .offset = position_.offset,
                                  .line = position_.line + 1}},
          .reason = reason_,
          .size = options_.one_document ? std::optional(counted_size(catalog_.file(position_.file)))
                                        : std::nullopt};
}

}  // namespace docmill
