#include "shared/document/xpath_namespaces.h"

#include <fmt/format.h>

#include "shared/document/xml_chars.h"

namespace docmill {
namespace {

std::string literal(const std::string& text) {
  const char quote = text.find('\'') == std::string::npos ? '\'' : '"';
  return quote + text + quote;
}

// A name with a prefix: where its parts are in the expression.
struct Name {
  std::string_view prefix;
  std::string_view local;  // or '*'
  const char* end = nullptr;
};

// The name at p. Without a prefix only `end` is set: a name, an axis, an operator.
Name name_at(const char* p, const char* end) {
  const char* colon = skip_ncname(p, end);
  if (colon == p || colon == end || *colon != ':' || colon + 1 == end) return {{}, {}, colon};
  const char* local = colon + 1;
  const char* after = *local == '*' ? local + 1 : skip_ncname(local, end);
  if (after == local) return {{}, {}, colon};
  return {{p, static_cast<std::size_t>(colon - p)},
          {local, static_cast<std::size_t>(after - local)},
          after};
}

std::string condition(const Name& name, const std::string& uri) {
  const std::string in_namespace = "namespace-uri()=" + literal(uri);
  if (name.local == "*") return fmt::format("*[{}]", in_namespace);
  return fmt::format("*[local-name()='{}' and {}]", name.local, in_namespace);
}

}  // namespace

Result<std::string> expand_prefixes(std::string_view expression, const PathNamespaces& namespaces) {
  if (namespaces.empty()) return std::string(expression);
  std::string out;
  const char* end = expression.data() + expression.size();
  for (const char* p = expression.data(); p != end;) {
    const char* begin = p;
    const std::size_t at = static_cast<std::size_t>(p - expression.data());
    Name name;
    if (*p == '"' || *p == '\'') {
      const std::size_t close = expression.find(*p, at + 1);
      p = close == std::string_view::npos ? end : expression.data() + close + 1;
    } else {
      name = name_at(p, end);
      p = name.end == begin ? begin + 1 : name.end;
    }
    const char* next = skip_space(p, end);
    const bool call = next != end && *next == '(';
    const bool variable = at > 0 && expression[at - 1] == '$';
    if (name.prefix.empty() || name.prefix == "xml" || call || variable) {
      out.append(begin, p);
      continue;
    }
    const auto uri = namespaces.find(std::string(name.prefix));
    if (uri == namespaces.end()) {
      return config_error(fmt::format("'{}': prefix '{}' at character {} is not in namespaces",
                                      expression, name.prefix, at + 1));
    }
    out += condition(name, uri->second);
  }
  return out;
}

std::string namespaces_problem(const PathNamespaces& namespaces) {
  for (const auto& [prefix, uri] : namespaces) {
    const char* end = prefix.data() + prefix.size();
    if (prefix.empty() || skip_ncname(prefix.data(), end) != end || prefix.starts_with("xml")) {
      return fmt::format("'{}' cannot be a prefix; expected a name of XML without ':'", prefix);
    }
    if (uri.empty()) return fmt::format("the namespace of '{}' is empty", prefix);
    if (uri.find('\'') != std::string::npos && uri.find('"') != std::string::npos) {
      return fmt::format("the namespace of '{}' has quotes of both kinds", prefix);
    }
  }
  return {};
}

}  // namespace docmill
