// Every processor there is. A new one is one line here, one file in transformer/processors and one
// test.
#include "transformer/processors/add.h"
#include "transformer/processors/drop.h"
#include "transformer/processors/jq.h"
#include "transformer/processors/keep.h"
#include "transformer/processors/key.h"
#include "transformer/processors/remove.h"
#include "transformer/processors/rename.h"
#include "transformer/processors/route.h"
#include "transformer/processors/select.h"
#include "transformer/processors/set.h"
#include "transformer/processors/text.h"
#include "transformer/processors/to_json.h"
#include "transformer/processors/to_xml.h"
#include "transformer/processors/validate.h"
#include "transformer/processors/xslt.h"

namespace docmill {

std::vector<ProcessorComponent> processor_components() {
  return {select_processor(),   set_processor(),  add_processor(),     remove_processor(),
          rename_processor(),   text_processor(), keep_processor(),    drop_processor(),
          route_processor(),    key_processor(),  to_json_processor(), to_xml_processor(),
          validate_processor(), jq_processor(),   xslt_processor()};
}

ComponentSet processor_set() { return component_set("processor", processor_components()); }

}  // namespace docmill
