// What a program tells whoever started it: sysexits(3).
#pragma once

#include "shared/base/result.h"

namespace docmill {

enum ExitCode : int {
  kExitOk = 0,
  kExitUnbalanced = 1,    // the balance does not add up
  kExitTestFailed = 1,    // a test of a pipeline, or there is none
  kExitUsage = 64,        // the command line
  kExitData = 65,         // the document; of a producer or a run: input that could not be read
  kExitNoInput = 66,      // a file named on the command line
  kExitUnavailable = 69,  // an address in use, a peer that refuses
  kExitOverdue = 70,      // a transformer whose document took longer than limits.processing
  kExitUnfinished = 73,   // files of a finished run have no end yet; run again to end them
  kExitIo = 74,           // a disk that fails, state that contradicts itself
  // Run again to go on: documents wait in a spool, or a producer was stopped before its end.
  kExitWaiting = 75,
  kExitConfig = 78,  // the pipeline file
};

constexpr int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConfig:
      return kExitConfig;
    case ErrorCode::kMalformed:
      return kExitData;
    case ErrorCode::kUnavailable:
      return kExitUnavailable;
    case ErrorCode::kCorrupt:
      return kExitIo;
    case ErrorCode::kEnded:
    case ErrorCode::kStopped:
      return kExitOk;
  }
  return kExitIo;
}

}  // namespace docmill
