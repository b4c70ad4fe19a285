// XPath 1.0 whose prefixes mean namespaces, whatever prefixes a document has.
//
// Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

// Prefix -> URI, as a pipeline file has them.
using PathNamespaces = std::map<std::string, std::string>;

// The expression with each name 'p:name' or 'p:*' as a condition on the namespace, for an XPath
// that compares prefixes as they are written. Strings, axes, functions and names without a prefix
// stay; without namespaces everything does. Failure: kConfig: a prefix that has no namespace.
Result<std::string> expand_prefixes(std::string_view expression, const PathNamespaces& namespaces);

// What is wrong with the namespaces themselves; empty when nothing is.
std::string namespaces_problem(const PathNamespaces& namespaces);

}  // namespace docmill
