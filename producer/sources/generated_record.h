// RecordMaker: the records of the `generate` source: books that never were.
//
// Each is determined by (seed, producer name, number, size, format), carries its id
// "<producer>-<number, nine digits>", and can be checked by whoever has nothing but the record:
//
//   <record id="p1-000000123" sum="1c291ca3" year="1987"><title lang="en">...</title>
//   <author>...</author> (1 to 3) <price currency="EUR">12.50</price> <text>...</text> (1 or more)
//   </record>
//
// `sum` is the CRC-32 (zlib's), in eight hexadecimal digits, of all values but `sum` itself -
// attributes and texts, entities replaced, in the order of the document, UTF-8 - with one newline
// between two of them. As JSON a record has the shape that `to_json` gives it, but a single text
// may stand in a list. So in Python:
//
//   def values(node):
//       if isinstance(node, dict):
//           for key, value in node.items():
//               if key != "@sum": yield from values(value)
//       elif isinstance(node, list):
//           for value in node: yield from values(value)
//       else: yield node
//   record = document["record"]
//   assert int(record["@sum"], 16) == zlib.crc32("\n".join(values(record)).encode())
#pragma once

#include <cstdint>
#include <string>

#include "shared/base/units.h"
#include "shared/document/document.h"

namespace docmill {

// A value; not for several threads.
class RecordMaker {
 public:
  // size: about so many bytes a record, but never less than it takes. format: kXml or kJson.
  RecordMaker(std::string producer, std::uint64_t seed, Bytes size, Format format);

  // The record of that number; valid until the next call.
  const std::string& make(std::uint64_t number);

 private:
  struct Word;
  struct Field;

  std::uint64_t random(std::uint64_t below);
  const Word& word();
  void words(std::uint64_t count);
  void literal(std::string_view xml, std::string_view json);
  void begin_value();
  void plain(std::string_view text);
  void write_word(const Word& word);
  void write_texts();

  std::string producer_;
  std::uint64_t seed_;
  std::uint64_t size_;
  bool xml_;
  std::uint64_t random_state_ = 0;
  std::uint32_t crc_ = 0;
  bool first_value_ = true;
  std::string out_;
};

}  // namespace docmill
