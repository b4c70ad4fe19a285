#include "shared/store/sqlite_failure.h"

#include <sqlite3.h>

#include <cerrno>

namespace docmill {

Failure sqlite_failure(int code, int error_number) {
  switch (code) {
    // A failed sync is final whatever its errno is (see sync_data), and so is a file that has not
    // got the bytes it should have.
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return Failure::kDisk;
    case SQLITE_IOERR_NOMEM:
    case SQLITE_IOERR_BLOCKED:
    case SQLITE_IOERR_LOCK:
    case SQLITE_IOERR_RDLOCK:
    case SQLITE_IOERR_UNLOCK:
    case SQLITE_IOERR_CHECKRESERVEDLOCK:
      return error_number == 0 || is_transient(error_number) ? Failure::kTransient : Failure::kDisk;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:  // a race for the locks of a log
      return Failure::kTransient;
    case SQLITE_IOERR:
      return is_transient(error_number) ? Failure::kTransient : Failure::kDisk;
    case SQLITE_CANTOPEN:
      return failure_of(error_number);
    case SQLITE_CORRUPT:
      return Failure::kDisk;
    default:
      return Failure::kSetting;
  }
}

}  // namespace docmill
