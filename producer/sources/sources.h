// The sources, one function each; catalog.cpp lists them.
#pragma once

#include "producer/source_context.h"

namespace docmill {

SourceComponent files_source();
SourceComponent lines_source();
SourceComponent generate_source();
SourceComponent follow_source();
SourceComponent http_source();
SourceComponent stdin_source();
SourceComponent zmq_source();
SourceComponent submit_source();

}  // namespace docmill
