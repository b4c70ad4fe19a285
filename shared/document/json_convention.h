// JsonConvention: the ways in which JSON says what an XML document says, as a table of rules.
//
//   <book id="7"><a>x</a><a>y</a><b/>text</book>
//   compact     {"book":{"@id":"7","a":["x","y"],"b":null,"#text":"text"}}
//   badgerfish  {"book":{"@id":"7","a":[{"$":"x"},{"$":"y"}],"b":{},"$":"text"}}
//   parker      {"a":["x","y"],"b":null}
//   ordered     ["book",{"id":"7"},["a","x"],["a","y"],["b"],"text"]
//   jsonml      the same; without comments, processing instructions and CDATA sections
//
// Two more begin with JSON and write it as XML: natural (natural_writer.h) and xpath31
// (xpath31_writer.h); of XML that is so written they make the JSON that it came from. parker is the
// one that cannot be read back.
//
// docs/conventions.md has one document in all of them. Sources: xmltodict (compact),
// badgerfish.ning.com with '@xmlns' objects on every element (badgerfish), jsonml.org (jsonml).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace docmill {

enum class JsonConvention : std::uint8_t {
  kCompact,
  kOrdered,
  kBadgerfish,
  kJsonml,
  kParker,
  kNatural,
  kXpath31
};

constexpr std::array<std::pair<std::string_view, JsonConvention>, 7> enum_names(JsonConvention) {
  return {{{"compact", JsonConvention::kCompact},
           {"ordered", JsonConvention::kOrdered},
           {"badgerfish", JsonConvention::kBadgerfish},
           {"jsonml", JsonConvention::kJsonml},
           {"parker", JsonConvention::kParker},
           {"natural", JsonConvention::kNatural},
           {"xpath31", JsonConvention::kXpath31}}};
}

// What becomes of white space in text. White space of JSON strings that come from CDATA sections or
// references is treated like any other, as xmltodict does.
enum class WhitespacePolicy : std::uint8_t {
  kUsual,           // kTrim where an element becomes an object, kKeep where it becomes a list
  kTrim,            // none at both ends of an element's text; none between elements
  kKeep,            // all of it
  kStripIgnorable,  // text that is nothing else is dropped beside elements; other text is kept as
                    // is
};

constexpr std::array<std::pair<std::string_view, WhitespacePolicy>, 4> enum_names(
    WhitespacePolicy) {
  return {{{"usual", WhitespacePolicy::kUsual},
           {"trim", WhitespacePolicy::kTrim},
           {"keep", WhitespacePolicy::kKeep},
           {"strip_ignorable", WhitespacePolicy::kStripIgnorable}}};
}

// A convention that makes a list of an element: its name, its attributes, its contents in order.
struct ListRules {
  bool asides;  // comments, processing instructions and CDATA sections are said
};

// A convention that makes an object of an element, whose members are named after what it holds.
struct ObjectRules {
  char attribute_prefix;
  std::string_view text_key;  // as JSON, of text beside something else; none: it is not said
  bool root;                  // the root's name is said, as the one key of the document
  bool attributes;            // are said
  bool text_alone;            // an element that is nothing but text is a string, not an object
  bool scope;              // every element says all namespaces in scope, in place of declarations
  std::string_view empty;  // an element without anything
};

constexpr bool makes_lists(JsonConvention convention) {
  return convention == JsonConvention::kOrdered || convention == JsonConvention::kJsonml;
}
constexpr bool begins_with_json(JsonConvention convention) {
  return convention == JsonConvention::kNatural || convention == JsonConvention::kXpath31;
}
constexpr ListRules list_rules(JsonConvention convention) {
  return {.asides = convention != JsonConvention::kJsonml};
}
constexpr ObjectRules object_rules(JsonConvention convention) {
  switch (convention) {
    case JsonConvention::kBadgerfish:
      return {'@', "\"$\":", true, true, false, true, "{}"};
    case JsonConvention::kParker:
      return {'\0', "", false, false, true, false, "null"};
    default:
      return {'@', "\"#text\":", true, true, true, false, "null"};
  }
}

}  // namespace docmill
