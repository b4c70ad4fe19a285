// What the documents of a request are: one by its content type, or a line each. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "producer/http/http_exchange.h"
#include "shared/base/result.h"
#include "shared/document/document.h"

namespace docmill {

// What a content type says the documents are.
struct PostedType {
  Format format = Format::kBytes;  // of one document
  bool lines = false;              // each line is one; its first character tells what it is
};

// application/xml, text/xml, application/json, text/plain, application/x-ndjson; also what ends
// with +xml or +json. The error says what was expected.
Result<PostedType> posted_type(std::string_view content_type);

// The lines of a body that are not empty, `most` of them at most.
std::vector<std::string_view> posted_lines(std::string_view body, std::size_t most);

// {"error": text}
std::string error_body(std::string_view text);

}  // namespace docmill
