"""System call filters: what is not listed here does not exist for generated code.

The filters are built before any fork, so a child installs one with a single system call.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_OFFSET, _ARCH_OFFSET, _ARGS_OFFSET = 0, 4, 16
_X32_BIT = 0x40000000
_PROT_EXEC = 4
_SET_MODE_FILTER = 1

_NOT_A_FORK = 0x00010000 | 0x00020000 | 0x7E000000 | 0x00000080
"""Flags of clone that ask for a thread or for namespaces of its own."""


@dataclass(frozen=True)
class Machine:
    """Numbers of one processor architecture."""

    audit: int
    calls: dict[str, int]


_X86_64: Final = Machine(
    0xC000003E,
    {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9,
        "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
        "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "dup2": 33,
        "nanosleep": 35, "setitimer": 38, "getpid": 39, "sendmsg": 46, "recvmsg": 47, "clone": 56,
        "exit": 60, "wait4": 61, "gettimeofday": 96, "getrusage": 98, "getuid": 102, "getgid": 104,
        "geteuid": 107, "getegid": 108, "sigaltstack": 131, "prctl": 157, "setrlimit": 160,
        "gettid": 186, "time": 201, "futex": 202, "restart_syscall": 219, "clock_gettime": 228,
        "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "set_robust_list": 273,
        "dup3": 292, "prlimit64": 302, "seccomp": 317, "rseq": 334, "pidfd_open": 434,
        "clone3": 435, "close_range": 436,
    },
)  # fmt: skip
_AARCH64: Final = Machine(
    0xC00000B7,
    {
        "dup3": 24, "close": 57, "lseek": 62, "read": 63, "write": 64, "poll": 73, "fstat": 80,
        "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
        "setitimer": 103, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
        "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134,
        "rt_sigprocmask": 135, "rt_sigreturn": 139, "setrlimit": 164, "getrusage": 165,
        "prctl": 167, "gettimeofday": 169, "getpid": 172, "getuid": 174, "geteuid": 175,
        "getgid": 176, "getegid": 177, "gettid": 178, "sendmsg": 211, "recvmsg": 212, "brk": 214,
        "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "mprotect": 226, "madvise": 233,
        "wait4": 260, "prlimit64": 261, "seccomp": 277, "rseq": 293, "pidfd_open": 434,
        "clone3": 435, "close_range": 436,
    },
)  # fmt: skip
MACHINE: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}.get(platform.machine())
"""None where no table of system calls was written."""

WORKER_CALLS: Final = (
    "read", "write", "futex", "mmap", "munmap", "mremap", "brk", "madvise", "mprotect",
    "clock_gettime", "rt_sigreturn", "rt_sigprocmask", "sigaltstack", "setitimer", "exit_group",
    "exit", "getpid", "gettid", "gettimeofday", "time", "clock_getres", "clock_nanosleep",
    "nanosleep", "poll", "sched_yield", "restart_syscall", "close", "fstat", "lseek", "getuid",
    "getgid", "geteuid", "getegid", "getrusage",
)  # fmt: skip
"""No path, no socket, no process, no signal handler, no executable memory."""

ZYGOTE_CALLS: Final = (
    *WORKER_CALLS, "rt_sigaction", "recvmsg", "sendmsg", "clone", "wait4", "set_robust_list",
    "rseq", "pidfd_open", "prctl", "seccomp", "prlimit64", "setrlimit", "dup2", "dup3",
    "close_range",
)  # fmt: skip
"""What it takes to fork, to hand over a pidfd and to lock a child further."""

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, operand."""


def _allow(name: str, number: int) -> list[Instruction]:
    """Return the instructions that let one system call pass, its number being loaded."""
    refuse, allow = (_RETURN, 0, 0, _ERRNO | errno.EPERM), (_RETURN, 0, 0, _ALLOW)
    forbidden = {
        "mmap": (2, _PROT_EXEC),
        "mprotect": (2, _PROT_EXEC),
        "clone": (0, _NOT_A_FORK),
    }.get(name)
    if forbidden is None:
        return [(_JUMP_EQ, 0, 1, number), allow]
    argument, bits = forbidden
    load = (_LOAD, 0, 0, _ARGS_OFFSET + 8 * argument)
    return [(_JUMP_EQ, 0, 4, number), load, (_JUMP_SET, 0, 1, bits), refuse, allow]


def program(machine: Machine, names: Sequence[str]) -> list[Instruction]:
    """Write the filter that allows `names` and answers EPERM to everything else."""
    kill = (_RETURN, 0, 0, _KILL)
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH_OFFSET),
        (_JUMP_EQ, 1, 0, machine.audit),
        kill,
        (_LOAD, 0, 0, _NUMBER_OFFSET),
    ]
    if machine is _X86_64:
        code += [(_JUMP_GE, 0, 1, _X32_BIT), kill]
    for name in names:
        if name in machine.calls:
            code += _allow(name, machine.calls[name])
    # glibc falls back to clone, whose flags a filter can see, when clone3 is unknown.
    code += [(_JUMP_EQ, 0, 1, machine.calls["clone3"]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    return [*code, (_RETURN, 0, 0, _ERRNO | errno.EPERM)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


class Filter:
    """A filter in the form the kernel reads, ready to install."""

    def __init__(self, machine: Machine, names: Sequence[str]) -> None:
        code = program(machine, names)
        raw = b"".join(struct.pack("HBBI", *instruction) for instruction in code)
        self._code = ctypes.create_string_buffer(raw, len(raw))
        self._program = _Program(len(code), ctypes.addressof(self._code))
        self._number = machine.calls["seccomp"]
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall

    def install(self) -> None:
        """Lock this process, for good.

        Raises:
            OSError: The kernel refuses.
        """
        if self._syscall(self._number, _SET_MODE_FILTER, 0, ctypes.byref(self._program)) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
