// How a verdict may differ from expat's: in names. Names follow the 5th edition of XML 1.0 in
// docmill and the 4th in expat, which lets fewer characters into them.
#pragma once

#include <string>

namespace docmill {

// The document (in UTF-8) with every character that only the 5th edition allows where it allows it,
// as first or as later character of a name, written as ASCII letters and digits that are its own.
// When expat accepts what comes back, such characters are all that it has against the document.
std::string with_4th_edition_names(const std::string& document);

}  // namespace docmill
