"""Fork on request: workers, and templates of one class from which its workers are forked.

A template has unmarshalled the compiled code of a class, and has run none of it but what does
nothing but define. Whatever is forked from it starts with the class at hand, and carries nothing
that another environment could have left.
"""

import gc
import os
import socket
import struct
from typing import NoReturn

from . import lockdown, memory, wire
from .boot import CONTROL, DESCRIPTORS
from .seccomp import Filter
from .warm_up import Example
from .worker import Worker, serve

_INT = struct.Struct("i")
_TWO_DESCRIPTORS = socket.CMSG_LEN(2 * _INT.size)
_REHEARSALS = 16
_CODE_BYTES = 1 << 26
"""Largest compiled class."""


class Forker:
    """Forks for whoever holds the other end of the control socket.

    Args:
        control: The control socket, under the number that it has in every process.
        worker: Serves in every process that is forked from here.
        worker_filter: What workers are locked with.
        example: What every newborn worker plays first.
    """

    def __init__(
        self, control: socket.socket, worker: Worker, worker_filter: Filter, example: Example
    ) -> None:
        self._control = control
        self._worker = worker
        self._filter = worker_filter
        self._example = example

    def rehearse(self) -> None:
        """Fork a few times for nobody: from then on one fork leaves the memory as the last did."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for _ in range(_REHEARSALS):
            one, other = socket.socketpair()
            socket.send_fds(ours, [wire.FORK], [other.fileno()])
            one.close()
            other.close()
        ours.shutdown(socket.SHUT_WR)
        self._serve(theirs)
        ours.close()
        theirs.close()

    def serve(self) -> None:
        """Fork on request until the other end hangs up."""
        self._serve(self._control)

    def _serve(self, control: socket.socket) -> None:
        while True:
            message, descriptors = _receive(control)
            if not message:
                return
            child = os.fork()
            if child == 0:
                self._become(message, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            _hand_over(control, child)
            # What is left over of one request would lie in the memory of the next child.
            del message, descriptors, child

    def _become(self, message: bytes, descriptors: list[int]) -> NoReturn:
        """Be what was asked for; never returns."""
        try:
            lockdown.die_with_parent()
            if message == wire.TEMPLATE:
                self._become_template(*descriptors)
            else:
                self._become_worker(*descriptors)
        finally:
            os._exit(1)

    def _become_worker(self, descriptor: int) -> None:
        os.dup2(descriptor, CONTROL)
        os.closerange(CONTROL + 1, DESCRIPTORS)
        lockdown.start_and_open_nothing()
        memory.settle()
        self._example.rehearse(self._worker)
        gc.set_threshold(20_000, 20, 50)
        gc.enable()
        serve(CONTROL, self._worker, self._filter.install)

    def _become_template(self, descriptor: int, file: int) -> None:
        body = _read_all(file)
        os.dup2(descriptor, CONTROL)
        os.closerange(CONTROL + 1, DESCRIPTORS)
        self._worker.load(body)
        del body
        gc.freeze()
        # The number now means the template's own socket, and this object is but the number.
        self.serve()


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """Take a message with its descriptors; `socket.recv_fds` leaves something behind each time."""
    message, extras, _, _ = control.recvmsg(wire.CONTROL_BYTES, _TWO_DESCRIPTORS)
    return message, [number for _, _, data in extras for (number,) in _INT.iter_unpack(data)]


def _read_all(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    parts: list[bytes] = []
    while part := os.read(file, _CODE_BYTES):
        parts.append(part)
    return b"".join(parts)


def _hand_over(control: socket.socket, child: int) -> None:
    answer = b"%d" % child
    try:
        handle = os.pidfd_open(child)
    except ProcessLookupError:
        control.sendmsg([answer])
        return
    socket.send_fds(control, [answer], [handle])
    os.close(handle)
