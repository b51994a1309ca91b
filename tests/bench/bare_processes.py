"""The work of `bare_work` with a process for each environment, none of them isolated.

`python -m tests.bench.bare_processes FILE` does what `recorded_work` wrote down: an environment is
a process that `bare_nursery` forks, a return to a snapshot is another fork, and what is looked at
closely is made a second time in a process made anew from the state before. So this is what a
process for each environment costs, whatever keeps it apart from others. Nothing is limited or
compared, no check is run, and nobody thinks about what to call.

It is far slower than what it stands beside, so only a sample of the environments is made, spread
evenly over all, and its seconds are multiplied by the forks that it leaves out.
"""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import cast

import orjson

import envscaler.sandbox
from tests.bench.bare_nursery import receive, send
from tests.bench.bare_work import Event, Work, told_of
from tests.bench.bare_worker import requests_of

_FORKING = frozenset(("open", "closely", "restore"))
"""What takes a fork."""
_MOST = 4000
"""Forks in a sample, about."""
_LONGEST = 45.0
"""Seconds after which a sample ends, however many forks it has had."""


def sample(work: Work, most: int = _MOST) -> Work:
    """Return the work in some environments, spread evenly, which together take so many forks."""
    forks = Counter(event[1] for event in work.events if event[0] in _FORKING)
    share = min(1.0, most / max(1, forks.total()))
    numbers = [*forks]
    kept = {
        one for place, one in enumerate(numbers, 1) if int(place * share) > int((place - 1) * share)
    }
    return replace(work, events=tuple([one for one in work.events if one[1] in kept]))


def _forks_in(work: Work) -> int:
    return sum(event[0] in _FORKING for event in work.events)


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
        self.forks = 0
        """Made so far."""

    def do_all(self, within: float = _LONGEST) -> None:
        """Ask for everything, and close each environment when nothing more is done in it.

        Args:
            within: Seconds after which no more is asked for.
        """
        last = {event[1]: place for place, event in enumerate(self._work.events)}
        done, until = 0, time.monotonic() + within
        for request in requests_of(self._work):
            if time.monotonic() > until:
                break
            done += len(request)
            self.forks += sum(event[0] in _FORKING for event in request)
            number = request[0][1]
            try:
                self._do(number, request)
            except OSError:
                self.lost += 1
            if last[number] < done:
                self._ends.pop(number).close()
        for end in self._ends.values():
            end.close()

    def _do(self, number: int, request: list[Event]) -> None:
        what = request[0][0]
        if what == "open":
            state = self._work.beginnings[number].state.encode()
            self._ends[number], self._states[number] = self._open(number, state)
            request = request[1:]
            if not request:
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
    """Have a sample done of what was written down, and print what all would take and what it is."""
    work = cast("Work", pickle.loads(path.read_bytes()))  # noqa: S301  `recorded_work` wrote it
    control, process = _start(work)
    before = _seconds()
    asker = Asker(control, sample(work))
    asker.do_all()
    control.shutdown(socket.SHUT_WR)
    seconds = _seconds() - before + float(receive(control))
    process.wait()
    scaled = seconds * _forks_in(work) / max(1, asker.forks)
    sys.stdout.write(told_of(work, scaled, sampled=asker.forks, lost=asker.lost))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
