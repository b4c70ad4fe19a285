#include "cli/check.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/catalogs.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"

namespace docmill {

int check_command(const std::string& file) {
  const Catalogs catalogs;
  Findings findings;
  ComponentSets sets = catalogs.sets();
  sets.tests = true;
  const auto config = load_pipeline(file, sets, {}, findings);
  std::fputs(findings.text().c_str(), stderr);
  if (!config || !findings.empty()) return kExitConfig;
  put_text("{}: ok\n", file);
  return kExitOk;
}

}  // namespace docmill
