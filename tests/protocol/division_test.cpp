// How the outputs of a keyed batch are divided: each input once, at one sink, the same on every
// attempt.
#include "shared/protocol/division.h"

#include <fmt/format.h>

#include <map>

#include "shared/document/notes.h"
#include "shared/protocol/owner.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace literals;

const DocumentView kInput = {.format = Format::kXml,
                             .bytes = "<a/>",
                             .origin = {.source = "in.xml", .record = 7, .offset = 70, .line = 3},
                             .notes = {}};

BatchHeader batch(std::uint32_t documents) {
  BatchHeader header;
  header.lineage = {"p1", 7};
  header.sequence = 3;
  header.documents = documents;
  header.share = {{0, documents}};
  header.sinks = {"s1", "s2", "s3"};
  header.ledgers = {{1}, {2}, {3}};
  header.keyed = true;
  return header;
}

std::string notes_of(std::string_view key) {
  std::string notes;
  set_note(notes, kLossNote, "order");
  set_note(notes, kKeyNote, key);
  return notes;
}

std::string output(std::uint32_t index, std::string_view bytes, std::string_view notes) {
  PayloadWriter out;
  DocumentView document = kInput;
  document.bytes = bytes;
  document.notes = notes;
  out.document(index, document);
  return out.take();
}

// "s2: 1 <a/> | 3 dead: why", one for each message.
std::vector<std::string> told(const std::vector<Division::Message>& messages) {
  std::vector<std::string> lines;
  for (const Division::Message& message : messages) {
    std::string line = message.sink + ":";
    PayloadReader reader(message.payload);
    Entry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
      line += fmt::format(" {}", entry.index);
      if (entry.kind == EntryKind::kDead) line += " dead";
      if (entry.kind == EntryKind::kFiltered) line += " filtered";
      if (!entry.document.bytes.empty()) line += fmt::format(" {}", entry.document.bytes);
      if (!entry.reason.empty()) line += fmt::format(" ({})", entry.reason);
      CHECK(contains(message.header.share, entry.index));
    }
    lines.push_back(line);
  }
  return lines;
}

TEST_CASE("each input is in one share, at the sink of its key, whatever share it came in") {
  const BatchHeader whole = batch(200);
  std::map<std::uint32_t, std::string> sink_of;
  Division division(whole, 1_MiB);
  for (std::uint32_t i = 0; i < 200; ++i) {
    division.add(i, kInput, output(i, "<b/>", notes_of(fmt::format("key {}", i % 20))));
  }
  std::map<std::string, std::string> sink_of_key;
  std::uint32_t documents = 0;
  for (const Division::Message& message : division.take_rest()) {
    BatchHeader expected = whole;
    expected.share = message.header.share;
    CHECK(message.header == expected);
    documents += count(message.header.share);
    PayloadReader reader(message.payload);
    Entry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
      const std::string key = *find_note(entry.document.notes, kKeyNote);
      CHECK(message.sink == owner_of_key(key, whole.sinks));
      CHECK(entry.document.origin.source == "in.xml");
      CHECK(entry.document.origin.record == 7);
      CHECK(*find_note(entry.document.notes, kLossNote) == "order");
      sink_of[entry.index] = message.sink;
    }
  }
  CHECK(documents == 200);
  CHECK(sink_of.size() == 200);

  BatchHeader part = batch(200);
  part.share = {{17, 18}};
  Division again(part, 1_MiB);
  again.add(17, kInput, output(17, "<b/>", notes_of("key 17")));
  const auto messages = again.take_rest();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].sink == sink_of[17]);
  CHECK(messages[0].header.share == Share{{17, 18}});
}

TEST_CASE("what has no key goes to the owner of the batch, beside what has its key there") {
  const BatchHeader header = batch(5);
  const std::string owner = owner_of(header.lineage, header.sequence, header.sinks);
  Division division(header, 1_MiB);
  PayloadWriter one;
  one.filtered(0);
  division.add(0, kInput, one.bytes());
  one.rewind({});
  one.dead(1, kInput, "to_json: no");
  division.add(1, kInput, one.bytes());
  division.add(2, kInput, output(2, "plain", ""));
  // Several outputs of an input stay together, also those without a key.
  division.add(3, kInput, output(3, "first", "") + output(3, "second", ""));
  CHECK(told(division.take_rest()) ==
        std::vector<std::string>{owner + ": 0 filtered 1 dead <a/> (to_json: no) 2 plain 3 first "
                                         "3 second"});
}

TEST_CASE("outputs of one input share a key, or none has another, or it is a dead letter") {
  const BatchHeader header = batch(1);
  const std::string owner = owner_of(header.lineage, header.sequence, header.sinks);
  const std::string long_key = std::string(59, 'k') + "\xc3\xa9 and more";
  struct Case {
    const char* name;
    std::string made;
    std::string told;
  };
  const auto output_of = [](std::string_view bytes, std::string_view notes) {
    return std::pair(std::string(bytes), std::string(notes));
  };
  const auto made = [](const std::vector<std::pair<std::string, std::string>>& outputs) {
    PayloadWriter out;
    for (const auto& [bytes, notes] : outputs) {
      DocumentView document = kInput;
      document.bytes = bytes;
      document.notes = notes;
      out.document(0, document);
    }
    return out.take();
  };
  const std::vector<Case> cases = {
      {.name = "the same key",
       .made = made({output_of("x", notes_of("a")), output_of("y", notes_of("a"))}),
       .told = owner_of_key("a", header.sinks) + ": 0 x 0 y"},
      {.name = "one has none",
       .made = made({output_of("x", ""), output_of("y", notes_of("b"))}),
       .told = owner_of_key("b", header.sinks) + ": 0 x 0 y"},
      {.name = "an empty key is a key",
       .made = made({output_of("x", notes_of(""))}),
       .told = owner_of_key("", header.sinks) + ": 0 x"},
      {.name = "different keys",
       .made = made({output_of("x", notes_of("a")), output_of("y", notes_of("b"))}),
       .told = owner +
               ": 0 dead <a/> (transformer: its outputs have different keys, 'a' and 'b'; with "
               "'partition: key' all outputs of a document go to one sink)"},
      {.name = "a long key is cut between two characters",
       .made = made({output_of("x", notes_of("a")), output_of("y", notes_of(long_key))}),
       .told = owner + ": 0 dead <a/> (transformer: its outputs have different keys, 'a' and '" +
               std::string(59, 'k') +
               "...'; with 'partition: key' all outputs of a document go to one sink)"},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    Division division(header, 1_MiB);
    division.add(0, kInput, one.made);
    CHECK(told(division.take_rest()) == std::vector<std::string>{one.told});
  }
}

TEST_CASE("a message that is full is to be sent before more is added") {
  const BatchHeader header = batch(5);
  Division division(header, 250_B);
  std::vector<std::string> lines;
  std::vector<Share> shares;
  const auto collect = [&](std::vector<Division::Message> messages) {
    for (const std::string& line : told(messages)) lines.push_back(line);
    for (const auto& message : messages) {
      shares.push_back(message.header.share);
      CHECK(message.payload.size() <= 250);
    }
  };
  for (std::uint32_t i = 0; i < 5; ++i) {
    division.add(i, kInput, output(i, std::string(30, 'x'), notes_of("a")));
    collect(division.take_full());
  }
  CHECK(lines.size() == 4);
  collect(division.take_rest());
  CHECK(shares == std::vector<Share>{{{0, 1}}, {{1, 2}}, {{2, 3}}, {{3, 4}}, {{4, 5}}});
  CHECK(division.take_rest().empty());
}

TEST_CASE("what is to be voided goes to every sink of the list, without its bytes") {
  BatchHeader header = batch(5);
  header.condemned = true;
  header.voids = true;
  header.share = {{2, 3}};
  Division division(header, 1_MiB);
  division.add_void(2);
  const auto messages = division.take_rest();
  CHECK(told(messages) ==
        std::vector<std::string>{"s1: 2 filtered", "s2: 2 filtered", "s3: 2 filtered"});
  for (const auto& message : messages) CHECK(message.header.voids);
}

}  // namespace
}  // namespace docmill
