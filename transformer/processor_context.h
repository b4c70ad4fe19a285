// What a processor is made with, and how a catalog entry makes it.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <vector>

#include "shared/base/log.h"
#include "shared/config/component.h"
#include "shared/document/named_files.h"
#include "shared/document/xml_reader.h"
#include "shared/runtime/component.h"

namespace docmill {

struct ProcessorContext {
  XmlReadOptions xml;
  Bytes largest_payload{256 << 20};  // of the outputs of a batch, all together
  Log* log = nullptr;                // outlives the processor; null: nobody listens
  // The files that the settings name. Processors read no others, and only when they are made.
  std::shared_ptr<NamedFiles> files = std::make_shared<NamedFiles>();
};

// A processor as the catalog lists it: its declaration, and what makes it with the parsed settings.
struct ProcessorComponent {
  AnySchema schema;
  std::function<Result<std::unique_ptr<Processor>>(const std::any& settings,
                                                   const ProcessorContext&)>
      make;
};

// Every processor there is.
std::vector<ProcessorComponent> processor_components();
// Their declarations.
ComponentSet processor_set();

}  // namespace docmill
