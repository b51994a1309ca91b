"""What a bare fork takes beside many processes that live: `python -m tests.bench.bare_crowd N...`.

Each process answers once over a socket and waits. Prints the mean of some forks, in seconds, for
each number of processes that live already.
"""

import json
import os
import signal
import socket
import sys
import time

_TIMES = 20


def _live() -> tuple[int, socket.socket]:
    """Fork a process, and wait until it has said something."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        theirs.send(b"1")
        theirs.recv(1)
        os._exit(0)
    theirs.close()
    ours.recv(1)
    return child, ours


def _end(child: int, end: socket.socket) -> None:
    end.close()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    """Fork beside more and more processes."""
    crowd: list[tuple[int, socket.socket]] = []
    means: list[float] = []
    for count in map(int, sys.argv[1:]):
        while len(crowd) < count - 1:
            crowd.append(_live())
        started = time.perf_counter()
        more = [_live() for _ in range(_TIMES)]
        means.append((time.perf_counter() - started) / _TIMES)
        for one in more:
            _end(*one)
    sys.stdout.write(json.dumps(means))
    for one in crowd:
        _end(*one)


if __name__ == "__main__":
    main()
