#include "shared/base/system_error.h"

#include <cerrno>
#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("an errno that passes by itself is never taken for a wrong setting") {
  const std::vector<int> passing = {EMFILE, ENFILE, ENOMEM,      ENOBUFS, ENOSPC,  EDQUOT,
                                    EFBIG,  EAGAIN, EWOULDBLOCK, EBUSY,   ETXTBSY, EDEADLK,
                                    ENOLCK, EINTR,  ETIMEDOUT,   ESTALE};
  for (const int error_number : passing) {
    INFO(error_text(error_number));
    CHECK(failure_of(error_number) == Failure::kTransient);
  }
}

TEST_CASE("a disk that failed, a peer that is gone and a wrong setting are told apart") {
  for (const int error_number : {EIO, EREMOTEIO, EUCLEAN, EBADMSG, ENOMEDIUM}) {
    INFO(error_text(error_number));
    CHECK(failure_of(error_number) == Failure::kDisk);
  }
  for (const int error_number : {EPIPE, ECONNRESET, ECONNREFUSED, ENETUNREACH, EHOSTUNREACH}) {
    INFO(error_text(error_number));
    CHECK(failure_of(error_number) == Failure::kPeer);
  }
  for (const int error_number :
       {EACCES, EPERM, ENOENT, ENOTDIR, EISDIR, EROFS, ELOOP, EXDEV, ENAMETOOLONG, EEXIST}) {
    INFO(error_text(error_number));
    CHECK(failure_of(error_number) == Failure::kSetting);
  }
}

TEST_CASE("the text of an errno begins with a small letter") {
  CHECK(error_text(ENOSPC) == "no space left on device");
  CHECK(error_text(EMFILE) == "too many open files");
}

}  // namespace
}  // namespace docmill
