// Any bytes, in pieces of any size: the records and the facts about them are those of the bytes in
// one piece, and a failure is a failure.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/document/cut.h"

namespace {

using namespace docmill;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "in pieces, differs: %s\n", what);
  std::abort();
}

// Which mistake is named, of several in one token, depends on how much of it expat has seen: only
// whether there is one is compared.
void compare(const Cut& whole, const Cut& pieces) {
  if (whole.error.empty() != pieces.error.empty()) fail("whether it is read to its end");
  if (whole.records.size() != pieces.records.size()) fail("how many records");
  for (std::size_t i = 0; i < whole.records.size(); ++i) {
    const XmlRecord& one = whole.facts[i];
    const XmlRecord& other = pieces.facts[i];
    if (one.number != other.number) fail("a record's number");
    if (one.offset != other.offset) fail("a record's offset");
    if (one.line != other.line) fail("a record's line");
    if (one.size != other.size) fail("a record's size");
    if (one.oversize != other.oversize) fail("whether a record is too large");
    if (whole.records[i] != pieces.records[i]) fail("a record's bytes");
  }
}

// What is tried with the bytes depends on them alone, so that a finding is one file.
std::uint32_t dice_of(std::string_view bytes) {
  std::uint32_t hash = 2166136261U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash ^ (hash >> 15);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  static constexpr const char* kPaths[] = {"/*", "/*/*", "//*/*/*", "//a", "/doc/b"};
  std::uint32_t dice = dice_of(xml);
  const auto below = [&dice](std::uint32_t n) {
    const std::uint32_t result = dice % n;
    dice /= n;
    return result;
  };
  XmlSplitOptions options;
  options.always_write_anew = below(2) == 0;
  options.accept_doctype = below(8) != 0;
  if (below(2) == 0) {
    options.limits.document = {200};
    options.sample = {16};
  }
  const char* path = kPaths[below(5)];
  const Cut whole = cut(xml, path, size + 1, options);
  compare(whole, cut(xml, path, 1 + below(40), options));
  return 0;
}
