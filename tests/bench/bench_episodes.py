"""Episodes of real classes beside the published loop: `python -m tests.bench.bench_episodes`.

Every published scenario is opened, played, read and scored, classes alternating. The same work is
done in one run by the sandbox, by the published loop in a process of its own (`in_process`), and by
the least that could do it: the method alone, a bare round trip between two processes, a bare fork.
On a busy machine, `chrt -f 1` before the command keeps other work out of the figures.
"""

import asyncio
import os
import platform
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from envscaler.sandbox import Sandbox
from envscaler.sandbox.machine import usable_cores
from tests.bench import in_process
from tests.bench.in_process import Times
from tests.bench.real_classes import Episode, are_there, episodes
from tests.sandbox.guests import settings

ResultT = TypeVar("ResultT")

AT_ONCE = 16
_REST = 0.005
_ROUND_TRIPS = 2000
_FORKS = 100
_ROWS = (
    ("open", "open, sustained, classes alternating", "fork"),
    ("step", "step", "bare step"),
    ("score", "state and score of 8 checks", "round trip"),
    ("episode", "whole episode, one at a time", ""),
    ("episode, 16 at a time", "whole episode, 16 at a time (each)", ""),
)


async def timed(times: Times, name: str, work: Awaitable[ResultT]) -> ResultT:
    """Wait for some work and note how long it took."""
    started = time.perf_counter()
    result = await work
    times.setdefault(name, []).append(time.perf_counter() - started)
    return result


async def _score(sandbox: Sandbox, episode: Episode, times: Times) -> None:
    environment = await timed(times, "open", sandbox.open(episode.guest, episode.scene))
    for tool, arguments in episode.calls:
        await timed(times, "step", environment.call(tool, arguments))

    async def finish() -> None:
        state = await environment.state()
        await environment.close()
        await sandbox.score(episode.scene, state)

    await timed(times, "score", finish())


async def play(sandbox: Sandbox, episode: Episode, times: Times) -> None:
    """Play an episode and note how long it and its parts took."""
    await timed(times, "episode", _score(sandbox, episode, times))


async def play_all(sandbox: Sandbox, every: Sequence[Episode], rounds: int) -> Times:
    """Play all episodes one after the other, and then some at a time."""
    times: Times = {}
    for episode in every:  # what a class needs once is no part of any episode
        await play(sandbox, episode, {})
    for _ in range(rounds):
        for episode in every:
            await play(sandbox, episode, times)
            await asyncio.sleep(0)
    for _ in range(rounds):
        await _play_at_once(sandbox, every, times)
    return times


async def _play_at_once(sandbox: Sandbox, every: Sequence[Episode], times: Times) -> None:
    waiting = iter(every)

    async def player() -> None:
        for episode in waiting:
            await play(sandbox, episode, {})

    started = time.perf_counter()
    await asyncio.gather(*(player() for _ in range(AT_ONCE)))
    each = (time.perf_counter() - started) / len(every)
    times.setdefault("episode, 16 at a time", []).append(each)


def bounds() -> Times:
    """Measure a bare round trip between two processes, and a bare fork."""
    times: Times = {}
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        while request := theirs.recv(1 << 16):
            theirs.send(request)
        os._exit(0)
    theirs.close()
    for _ in range(_ROUND_TRIPS):
        started = time.perf_counter()
        ours.send(b"x" * 100)
        ours.recv(1 << 16)
        times.setdefault("round trip", []).append(time.perf_counter() - started)
    ours.close()
    os.waitpid(child, 0)
    for _ in range(_FORKS):
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            os._exit(0)
        times.setdefault("fork", []).append(time.perf_counter() - started)
        os.waitpid(child, 0)
    return times


def mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)


def p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def milli(values: Sequence[float]) -> str:
    """Write mean and 95th percentile."""
    return f"{mean(values) * 1e3:.3f} / {p95(values) * 1e3:.3f}" if values else "–"


def row(what: str, ours: Sequence[float], theirs: Sequence[float], bound: Sequence[float]) -> str:
    """Write a row of the table, with both ratios."""
    faster = f"{mean(theirs) / mean(ours):.1f}×"
    over = f"{mean(ours) / mean(bound):.1f}×" if bound else "–"
    cells = (what, milli(ours), milli(theirs), milli(bound), faster, over)
    return f"| {' | '.join(cells)} |\n"


async def main(rounds: int) -> None:
    """Measure everything and print the table."""
    if not are_there():
        sys.stdout.write("The published data are not at hand: ../shared/data\n")
        return
    every = episodes()
    bare = bounds()
    async with Sandbox.start(settings()) as sandbox:
        level = sandbox.level
        ours = await play_all(sandbox, every, rounds)
    theirs = in_process.measure(every, rounds)
    bare |= theirs
    calls = sum(len(one.calls) for one in every) / len(every)
    sys.stdout.write(
        f"{len(every)} scenarios of {len({one.guest.class_name for one in every})} classes, "
        f"{calls:.1f} calls each, {rounds} rounds; level {level}, Python "
        f"{platform.python_version()}, {usable_cores()} cores, load {os.getloadavg()[0]:.0f}; "
        "mean / p95 in ms\n\n"
        "| what | sandbox | published loop | bound | faster | over the bound |\n"
        "|---|---|---|---|---|---|\n"
    )
    theirs["episode, 16 at a time"] = theirs["episode"]
    for name, what, bound in _ROWS:
        sys.stdout.write(row(what, ours[name], theirs[name], bare.get(bound, [])))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
