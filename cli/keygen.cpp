#include "cli/keygen.h"

#include <fmt/format.h>

#include "cli/refuse.h"
#include "shared/base/put_text.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/key_file.h"

namespace docmill {

int keygen_command(const KeygenOptions& options) {
  for (const std::string& name : options.names) {
    if (!is_name(name)) {
      put_text(stderr, "docmill keygen: a name must be 1 to 32 of a-z, 0-9 and -, got {}\n",
               quote(name));
      return kExitUsage;
    }
    if (auto none = expect_no_key(options.folder, name); !none) return refuse(none.error());
  }
  for (const std::string& name : options.names) {
    if (auto written = write_key_pair(options.folder, name, make_key_pair()); !written) {
      return refuse(written.error());
    }
    put_text("{} {}\n", key_path(options.folder, name, kSecretEnding).string(),
             key_path(options.folder, name, kPublicEnding).string());
  }
  return kExitOk;
}

}  // namespace docmill
