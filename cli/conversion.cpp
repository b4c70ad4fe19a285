#include "cli/conversion.h"

#include <fmt/format.h>

#include "shared/config/scalar.h"
#include "shared/document/json_text.h"
#include "shared/runtime/read_options.h"

namespace docmill {
namespace {

// The value of an enum by its name; `standard` where the option was not given.
template <typename E>
Result<E> named(std::string_view option, const std::string& text, E standard) {
  if (text.empty()) return standard;
  auto value = ScalarType<E>::parse(text);
  if (!value) return config_error(fmt::format("{}: {}", option, value.error().text));
  return value;
}

}  // namespace

Result<Conversion> Conversion::open(const ConversionOptions& options) {
  Conversion conversion;
  const bool to_xml = options.to == "xml";
  if (!to_xml && options.to != "json") {
    return config_error(fmt::format("--to: expected json or xml, found '{}'", options.to));
  }
  const auto convention = named("--convention", options.convention,
                                to_xml ? JsonConvention::kNatural : JsonConvention::kCompact);
  if (!convention) return convention.error();
  if (to_xml) {
    if (*convention == JsonConvention::kParker) {
      return config_error("--convention: parker cannot be read back; choose another");
    }
    if (!options.select.empty() || !options.force_list.empty() || !options.on_loss.empty() ||
        !options.parser.empty() || !options.dtd.empty()) {
      return config_error(
          "--to xml: --select, --force-list, --on-loss, --parser and --dtd are for XML as input");
    }
    conversion.to_xml_ = std::make_unique<JsonToXml>(JsonToXmlOptions{.convention = *convention});
    return conversion;
  }
  JsonOptions json;
  json.convention = *convention;
  auto on_loss = named("--on-loss", options.on_loss, LossPolicy::kPass);
  if (!on_loss) return on_loss.error();
  if (*on_loss == LossPolicy::kWarn) {
    return config_error("--on-loss: expected pass, error or ordered, found 'warn'");
  }
  json.on_loss = *on_loss;
  auto force_list = ForceList::parse(options.force_list);
  if (!force_list) return config_error("--force-list: " + force_list.error().text);
  json.force_list = std::move(*force_list);
  if (const std::string problem = json.problem(); !problem.empty()) {
    return config_error("--convention: " + problem);
  }
  const auto parser = named("--parser", options.parser, XmlParser::kStrict);
  if (!parser) return parser.error();
  const auto dtd = named("--dtd", options.dtd, XmlDtd::kInternal);
  if (!dtd) return dtd.error();
  const XmlReadOptions read = read_options(LimitsConfig(), {*parser, *dtd});
  conversion.accepts_doctype_ = *dtd == XmlDtd::kInternal;
  conversion.to_json_ = std::make_unique<XmlToJson>(read, json);
  conversion.tree_ = XmlTree(read);
  if (!options.select.empty()) {
    auto path = XmlPath::compile(options.select);
    if (!path) return config_error("--select: " + path.error().text);
    conversion.select_ = std::move(*path);
  }
  return conversion;
}

Result<void> Conversion::convert(std::string_view document, std::string& lines) {
  if (!select_) return convert_one(document, lines);
  if (auto loaded = tree_.load(document); !loaded) return loaded;
  selected_.clear();
  tree_.select(*select_, selected_);
  const std::size_t begin = lines.size();
  for (const XmlSelection& part : selected_) {
    if (part.format != Format::kXml) {
      append_json_string(lines, part.bytes);
      lines += '\n';
    } else if (auto converted = convert_one(part.bytes, lines); !converted) {
      lines.resize(begin);
      return converted;
    }
  }
  return {};
}

Result<void> Conversion::convert_one(std::string_view document, std::string& lines) {
  const Result<Losses> losses =
      to_xml_ ? to_xml_->convert(document, lines) : to_json_->convert(document, lines);
  if (!losses) return losses.error();
  lines += '\n';
  return {};
}

}  // namespace docmill
