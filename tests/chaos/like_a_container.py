"""Runs a command without unshare(2), as the default seccomp profile of Docker does: PROGRAM ARGUMENTS..."""
import ctypes
import errno
import os
import platform
import struct
import sys

NUMBER = {"x86_64": 272, "aarch64": 97}[platform.machine()]
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
FILTER = b"".join(struct.pack("HBBI", *step) for step in (
    (LOAD_WORD, 0, 0, 0),  # the number of the system call
    (JUMP_IF_EQUAL, 0, 1, NUMBER),
    (RETURN, 0, 0, REFUSE),
    (RETURN, 0, 0, ALLOW)))


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    program = ctypes.create_string_buffer(FILTER)
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(program)))
    for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                 (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(head)), 0, 0)):
        if libc.prctl(*call) != 0:
            sys.exit(f"prctl({call[0]}): {os.strerror(ctypes.get_errno())}")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
