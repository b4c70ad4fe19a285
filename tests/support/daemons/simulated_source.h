// SimulatedSource: what a producer of a simulated pipeline reads, and what must become of it.
//
// One thread. The input outlives the sources that read it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "producer/source_context.h"
#include "tests/simulation/dice.h"

namespace docmill::daemons {

enum class Fate : std::uint8_t {
  kDelivered,
  kFiltered,
  kMalformed,   // the processors refuse it
  kUnreadable,  // the source cannot read it whole
  kOversize,    // it or its metadata is more than a message can carry
  kPoison,      // it ends the transformer that works on it
  kFragile,     // it ends some of them
};

struct InputDocument {
  std::string id;  // "p1.17"
  std::uint64_t n = 0;
  std::string route;  // empty: none
  Fate fate = Fate::kDelivered;
  std::string bytes;
  std::string notes;
  Time ready{};  // not there before
};

struct InputSettings {
  std::string producer;
  std::uint32_t documents = 20;
  std::uint32_t padding = 40;  // of a document, at most
  std::uint32_t metadata = 0;  // of a document, at most
  std::uint64_t oversize = 0;  // percent of documents with more metadata than fits
  bool alternates = false;     // every second document is filtered
  bool plain = false;          // all others are delivered
  bool poison = false;
  bool keyed = false;
  bool boundaries = false;
  bool uncounted = false;  // planted: metadata does not count against the bytes of a batch
  Duration spread{};       // from the first document to the last
  Bytes limit{64 << 20};   // limits.document
  // In place of random numbers in the documents: these in turn.
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> routes;
};

struct Input {
  InputSettings settings;
  std::vector<InputDocument> documents;

  static Input make(const InputSettings& settings, simulation::Dice& dice, Time begin);
  // Whether the input has an end of a file before the document.
  bool has_boundary_before(std::size_t document) const {
    return settings.boundaries && document % 11 == 0 && document > 0;
  }
};

// What reads it: `simulated`, without settings.
SourceComponent simulated_source(const Input& input);

// What the documents say of themselves, by a field that is not in JSON's way.
Fate fate_of(std::string_view document);

}  // namespace docmill::daemons
