#include "cli/source_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/catalogs.h"
#include "cli/refuse.h"
#include "cli/states.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"
#include "shared/store/source_request.h"
#include "shared/store/system_disk.h"

namespace docmill {

int forget_source_command(const std::string& file) {
  const Catalogs catalogs;
  Findings findings;
  const auto config = load_pipeline(file, catalogs.sets(), {}, findings);
  std::fputs(findings.text().c_str(), stderr);
  if (!config || !findings.empty()) return kExitConfig;
  SystemDisk disk;
  const auto producers = producers_in(disk, config->state);
  if (!producers) return refuse(producers.error());
  int code = kExitOk;
  for (const std::string& producer : *producers) {
    if (auto put = put_source_request(disk, config->state / producer); !put) {
      code = refuse(put.error());
      continue;
    }
    put_text(
        "{}: when it starts or is reloaded, gives up what it cannot read any more of its "
        "former source\n",
        producer);
  }
  return code;
}

}  // namespace docmill
