"""Runs a program for which the kernel has no openat2: no_openat2.py PROGRAM [ARGUMENT...]

A seccomp filter answers that one call with ENOSYS, as a kernel before 5.6 does, so that the program has to find
its way below a folder step by step."""

import ctypes
import errno
import os
import signal
import sys

OPENAT2 = 437  # also of 32-bit programs, so the filter need not ask for the architecture
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06  # BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ | BPF_K, BPF_RET | BPF_K
NUMBER = 0  # of the call, in struct seccomp_data


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("if_true", ctypes.c_ubyte), ("if_false", ctypes.c_ubyte),
                ("value", ctypes.c_uint)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("first", ctypes.POINTER(Instruction))]


def install():
    instructions = (Instruction * 4)(
        Instruction(LOAD, 0, 0, NUMBER),
        Instruction(EQUALS, 0, 1, OPENAT2),
        Instruction(RETURN, 0, 0, RET_ERRNO | errno.ENOSYS),
        Instruction(RETURN, 0, 0, RET_ALLOW))
    program = Program(len(instructions), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    zero, one = ctypes.c_ulong(0), ctypes.c_ulong(1)
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, one, zero, zero, zero) != 0 or
            libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program), zero, zero) != 0):
        sys.exit(f"no_openat2: no filter: {os.strerror(ctypes.get_errno())}")


def main():
    install()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored stays so across exec
    os.execvp(sys.argv[1], sys.argv[1:])


main()
