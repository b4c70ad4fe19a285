#include "shared/base/system_error.h"

#include <cerrno>
#include <system_error>

namespace docmill {

Failure failure_of(int error_number) {
  switch (error_number) {
    // Descriptors, of the process and of the machine; memory.
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    // Room. EFBIG is a limit of the process or of the file system, raised like a quota.
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    // Locks and users of the same thing.
    case EAGAIN:
    case EBUSY:
    case ETXTBSY:
    case EDEADLK:
    case ENOLCK:
    // Interrupted, or too slow this time; ESTALE: a network file system was mounted again.
    case EINTR:
    case ETIMEDOUT:
    case ESTALE:
      return Failure::kTransient;
    // EUCLEAN and EBADMSG are what ext4, XFS and others say of metadata that is damaged.
    case EIO:
    case EREMOTEIO:
    case EUCLEAN:
    case EBADMSG:
    case ENOMEDIUM:
      return Failure::kDisk;
    case EPIPE:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETRESET:
    case ENETUNREACH:
    case ENOTCONN:
    case ESHUTDOWN:
      return Failure::kPeer;
    default:
      return Failure::kSetting;
  }
}

std::string error_text(int error_number) {
  std::string text = std::generic_category().message(error_number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

}  // namespace docmill
