"""The work of `bare_work` with a process for each environment, none of them isolated.

`python -m tests.bench.bare_processes FILE` does what `recorded_work` wrote down: an environment is
a process that `bare_nursery` forks, a return to a snapshot is another fork, and what is looked at
closely is made a second time in a process made anew from the state before. So this is what a
process for each environment costs, whatever keeps it apart from others. Nothing is limited or
compared, no check is run, and nobody thinks about what to call.
"""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import cast

import orjson

import envscaler.sandbox
from tests.bench.bare_nursery import receive, send
from tests.bench.bare_work import Event, Work, told_of
from tests.bench.bare_worker import requests_of


class Asker:
    """Asks for what was written down.

    Args:
        control: The socket to the nursery.
        work: What is asked for.
    """

    def __init__(self, control: socket.socket, work: Work) -> None:
        self._control = control
        self._work = work
        self._ends: dict[int, socket.socket] = {}
        self._states: dict[int, bytes] = {}
        self.lost = 0
        """Requests that a process did not live to answer."""

    def do_all(self) -> None:
        """Ask for everything, and close each environment when nothing more is done in it."""
        last = {event[1]: place for place, event in enumerate(self._work.events)}
        done = 0
        for request in requests_of(self._work):
            done += len(request)
            number = request[0][1]
            try:
                self._do(number, request)
            except OSError:
                self.lost += 1
            if last[number] < done:
                self._ends.pop(number).close()

    def _do(self, number: int, request: list[Event]) -> None:
        what = request[0][0]
        if what == "open":
            state = self._work.beginnings[number].state.encode()
            self._ends[number], self._states[number] = self._open(number, state)
            return
        if what == "closely":
            self._make_anew(number, request[0])
        told = _ask(self._ends[number], request)
        if what in ("watch", "closely"):
            self._note(number, told)

    def _open(self, number: int, state: bytes) -> tuple[socket.socket, bytes]:
        ours, theirs = socket.socketpair()
        began = self._work.beginnings[number]
        with theirs:
            body = orjson.dumps((began.source, began.name))
            socket.send_fds(self._control, [body], [theirs.fileno()])
        send(ours, state)
        return ours, receive(ours)

    def _make_anew(self, number: int, event: Event) -> None:
        end, _ = self._open(number, self._states[number])
        with end:
            _ask(end, [("watch", *event[1:])])

    def _note(self, number: int, told: bytes) -> None:
        """Remember the state, as the next close look begins in it."""
        with contextlib.suppress(orjson.JSONDecodeError, ValueError):
            [_, state] = cast("list[object]", orjson.loads(told))
            if state is not None:
                self._states[number] = orjson.dumps(state)


def _ask(end: socket.socket, request: list[Event]) -> bytes:
    send(end, orjson.dumps(request))
    told = receive(end)
    if not told:
        raise BrokenPipeError
    return told


def _start(work: Work) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    package = Path(envscaler.sandbox.__file__).parent
    script = Path(__file__).with_name("bare_nursery.py")
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        command = [sys.executable, "-S", "-s", "-B", str(script), str(package), str(number)]
        process = subprocess.Popen(command, pass_fds=[number])
    send(ours, orjson.dumps(work.sources))
    receive(ours)
    return ours, process


def _seconds() -> float:
    return sum(os.times()[:4])


def main(path: Path) -> None:
    """Have done what was written down, and print the processor time and what it was."""
    work = cast("Work", pickle.loads(path.read_bytes()))  # noqa: S301  `recorded_work` wrote it
    control, process = _start(work)
    before = _seconds()
    asker = Asker(control, work)
    asker.do_all()
    control.shutdown(socket.SHUT_WR)
    seconds = _seconds() - before + float(receive(control))
    process.wait()
    sys.stdout.write(told_of(work, seconds, lost=asker.lost))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
