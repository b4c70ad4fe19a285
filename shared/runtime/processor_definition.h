// ProcessorDefinition: the processors of a pipeline with everything that decides what they make of
// a document - settings, limits, how XML is read, and the content of each file that they read.
//
// The producer makes it when it starts and at each reload; its hash is the processor revision of a
// plan. A transformer that does not have the revision gets the bytes from the producer and reads no
// file for it, so that all transformers do the same, whatever is on their disks. A value.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/config/pipeline.h"
#include "shared/document/named_files.h"

namespace docmill {

struct ProcessorDefinition {
  LimitsConfig limits;  // document and depth; processing is each transformer's own
  XmlConfig xml;
  std::string processors;  // canonical, with every ${env:...} and ${file:...} filled in
  NamedFiles::Contents files;
};

// Reads the files from the disk. Failure: kConfig, with the file.
Result<ProcessorDefinition> define_processors(const PipelineConfig& config);

// Whether the content of the file that this setting names is part of a definition.
bool is_file_setting(std::string_view processor, std::string_view setting);

// docs/wire-format.md draws the bytes.
std::string encode(const ProcessorDefinition& definition);
// Failure: kMalformed.
Result<ProcessorDefinition> decode_definition(std::string_view bytes);

// What differs between two definitions: "style/catalog.xsl", "the settings of processors"; empty
// when they are alike.
std::string difference(const ProcessorDefinition& one, const ProcessorDefinition& other);

}  // namespace docmill
