// ListedXml: JSON whose elements are lists, ["name",{attributes},children...]: the conventions
// `ordered` and `jsonml`, as XML. A private part of JsonToXml.
#pragma once

#include <cstdint>
#include <string>

#include "shared/document/checked_xml.h"
#include "shared/document/json_tape.h"

namespace docmill {

class ListedXml {
 public:
  // marks: whether {"#comment":..}, {"#pi":[target,data]} and {"#cdata":..} may stand among
  // children.
  // xml must outlive this.
  ListedXml(const JsonTape& tape, bool marks, CheckedXml& xml)
      : tape_(tape), marks_(marks), xml_(xml) {}

  // The document. False: failure() says why and failed_at() in which node.
  bool write();
  // The items of the list as the contents of an element that is open.
  bool contents(std::uint32_t list);
  const std::string& failure() const { return failure_.empty() ? xml_.failure() : failure_; }
  std::uint32_t failed_at() const { return failed_at_; }

 private:
  bool element(std::uint32_t list);
  bool is_mark(std::uint32_t object) const;
  bool attributes(std::uint32_t object);
  bool child(std::uint32_t node);
  bool mark(std::uint32_t object);
  bool instruction(std::uint32_t list);
  bool fail(std::uint32_t node, std::string text);
  bool at(std::uint32_t node, bool done);

  const JsonTape& tape_;
  bool marks_;
  CheckedXml& xml_;
  std::uint32_t failed_at_ = 0;
  std::string failure_;
};

}  // namespace docmill
