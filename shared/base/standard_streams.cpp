#include "shared/base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace docmill {

void open_standard_streams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    // The lowest number that is free, which is this one.
    if (open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY) != number) return;
  }
}

}  // namespace docmill
