// NamespaceNames: the names of a document as its namespaces mean them, whatever prefixes it chose.
//
// A name in a namespace that has a prefix here is 'prefix:name', or 'name' where that prefix is
// empty; in another namespace it is 'uri:name'; in none 'name'. Not for several threads.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/document/xml_tape.h"

namespace docmill {

class NamespaceNames {
 public:
  // The URI of each prefix.
  explicit NamespaceNames(const std::map<std::string, std::string>& prefixes);

  // The names of the elements and attributes of the tape, by the index of their node; empty for
  // declarations of namespaces and for everything else. Valid until the next call.
  const std::vector<std::string_view>& map(const XmlTape& tape);

 private:
  struct Scope {
    std::uint32_t end;  // of the element that declares, as an index into the tape
    std::string_view prefix;
    std::string_view uri;
  };
  void declare(const XmlTape& tape, std::uint32_t element);
  std::string_view name_of(std::string_view qname, bool attribute);
  std::string_view uri_of(std::string_view prefix) const;

  std::unordered_map<std::string, std::string> prefixes_;  // by URI
  std::vector<Scope> scopes_;
  std::vector<std::string_view> names_;
  std::deque<std::string> made_;                                // what names_ and scopes_ point to
  std::map<std::string, std::string_view, std::less<>> known_;  // of made_, by "uri\nlocal"
};

}  // namespace docmill
