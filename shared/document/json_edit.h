// One change of a JSON document as a splice of its text: everything else keeps its bytes, white
// space and the lexemes of numbers included.
//
// Pure functions. The tape is of a scanned document; each appends the changed document to `out`.
// Values are JSON already, keys are text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_pointer.h"
#include "shared/document/json_tape.h"

namespace docmill {

enum class JsonEnd { kFirst, kLast };

void replace_value(const JsonTape& tape, std::uint32_t node, std::string_view value,
                   std::string& out);
// A member or an item, with its comma; never the document's value.
void remove_value(const JsonTape& tape, const JsonPlace& place, std::string& out);
// A member that the object does not have yet.
void insert_member(const JsonTape& tape, std::uint32_t object, JsonEnd end, std::string_view key,
                   std::string_view value, std::string& out);
void insert_item(const JsonTape& tape, std::uint32_t array, JsonEnd end, std::string_view value,
                 std::string& out);
// A name that the object does not have yet.
void rename_member(const JsonTape& tape, const JsonPlace& place, std::string_view key,
                   std::string& out);

// Text of a pipeline file that has to be one JSON value: the same without white space between its
// tokens. Failure: kConfig.
Result<std::string> parse_json_value(std::string_view text);

}  // namespace docmill
