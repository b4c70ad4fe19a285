// The reference and the samples that people read, made from the declarations. The same declarations
// give the same text, so that a page in docs/ can be compared with it.
#pragma once

#include <string>

#include "shared/config/component.h"
#include "shared/config/section.h"

namespace docmill {

// A component's settings as a commented YAML file that loads: what is required has its example,
// what has a default has its default, the rest stands in comments.
std::string sample(const Section& component);

// Markdown: heading, summary, the table of fields, the sample. level: the number of # of the
// heading.
std::string reference(const Section& component, int level);
// All components of the set under a heading of their own: "Sources".
std::string reference(const ComponentSet& set, int level);

// The parts of the above, for a section that is no component: the table, and the fields alone.
std::string field_table(const Section& section);
std::string sample_fields(const Section& section);

}  // namespace docmill
