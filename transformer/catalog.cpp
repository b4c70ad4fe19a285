// Every processor there is. A new one is one line here, one file in transformer/processors and one
// test.
#include "transformer/processors/select.h"
#include "transformer/processors/set.h"
#include "transformer/processors/to_json.h"
#include "transformer/processors/to_xml.h"

namespace docmill {

std::vector<ProcessorComponent> processor_components() {
  return {select_processor(), set_processor(), to_json_processor(), to_xml_processor()};
}

ComponentSet processor_set() { return component_set("processor", processor_components()); }

}  // namespace docmill
