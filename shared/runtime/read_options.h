// How a pipeline file wants XML to be read.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/document/xml_reader.h"

namespace docmill {

inline XmlReadOptions read_options(const LimitsConfig& limits, const XmlConfig& xml) {
  XmlReadOptions options;
  options.limits.document = limits.document;
  options.limits.depth = limits.depth;
  options.dtd = xml.dtd == XmlDtd::kReject ? DtdPolicy::kReject : DtdPolicy::kInternal;
  options.parser =
      xml.parser == XmlParser::kLenient ? ParserPolicy::kLenient : ParserPolicy::kStrict;
  return options;
}

}  // namespace docmill
