#include "tests/simulation/input.h"

#include <algorithm>
#include <charconv>

namespace docmill::simulation {
namespace {

std::size_t take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Fate roll_fate(Dice& dice) {
  const auto roll = dice.below(100);
  if (roll < 80) return Fate::kDeliver;
  if (roll < 85) return Fate::kDeliverTwice;
  if (roll < 86) return Fate::kTwoKeys;
  if (roll < 92) return Fate::kFilter;
  return roll < 97 ? Fate::kMalformed : Fate::kUnreadable;
}

std::string bytes_of(std::size_t producer, std::size_t file, std::size_t version,
                     std::size_t document, Fate fate, std::size_t padding) {
  return fmt::format("p{} f{} v{} d{} k{} {}", producer, file, version, document,
                     static_cast<int>(fate), std::string(padding, 'x'));
}

}  // namespace

std::string Place::text() const { return fmt::format("{} {}", file, document); }

Place Place::parse(const std::string& text) {
  std::string_view left = text;
  Place place;
  place.file = take_number(left);
  place.document = take_number(left);
  return place;
}

DocumentName parse_name(std::string_view bytes) {
  DocumentName name;
  name.producer = take_number(bytes);
  name.file = take_number(bytes);
  name.version = take_number(bytes);
  name.document = take_number(bytes);
  name.fate = take_number(bytes);
  return name;
}

std::vector<InputDocument> Input::make_documents(World& world, std::size_t file,
                                                 std::size_t version, std::size_t documents) const {
  std::vector<InputDocument> made;
  for (std::size_t i = 0; i < documents; ++i) {
    const Fate fate = roll_fate(world.dice);
    const std::size_t padding = world.dice.chance(5) ? world.dice.below(600) : world.dice.below(40);
    made.push_back({fate, bytes_of(producer, file, version, i, fate, padding)});
  }
  return made;
}

std::optional<std::string> key_of(const DocumentName& name) {
  if (name.document % 9 == 4) return std::nullopt;
  return fmt::format("key {}", (name.file + name.version + name.document) % 7);
}

void Input::write_file(World& world, std::size_t documents, bool poison) {
  const std::size_t file = files.size();
  InputFile written;
  written.versions.push_back(make_documents(world, file, 0, documents));
  if (poison && documents > 0) {
    for (auto left = world.dice.between(1, 2); left > 0; --left) {
      const std::size_t at = world.dice.below(documents);
      const Fate fate = world.dice.chance(50) ? Fate::kPoison : Fate::kFragile;
      written.versions[0][at] = {fate, bytes_of(producer, file, 0, at, fate, 5)};
    }
  }
  files.push_back(std::move(written));
}

void Input::change_file(World& world, Place durable) {
  if (durable.file >= catalogue.size()) return;
  const std::size_t number = catalogue[durable.file];
  InputFile& file = files[number];
  if (file.changed() || file.now().empty()) return;
  const std::size_t version = file.versions.size();
  if (boundaries) {
    const std::size_t documents = world.dice.below(2 * file.now().size() + 2);
    file.versions.push_back(make_documents(world, number, version, documents));
  } else {
    std::vector<InputDocument> changed = file.now();
    const bool shrinks = world.dice.chance(50);
    for (std::size_t i = 0; i < changed.size(); ++i) {
      // It is read to the size that it had at first, so it cannot be larger.
      const std::string name = bytes_of(producer, number, version, i, changed[i].fate, 0);
      std::string& bytes = changed[i].bytes;
      if (shrinks) bytes.resize(std::max(name.size(), world.dice.below(bytes.size() + 1)));
      bytes.replace(0, name.size(), name);
    }
    file.versions.push_back(std::move(changed));
  }
  file.changed_from = durable.document;
  world.trace("p{} file {} has changed: {} documents, were {}", producer, number, file.now().size(),
              file.versions[version - 1].size());
}

SimulatedSource::SimulatedSource(World& world, Input& input, const std::string& position)
    : world_(world),
      input_(input),
      place_(Place::parse(position)),
      known_(input.catalogue.size()),
      source_name_("input") {
  if (world.has(Bug::kFileOrderNotRecorded)) {
    input.catalogue.resize(input.files.size());
    for (std::size_t i = 0; i < input.files.size(); ++i) {
      input.catalogue[i] = input.files.size() - 1 - i;
    }
    known_ = input.catalogue.size();
  }
}

SimulatedSource::State SimulatedSource::peek() {
  while (true) {
    if (place_.file >= known_ && !caught_up_) return State::kCaughtUp;
    if (place_.file >= input_.catalogue.size()) {
      // What decides the order is durable before the first document of it is given out. The newest
      // file sorts first.
      for (std::size_t file = input_.files.size(); file > 0; --file) {
        auto& known = input_.catalogue;
        if (std::find(known.begin(), known.end(), file - 1) == known.end()) {
          known.push_back(file - 1);
        }
      }
    }
    if (place_.file >= input_.catalogue.size()) {
      return world_.calm ? State::kEnded : State::kIdle;
    }
    const auto& documents = input_.files[input_.catalogue[place_.file]].now();
    if (place_.document >= documents.size()) {
      if (input_.boundaries) return State::kBoundary;
      place_ = {place_.file + 1, 0};
      continue;
    }
    if (world_.dice.chance(3)) return State::kIdle;
    const bool dead = documents[place_.document].fate == Fate::kUnreadable;
    return dead ? State::kDead : State::kDocument;
  }
}

DocumentView SimulatedSource::document() {
  const InputDocument& found = input_.files[input_.catalogue[place_.file]].now()[place_.document];
  DocumentView view;
  view.bytes = found.bytes;
  view.origin.source = source_name_;
  view.origin.record = place_.document + 1;
  return view;
}

std::uint64_t SimulatedSource::size() {
  if (input_.boundaries) return 0;
  const InputFile& file = input_.files[input_.catalogue[place_.file]];
  return file.versions.front()[place_.document].bytes.size();
}

void SimulatedSource::take() {
  if (place_.file >= known_ && !caught_up_) {
    caught_up_ = true;
  } else if (place_.document >= input_.files[input_.catalogue[place_.file]].now().size()) {
    place_ = {place_.file + 1, 0};
  } else {
    ++place_.document;
  }
}

}  // namespace docmill::simulation
