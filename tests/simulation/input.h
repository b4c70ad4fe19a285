// Input: the files of one simulated producer, as they truly are; and the source that reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/document/document.h"
#include "tests/simulation/world.h"

namespace docmill::simulation {

// What is to become of a document.
enum class Fate {
  kDeliver,
  kDeliverTwice,  // two outputs
  kFilter,
  kMalformed,   // its processors refuse it
  kUnreadable,  // its source cannot read it whole
  kPoison,      // it ends the member that parses it
  kFragile,     // it ends it, or has it stand still for long, or does no harm
  kTwoKeys,     // two outputs with different keys
};

struct InputDocument {
  Fate fate = Fate::kDeliver;
  std::string bytes;
};

struct InputFile {
  std::vector<std::vector<InputDocument>> versions;  // as first written, and after each change
  // A run that begins at this place or before reads the newest version; what is before it may have
  // been read as it was.
  std::size_t changed_from = 0;

  bool changed() const { return versions.size() > 1; }
  const std::vector<InputDocument>& now() const { return versions.back(); }
};

// A place between two documents: a file by its place in the catalogue, and a document in it.
struct Place {
  std::size_t file = 0;
  std::size_t document = 0;
  auto operator<=>(const Place&) const = default;

  std::string text() const;
  static Place parse(const std::string& text);
};

// The truth of one producer's input.
struct Input {
  std::size_t producer = 0;
  bool boundaries = false;             // the source says where a file ends
  std::vector<InputFile> files;        // by name
  std::vector<std::size_t> catalogue;  // the files in the order they were first seen; durable

  // A new file gets a name somewhere among those that are there, as new files do.
  void write_file(World& world, std::size_t documents, bool poison);
  // Changes a file that was met before. Without boundaries its documents stay as many.
  void change_file(World& world, Place durable);
  std::vector<InputDocument> make_documents(World& world, std::size_t file, std::size_t version,
                                            std::size_t documents) const;
};

// The same documents in the same order after a restart from a position
// (shared/runtime/component.h).
class SimulatedSource {
 public:
  enum class State { kDocument, kDead, kBoundary, kIdle, kCaughtUp, kEnded };

  SimulatedSource(World& world, Input& input, const std::string& position);

  State peek();
  // Of the state kDocument and kDead; valid until take().
  DocumentView document();
  // What counts of it: where nothing says where a file ends, its size when it was first seen.
  std::uint64_t size();
  void take();
  std::string position() const { return place_.text(); }

 private:
  World& world_;
  Input& input_;
  Place place_;
  std::size_t known_;  // files that earlier runs had met
  bool caught_up_ = false;
  std::string source_name_;
};

// "p3 f7 v0 d12 k2 xxxx": who, file, version, document, fate.
struct DocumentName {
  std::size_t producer = 0;
  std::size_t file = 0;
  std::size_t version = 0;
  std::size_t document = 0;
  std::size_t fate = 0;
};
DocumentName parse_name(std::string_view bytes);
// The key of its outputs; some have none.
std::optional<std::string> key_of(const DocumentName& name);

}  // namespace docmill::simulation
