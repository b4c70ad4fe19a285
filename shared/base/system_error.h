// What an errno means to the caller. The only place that classifies them.
#pragma once

#include <string>

namespace docmill {

enum class Failure {
  kSetting,    // a path, a permission, the kind of a file: somebody has to change something
  kTransient,  // descriptors, memory, room, locks, interruptions: wait and try again
  kDisk,       // the disk failed, and what it holds is not known
  kPeer,       // the other end of a connection is gone or out of reach
};
Failure failure_of(int error_number);

inline bool is_transient(int error_number) {
  return failure_of(error_number) == Failure::kTransient;
}

// "no space left on device".
std::string error_text(int error_number);

}  // namespace docmill
