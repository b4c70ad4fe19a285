#include "shared/document/xml_to_json.h"

#include <fmt/format.h>

#include "shared/base/check.h"

namespace docmill {

XmlToJson::XmlToJson(const XmlReadOptions& read, const JsonOptions& options)
    : options_(options),
      reader_(read),
      objects_(options, json_),
      lists_(list_rules(options.convention), options.whitespace_here(), json_) {
  DOCMILL_CHECK(options.problem().empty(), "{}", options.problem());
  if (options.by_namespace) names_.emplace(options.namespaces);
}

Result<Losses> XmlToJson::convert(std::string_view xml, std::string& out) {
  const Result<const XmlTape*> tape = reader_.read(xml);
  if (!tape.ok()) return tape.error();
  const std::size_t begin = out.size();
  const bool reads = begins_with_json(options_.convention);
  json_.clear();
  Result<Losses> losses = reads ? read(**tape, out) : write(**tape);
  if (!losses.ok()) return losses;
  if (options_.on_loss == LossPolicy::kError && !losses->empty()) {
    out.resize(begin);
    return malformed(
        fmt::format("the JSON would lose: {}; choose another convention, or another "
                    "on_loss",
                    losses->text()));
  }
  out.append(json_.view());
  return losses;
}

Result<Losses> XmlToJson::read(const XmlTape& tape, std::string& out) {
  const Result<void> read = options_.convention == JsonConvention::kNatural
                                ? natural_.read(tape, out)
                                : xpath31_.read(tape, out);
  if (!read) return read.error();
  Losses losses;
  for (const XmlNode& node : tape.nodes) {
    if (node.kind == XmlNode::Kind::kComment) losses.add(Loss::kComment);
    if (node.kind == XmlNode::Kind::kInstruction) losses.add(Loss::kInstruction);
  }
  return losses;
}

Result<Losses> XmlToJson::write(const XmlTape& tape) {
  const auto* names = names_ ? &names_->map(tape) : nullptr;
  if (!makes_lists(options_.convention)) return objects_.write(tape, names);
  lists_.begin(tape, names);
  lists_.write_document();
  return lists_.losses();
}

}  // namespace docmill
