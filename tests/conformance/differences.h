// The documents on which docmill's verdict is another one than expat's, on purpose: the list
// differences.txt, one a line: where ("suite" or "without-doctype"), the document's id, the reason.
#pragma once

#include <map>
#include <string>
#include <utility>

namespace docmill::conformance {

class Differences {
 public:
  static Differences read(const std::string& path);

  // The reason why the verdicts on this document may differ; nullptr when they may not.
  const std::string* reason(const std::string& where, const std::string& id) const;
  // Says that they do differ.
  void found(const std::string& where, const std::string& id);
  // The listed ones that were not found, a line each: the list is out of date.
  std::string not_found() const;

 private:
  struct Entry {
    std::string reason;
    bool found = false;
  };
  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace docmill::conformance
