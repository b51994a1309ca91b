"""The work of `bare_work` in another process, which is asked for it over a socket pair.

`python -m tests.bench.bare_worker FILE` does what `recorded_work` wrote down. This process writes
each call as JSON, sends it, and reads the JSON that comes back: the result, and the state where it
has changed. A call and the return to a snapshot behind it are one request, and so are an opening
and the state behind it. The other process is one
for all environments, and does what `bare_work` does. So it contains what any isolation by processes
costs, and nothing of what ours does: no class is run anew, nothing is validated, limited or
compared, no check is run, and nobody thinks about what to call.
"""

import contextlib
import io
import os
import pickle
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import orjson

from tests.bench.bare_nursery import receive, send
from tests.bench.bare_work import Bare, Event, Work, lock, told_of


def requests_of(work: Work) -> Iterator[list[Event]]:
    """Yield what goes together in one request: one thing, and what belongs to it behind it."""
    waiting: list[Event] = []
    for event in work.events:
        if waiting and not (_belongs(event, waiting[0]) and len(waiting) == 1):
            yield waiting
            waiting = []
        waiting.append(event)
    if waiting:
        yield waiting


def _belongs(event: Event, first: Event) -> bool:
    """Say whether something is done along with what is done before it.

    A return to a snapshot is no part of taking it: a bare process that has gone back would do what
    is left of the request again, without end.
    """
    what, number, *_ = event
    is_back = what == "restore" and first[0] not in ("snapshot", "restore")
    is_behind = is_back or (what, first[0]) == ("state", "open")
    return is_behind and number == first[1]


def serve(end: socket.socket, work: Work) -> None:
    """Be the worker: prepare, say so, and do what is asked."""
    lock()
    with contextlib.redirect_stdout(io.StringIO()):
        bare = Bare(work)
        bare.prepare()
        before = _seconds()
        send(end, b"ready")
        while body := receive(end):
            events = cast("list[Event]", orjson.loads(body))
            told = "".join([bare.do(event) for event in events])
            send(end, told.encode(errors="replace") or b"null")
    send(end, str(_seconds() - before).encode())


def _seconds() -> float:
    return sum(os.times()[:4])


def main(path: Path) -> None:
    """Have done what was written down, and print the processor time and what it was."""
    work = cast("Work", pickle.loads(path.read_bytes()))  # noqa: S301  `recorded_work` wrote it
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        serve(theirs, work)
        os._exit(0)
    theirs.close()
    receive(ours)
    before = _seconds()
    for request in requests_of(work):
        send(ours, orjson.dumps(request))
        with contextlib.suppress(orjson.JSONDecodeError):
            orjson.loads(receive(ours))
    ours.shutdown(socket.SHUT_WR)
    seconds = _seconds() - before + float(receive(ours))
    os.waitpid(child, 0)
    sys.stdout.write(told_of(work, seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
