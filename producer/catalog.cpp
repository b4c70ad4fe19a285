// Every source there is. A new one is a file in sources/, a test, and a line here.
#include "producer/sources/sources.h"

namespace docmill {

std::vector<SourceComponent> source_components() {
  return {files_source(), lines_source(), follow_source(), generate_source(),
          http_source(),  stdin_source(), submit_source(), zmq_source()};
}

}  // namespace docmill
