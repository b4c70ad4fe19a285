#include "tests/mutations/mutator.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace docmill {
namespace {

// Every character with a meaning and every construct, right and wrong.
const std::vector<std::string> kTokens = {
    "<",
    ">",
    "/",
    "&",
    ";",
    "'",
    "\"",
    "=",
    "!",
    "?",
    "-",
    "[",
    "]",
    ":",
    " ",
    "\n",
    "\t",
    "\r",
    "#",
    "x",
    "0",
    ".",
    "_",
    "\x01",
    std::string(1, '\0'),
    "\x7F",
    "\xC3\xA9",
    "\xC2\x85",
    "\xED\xA0\x80",
    "\xEF\xBF\xBE",
    "\xEF\xBF\xBD",
    "\xC0\x80",
    "\xF4\x90\x80\x80",
    "\xF5",
    "\x80",
    "\xE2\x82",
    "--",
    "]]>",
    "<!--",
    "-->",
    "<![CDATA[",
    "<?",
    "?>",
    "<?xml ?>",
    "<?XML a?>",
    "<?p:q?>",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<a/>",
    "<p:a/>",
    "<xml:a/>",
    "<xmlns:a/>",
    "<:a/>",
    "<a:/>",
    "<a:b:c/>",
    "<1/>",
    "<-a/>",
    " a='1'",
    " a='1' a='2'",
    " p:a='1'",
    " xmlns:p='v'",
    " xmlns:p=''",
    " xmlns=''",
    " xmlns:xmlns='u'",
    " xmlns:xml='u'",
    " xmlns='http://www.w3.org/2000/xmlns/'",
    " xmlns:w='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xml='http://www.w3.org/XML/1998/namespac&#101;'",
    " a='<'",
    " a='&lt;'",
    " a=1",
    " a",
    " a='1'b='2'",
    "&lt;",
    "&foo;",
    "&#0;",
    "&#1;",
    "&#9;",
    "&#xD800;",
    "&#xFFFE;",
    "&#x10FFFF;",
    "&#x110000;",
    "&#99999999999;",
    "&#;",
    "&#x;",
    "&#X41;",
    "& ",
    "<!DOCTYPE d>",
    "<!DOCTYPE d []>",
    "<!ELEMENT d ANY>",
    "<!>",
    "<!-->",
    "<!--->",
    "<!---->",
    "<!-- -- -->",
    "<!DOCTYPE d SYSTEM 's'>",
    "<!DOCTYPE d [<!ENTITY e 'v'>]>",
    "<?xml version='1.0'?>",
    "<?xml version='1.1'?>",
    "<?xml version='1.0' encoding='latin1'?>",
    "\xEF\xBB\xBF",
    "\xE0\xA4\x85",
    "\xF0\x90\x80\x80",
};

// What most places between tags can take.
const std::vector<std::string> kGentle = {
    "x",
    " ",
    "\n",
    "\r\n",
    "&amp;",
    "&#65;",
    "&#x10FFFF;",
    "<a/>",
    "<a>t</a>",
    "<!-- c -->",
    "<?p d?>",
    "<![CDATA[<&]]>",
    "\xC3\xA9",
    "\xF0\x9F\x98\x80",
    "]]",
    "<a b='1' c=\"2\"/>",
    "<q:a xmlns:q='u' q:b=''/>",
    "\xEF\xBF\xBD",
};

}  // namespace

std::string Mutator::mutate(std::string document, std::string_view other) {
  static constexpr std::size_t kChanges[] = {1, 1, 1, 2, 3};
  const std::size_t changes = kChanges[below(std::size(kChanges))];
  const bool gently = below(2) == 0;
  for (std::size_t i = 0; i < changes; ++i) {
    if (gently) {
      change_gently(document);
    } else {
      change(document, other);
    }
  }
  return document;
}

// Changes that often leave a document well-formed, so that both verdicts are tried.
void Mutator::change_gently(std::string& document) {
  const std::size_t at = below(document.size() + 1);
  if (below(2) == 0) {
    const std::size_t close = document.find('>', at);
    document.insert(close == document.npos ? at : close + 1, kGentle[below(kGentle.size())]);
    return;
  }
  // From the next letter on: one letter for another.
  const auto letter = std::find_if(document.begin() + static_cast<std::ptrdiff_t>(at),
                                   document.end(), [](unsigned char c) { return std::isalpha(c); });
  if (letter != document.end()) *letter = static_cast<char>('a' + below(26));
}

void Mutator::change(std::string& document, std::string_view other) {
  const std::size_t at = below(document.size() + 1);
  const std::size_t length = std::min(document.size() - at, 1 + below(6));
  switch (below(9)) {
    case 0:
      document.erase(at, 1);
      break;
    case 1:
      document.erase(at, length);
      break;
    case 2:
      document.resize(at);
      break;
    case 3:
      document.insert(below(document.size() + 1), document.substr(at, length));
      break;
    case 4:
      if (at < document.size()) document[at] = static_cast<char>(below(256));
      break;
    case 5:
      if (at < document.size()) document[at] = static_cast<char>(document[at] ^ (1 << below(8)));
      break;
    case 6: {
      const std::size_t from = below(other.size() + 1);
      document.insert(at, other.substr(from, below(40)));
      break;
    }
    default:
      document.insert(at, kTokens[below(kTokens.size())]);
      break;
  }
}

}  // namespace docmill
