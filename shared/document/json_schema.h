// JsonSchema: JSON Schema, drafts 4 and 7, and whether a document is valid by it.
//
// valijson stops in json_schema.cpp. Nothing is fetched: a `$ref` stays inside of the schema.
// Numbers are doubles or 64-bit integers, `format` is not looked at, and patterns are those of
// LinearRegex. A resource, made once at start; not for several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_tape.h"

namespace docmill {

class JsonSchema {
 public:
  // text: the schema. Its `$schema` says the draft; without it that is draft 7. Failure: kConfig.
  static Result<JsonSchema> parse(std::string_view text);
  ~JsonSchema();
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;

  // Failure: kMalformed, "line 3, /catalog/book/1/price: ...": the first error.
  Result<void> validate(const JsonTape& tape) const;

 private:
  struct Schema;
  explicit JsonSchema(std::unique_ptr<Schema> schema);
  std::unique_ptr<Schema> schema_;
};

}  // namespace docmill
