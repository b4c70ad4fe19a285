#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/house/rules.h"

namespace docmill::house {
namespace {

// Part -> the parts it may include, besides itself. Tests and benches may include everything.
const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::set<std::string> kShared = {
      "shared/base",  "shared/document", "shared/config",   "shared/protocol",
      "shared/store", "shared/runtime",  "shared/transport"};
  static const std::map<std::string, std::set<std::string>> kArrows = {
      {"shared/base", {}},
      {"shared/document", {"shared/base"}},
      {"shared/config", {"shared/base"}},
      {"shared/protocol", {"shared/base", "shared/document"}},
      {"shared/transport", {"shared/base", "shared/document", "shared/protocol"}},
      {"shared/store", {"shared/base", "shared/document", "shared/protocol"}},
      {"shared/runtime", kShared},
      {"producer",
       [] {  // makes the processors before it accepts a plan
         std::set<std::string> parts = kShared;
         parts.insert("transformer");
         return parts;
       }()},
      {"transformer", kShared},
      {"sink", kShared},
      {"cli", [] {
         std::set<std::string> all = kShared;
         all.insert({"producer", "transformer", "sink"});
         return all;
       }()}};
  return kArrows;
}

// "shared/base" for shared/base/text.h, "sink" for sink/outputs/ndjson.cpp.
std::string part_of(const std::string& path) {
  const std::size_t first = path.find('/');
  if (first == std::string::npos) return "";
  const std::size_t second = path.starts_with("shared/") ? path.find('/', first + 1) : first;
  return path.substr(0, second);
}

struct Library {
  std::string name;
  std::regex header;
  std::vector<std::string> homes;  // prefixes of the paths that may see it
  std::string door;                // a header of the home that shows it on purpose, and
  std::string user;                // the prefix of the paths it is shown to; both may be empty
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> kLibraries = {
      {"yaml-cpp", std::regex("yaml-cpp/.*"), {"shared/config/"}, "", ""},
      {"zmq", std::regex("zmq.*"), {"shared/transport/"}, "", ""},
      {"SQLite", std::regex("sqlite3.*"), {"shared/store/"}, "", ""},
      {"expat", std::regex("expat.*"), {"shared/document/"}, "", ""},
      {"pugixml",
       std::regex("pugi.*"),
       {"shared/document/"},
       "shared/document/xml_tree.h",
       "transformer/processors/"},
      {"libxml2", std::regex("libxml/.*"), {"shared/document/"}, "", ""},
      {"libxslt", std::regex("libxslt/.*"), {"shared/document/xml_stylesheet.cpp"}, "", ""},
      {"libjq", std::regex("jq.h|jv.h"), {"shared/document/jq_"}, "", ""},
      {"valijson", std::regex("valijson/.*"), {"shared/document/json_schema.cpp"}, "", ""},
      {"RE2", std::regex("re2/.*"), {"shared/document/linear_regex.cpp"}, "", ""},
      {"libmicrohttpd", std::regex("microhttpd.*"), {"producer/http/http_server.cpp"}, "", ""},
      {"libcurl", std::regex("curl/.*"), {"sink/http/http_client.cpp"}, "", ""},
      {"zlib",
       std::regex("zlib.*"),
       {"producer/files/gzip_decompressor.cpp", "sink/segments/gzip_packer.cpp",
        "shared/document/inflate.cpp"},
       "",
       ""},
      {"zstd",
       std::regex("zstd.h|zstd_errors.h"),
       {"producer/files/zstd_decompressor.cpp", "sink/segments/zstd_packer.cpp"},
       "",
       ""},
      {"spdlog", std::regex("spdlog/.*"), {"shared/base/log.cpp"}, "", ""},
      {"xxhash", std::regex("xxh.*"), {"shared/base/hash.cpp"}, "", ""},
  };
  return kLibraries;
}

// Whether a file sees the library's header, itself or through the headers it includes.
bool sees(const Tree& tree, const std::string& path, const Library& library,
          std::string_view viewer, std::set<std::string>& visited) {
  const auto file = tree.find(path);
  if (file == tree.end() || !visited.insert(path).second) return false;
  if (path == library.door && viewer.starts_with(library.user)) return false;
  for (const Include& include : includes_of(file->second)) {
    if (include.quoted && tree.contains(include.name)) {
      if (sees(tree, include.name, library, viewer, visited)) return true;
    } else if (std::regex_match(include.name, library.header)) {
      return true;
    }
  }
  return false;
}

void check_library(const Tree& tree, const std::string& path, const Library& library,
                   Findings& findings) {
  for (const Include& include : includes_of(tree.at(path))) {
    std::set<std::string> visited;
    const bool direct = std::regex_match(include.name, library.header);
    if (direct || sees(tree, include.name, library, path, visited)) {
      findings.push_back({path, include.line,
                          fmt::format("{} stops in {}; {} must not show it here", library.name,
                                      fmt::join(library.homes, " or "), include.name)});
    }
  }
}

bool outside(const std::string& path) {
  return path.starts_with("tests/") || path.starts_with("bench/");
}

}  // namespace

Findings check_arrows(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!is_cpp(path)) continue;
    const auto allowed = arrows().find(part_of(path));
    for (const Include& include : includes_of(content)) {
      if (!include.quoted) continue;
      const std::string part = part_of(include.name);
      if (!tree.contains(include.name)) {
        findings.push_back({path, include.line,
                            fmt::format("{} is not a path from the project root", include.name)});
      } else if (allowed != arrows().end() && part != allowed->first &&
                 !allowed->second.contains(part)) {
        findings.push_back({path, include.line,
                            fmt::format("{} must not include {}: the arrows of the design lead "
                                        "the other way",
                                        allowed->first, part)});
      } else if (allowed == arrows().end() && !outside(path)) {
        findings.push_back({path, include.line, "this folder is no part of the design"});
      }
    }
  }
  return findings;
}

Findings check_libraries(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!is_cpp(path) || outside(path)) continue;
    for (const Library& library : libraries()) {
      const bool at_home = std::any_of(library.homes.begin(), library.homes.end(),
                                       [&](const auto& home) { return path.starts_with(home); });
      if (!at_home) check_library(tree, path, library, findings);
    }
    for (const Include& include : includes_of(content)) {
      if (is_header(path) && include.name.starts_with("nlohmann/")) {
        findings.push_back({path, include.line, "nlohmann stops in .cpp files"});
      }
    }
  }
  return findings;
}

}  // namespace docmill::house
