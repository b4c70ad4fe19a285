// The rules of the house that a program can see. Each is a pure function: a tree in, findings out.
#pragma once

#include "tests/house/tree.h"

namespace docmill::house {

// Includes follow the arrows between the parts, and are written from the project root.
Findings check_arrows(const Tree& tree);

// The header of a wrapped library is seen only by the files that wrap it, also not through another
// header. Tests and benches may use a library to look at docmill from the outside.
Findings check_libraries(const Tree& tree);

// Under 300 lines: what a reader can hold.
Findings check_lengths(const Tree& tree);

// A header begins with a comment that says what it is, is included once, and opens no namespace for
// those who include it.
Findings check_headers(const Tree& tree);

// Each source, processor and output has its line in the catalog of its daemon and a test.
Findings check_components(const Tree& tree);

// No unfinished work and no path that exists on one machine only.
Findings check_words(const Tree& tree);

// Tests never sleep.
Findings check_sleeps(const Tree& tree);

// An errno that says whether to try again is classified in one place, and compared nowhere else.
Findings check_errors(const Tree& tree);

// Links between the documents lead somewhere, and the make verbs they mention exist.
Findings check_documents(const Tree& tree);

}  // namespace docmill::house
