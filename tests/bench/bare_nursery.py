"""Forks a bare process for each environment, as a program of its own for `bare_processes`.

Classes are run beforehand. A snapshot is a process that waits: what follows happens in a child of
it, and to go back that child ends and another is forked. Nothing is validated, limited, written
down or kept apart. The package on `argv[1]` gives the wall, because the code is other people's, and
what makes an object in a state; `argv[2]` is the socket to whoever asks.
"""

import contextlib
import gc
import io
import json
import os
import socket
import struct
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 16
_MODULE = "environment"
_AGAIN, _OVER = 3, 4
"""How a process ends whose snapshot is to go on, and whose environment is done with."""


def send(end: socket.socket, body: bytes) -> None:
    """Send a body with its length."""
    end.sendall(_LENGTH.pack(len(body)) + body)


def receive(end: socket.socket) -> bytes:
    """Return the next body; empty at the end."""
    data = end.recv(_CHUNK)
    if not data:
        return b""
    [size] = _LENGTH.unpack_from(data)
    parts, left = [data[_LENGTH.size :]], size + _LENGTH.size - len(data)
    while left > 0:
        parts.append(end.recv(min(left, _CHUNK)))
        left -= len(parts[-1])
    return b"".join(parts)


class Environment:
    """One environment, in the process that it has for itself."""

    def __init__(self, end: socket.socket, thing: object) -> None:
        self._end = end
        self._thing = thing
        self._told = b""
        self._is_kept = False

    def serve(self) -> NoReturn:
        """Answer until it is closed, or goes back to a snapshot, which then goes on."""
        send(self._end, self._state())
        while body := receive(self._end):
            events = json.loads(body)
            for place, (what, _, tool, given) in enumerate(events):
                if what == "snapshot":
                    self._wait()
                elif what == "restore":
                    self._go_back(alone=not place)
                else:
                    send(self._end, self._answer(what, tool, given))
        os._exit(_OVER)

    def _state(self) -> bytes:
        try:
            return json.dumps(vars(self._thing), default=str).encode()
        except Exception:  # noqa: BLE001  other people's code
            return b"null"

    def _call(self, tool: str, given: dict[str, Any]) -> bytes:
        try:
            return json.dumps(getattr(self._thing, tool)(**given), default=str).encode()
        except Exception as error:  # noqa: BLE001  other people's code
            return json.dumps(str(error)).encode()

    def _answer(self, what: str, tool: str, given: dict[str, Any]) -> bytes:
        """Make a call, and tell its result; where it is watched also the state, if it changed."""
        if what == "state":
            return self._state()
        result = self._call(tool, given)
        if what == "call":
            return result
        state = self._state()
        told, self._told = b"null" if state == self._told else state, state
        return b"[%b,%b]" % (result, told)

    def _wait(self) -> None:
        """Be a snapshot; returns in every process that goes on from here."""
        self._is_kept = True
        send(self._end, b"null")
        while child := os.fork():
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if ended != _AGAIN:
                os._exit(ended)

    def _go_back(self, *, alone: bool) -> None:
        if alone:  # else the answer to the call before it was the answer
            send(self._end, b"null")
        if self._is_kept:
            os._exit(_AGAIN)


class Nursery:
    """Has run all classes, and forks a process for whoever asks."""

    def __init__(self, sources: list[str]) -> None:
        self._modules = [*map(_module_of, sources)]
        self._load = import_module("guest.load")
        self._making = import_module("guest.making")

    def serve(self, control: socket.socket) -> None:
        """Fork until the other end hangs up, and wait for every process that has ended."""
        while True:
            body, ends, _, _ = socket.recv_fds(control, _CHUNK, 1)
            if not body:
                break
            if not os.fork():
                with contextlib.suppress(BaseException):
                    self._be(body, socket.socket(fileno=ends[0]))
                os._exit(_OVER)
            os.close(ends[0])
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        with contextlib.suppress(ChildProcessError):
            while os.wait():
                pass

    def _be(self, body: bytes, end: socket.socket) -> None:
        source, name = json.loads(body)
        module: ModuleType = self._modules[int(source)]
        sys.modules[_MODULE] = module
        state = receive(end).decode()
        copies, raw = self._load.Copies(state, vars(module)), not self._making.is_exported(state)
        Environment(end, self._making.make(vars(module)[name], copies, raw=raw).thing).serve()


def _module_of(source: str) -> ModuleType:
    module = sys.modules[_MODULE] = ModuleType(_MODULE)
    exec(compile(source, _MODULE, "exec"), module.__dict__)  # noqa: S102  this process is locked
    return module


def _seconds() -> float:
    return sum(os.times()[:4])


def main() -> None:
    """Run the classes that come in, fork on request, and say what that took."""
    sys.path.append(sys.argv[1])
    lockdown = import_module("guest.lockdown")
    for name in import_module("guest.zygote").MODULES:
        import_module(name)  # behind the wall no file can be read
    control = socket.socket(fileno=int(sys.argv[2]))
    sources = json.loads(receive(control))
    lockdown.give_up_privileges()
    lockdown.landlock()
    with contextlib.redirect_stdout(io.StringIO()):
        nursery = Nursery(sources)
        gc.collect()
        gc.freeze()
        send(control, b"ready")
        before = _seconds()
        nursery.serve(control)
    send(control, str(_seconds() - before).encode())


if __name__ == "__main__":
    main()
