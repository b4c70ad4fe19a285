// What a result code of SQLite means, by the errno behind it where there is one.
#pragma once

#include "shared/base/system_error.h"

namespace docmill {

// code: an extended result code, not SQLITE_OK. error_number: errno right after the call, or what
// sqlite3_system_errno() says. For the codes that are about a statement (SQLITE_CONSTRAINT,
// SQLITE_ERROR, SQLITE_NOTADB ...) it says kSetting.
Failure sqlite_failure(int code, int error_number);

}  // namespace docmill
