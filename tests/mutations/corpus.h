// Where mutations start: the W3C suite, real files, and a few documents with every construct.
#pragma once

#include <string>
#include <vector>

namespace docmill {

struct Corpus {
  std::vector<std::string> written;  // by us, with every construct in little space
  std::vector<std::string> guarded;  // without a DOCTYPE that declares: the guard's
  std::vector<std::string> others;   // the suite as it is
};

// Throws what says which file is missing.
Corpus read_corpus();

}  // namespace docmill
