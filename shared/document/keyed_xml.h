// KeyedXml: JSON whose keys are names of elements, '@' and attributes: the conventions `compact`
// and `badgerfish`, as XML. A private part of JsonToXml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/document/checked_xml.h"
#include "shared/document/json_tape.h"
#include "shared/document/loss.h"

namespace docmill {

class KeyedXml {
 public:
  // text_key: the key of an element's own text, '#text' or '$'.
  KeyedXml(const JsonTape& tape, std::string_view text_key, std::string& out)
      : tape_(tape), text_key_(text_key), xml_(out) {}

  // False: failure() says why and failed_at() in which node.
  bool write();
  const std::string& failure() const { return failure_.empty() ? xml_.failure() : failure_; }
  std::uint32_t failed_at() const { return failed_at_; }
  Losses losses() const { return losses_; }

 private:
  bool elements(std::uint32_t key, std::uint32_t value);
  bool element(std::uint32_t key, std::uint32_t value);
  bool attributes(std::uint32_t object);
  bool namespaces(std::uint32_t object);
  bool attribute(const std::string& name, std::uint32_t key);
  bool children(std::uint32_t object);
  bool texts(std::uint32_t value);
  bool asides(const std::string& key, std::uint32_t value);
  bool aside(const std::string& key, std::uint32_t value);
  bool in_order(std::uint32_t list);
  bool fail(std::uint32_t node, std::string text);
  bool at(std::uint32_t node, bool done);

  const JsonTape& tape_;
  std::string_view text_key_;
  CheckedXml xml_;
  Losses losses_;
  std::uint32_t failed_at_ = 0;
  std::string failure_;
};

}  // namespace docmill
