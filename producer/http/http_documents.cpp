#include "producer/http/http_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\"");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\"") - first + 1);
}

// The value of `charset=`; empty when there is none.
std::string_view charset_of(std::string_view parameters) {
  const std::size_t at = parameters.find("charset=");
  if (at == parameters.npos) return {};
  const std::string_view rest = parameters.substr(at + 8);
  return trimmed(rest.substr(0, rest.find(';')));
}

}  // namespace

Result<PostedType> posted_type(std::string_view content_type) {
  const std::string all = lower(content_type);
  const std::size_t semicolon = std::min(all.find(';'), all.size());
  const std::string_view type = trimmed(std::string_view(all).substr(0, semicolon));
  const std::string_view charset = charset_of(std::string_view(all).substr(semicolon));
  PostedType posted;
  if (type == "application/xml" || type == "text/xml" || type.ends_with("+xml")) {
    posted.format = Format::kXml;
  } else if (type == "application/json" || type.ends_with("+json")) {
    posted.format = Format::kJson;
  } else if (type == "text/plain") {
    posted.format = Format::kText;
  } else if (type == "application/x-ndjson") {
    posted.lines = true;
  } else {
    return malformed(fmt::format(
        "expected the content type application/xml, text/xml, application/json, text/plain or "
        "application/x-ndjson, found '{}'",
        content_type));
  }
  // XML tells its encoding itself.
  const bool told = posted.format == Format::kXml && charset.starts_with("utf-16");
  if (!charset.empty() && charset != "utf-8" && charset != "us-ascii" && !told) {
    return malformed(fmt::format(
        "expected UTF-8, found charset={}; convert it, or, if it is XML, declare its encoding in "
        "the document and leave charset out",
        charset));
  }
  return posted;
}

std::vector<std::string_view> posted_lines(std::string_view body, std::size_t most) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < body.size() && lines.size() < most;) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    std::string_view line = body.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    begin = end + 1;
  }
  return lines;
}

std::string error_body(std::string_view text) {
  std::string body = R"({"error":)";
  append_json_string(body, text);
  return body + '}';
}

}  // namespace docmill
