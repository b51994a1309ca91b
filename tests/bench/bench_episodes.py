"""Episodes of real classes beside the published loop: `python -m tests.bench.bench_episodes`.

Every published scenario is opened, played, read and scored, classes alternating. The same work is
done in one run by the sandbox, by the published loop in a process of its own (`in_process`), and
by the least that could do it: the method alone, a bare round trip between two processes, a process
that is forked and ends; and by a bare process for each episode, which nobody isolates.
On a busy machine, `chrt -f 1` before the command keeps other work out of the figures.
"""

import asyncio
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TypeVar

import envscaler.sandbox
from envscaler.records import Call
from envscaler.sandbox import Sandbox
from envscaler.sandbox.machine import usable_cores
from tests.bench import in_process
from tests.bench.figures import Figure, mean_of, p95_of, show
from tests.bench.in_process import Times
from tests.bench.real_classes import Episode, are_there, episodes
from tests.sandbox.guests import settings

ResultT = TypeVar("ResultT")

AT_ONCE = 16
_REST = 0.005
"""Seconds in which a process has surely come to its end, and a spare one is there."""
_ROUND_TRIPS = 2000
_FORKS = 200
_ROWS = (
    ("open", "open, sustained, classes alternating", "fork and end", "≤ 0.8"),
    ("step", "step", "round trip and method", "≤ 0.08"),
    ("score", "state and score of 8 checks", "two round trips", "≤ 0.8"),
    ("episode", "whole episode, one at a time", "least episode", "≥ 10×"),
    ("episode, 16 at a time", "whole episode, 16 at a time (each)", "least episode", "≥ 12×"),
    ("known episode", "episode of known calls, made together", "least known episode", ""),
    ("rested open", "open, 5 ms after the last environment ended", "fork and end", ""),
    ("open", "open, beside a bare process each", "bare open", "≤ 0.8"),
    ("step", "step, beside a bare process each", "bare step", "≤ 0.08"),
    ("score", "state and score, beside a bare process each", "bare score", "≤ 0.8"),
    ("episode", "whole episode, beside a bare process each", "bare episode", "≥ 10×"),
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

    async def finish() -> None:  # in the order of `interact.play`
        await sandbox.score(episode.scene, await environment.state())
        await environment.close()

    await timed(times, "score", finish())


async def _score_known(sandbox: Sandbox, episode: Episode) -> None:
    """Play an episode whose calls are known beforehand, as a replay and a proof do."""
    environment = await sandbox.open(episode.guest, episode.scene)
    await environment.play([Call(name=name, arguments=given) for name, given in episode.calls])
    await sandbox.score(episode.scene, await environment.state())
    await environment.close()


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
    rested: Times = {}
    for episode in [*every] * rounds:
        await asyncio.sleep(_REST)
        await play(sandbox, episode, rested)
    times["rested open"] = rested["open"]
    for _ in range(rounds):
        for episode in every:
            await timed(times, "known episode", _score_known(sandbox, episode))
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


def round_trips() -> list[float]:
    """Measure bare round trips between two processes, in seconds."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        while request := theirs.recv(1 << 16):
            theirs.send(request)
        os._exit(0)
    theirs.close()
    times: list[float] = []
    for _ in range(_ROUND_TRIPS):
        started = time.perf_counter()
        ours.send(b"x" * 100)
        ours.recv(1 << 16)
        times.append(time.perf_counter() - started)
    ours.close()
    os.waitpid(child, 0)
    return times


_FORK_AND_END = """
import json, os, sys, time
real = time.perf_counter
os.register_at_fork = lambda **hooks: None
sys.path.append(sys.argv[1])
from guest.wire import Limits
from guest.zygote import import_modules
import_modules(Limits(call=1, load=1, check=1, memory=1, reply=1, state=1, output=1))
times = []
for _ in range(int(sys.argv[2])):
    started = real()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    times.append(real() - started)
print(json.dumps(times))
"""


def forks() -> list[float]:
    """Measure how long a process with the modules of the clean one takes to fork and to end."""
    package = Path(envscaler.sandbox.__file__).parent
    command = [sys.executable, "-S", "-s", "-B", "-c", _FORK_AND_END, str(package), str(_FORKS)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def bare_processes(every: Sequence[Episode], rounds: int) -> Times:
    """Measure the same episodes in a bare process each; see `least_isolated`."""
    package = Path(envscaler.sandbox.__file__).parent
    script = Path(__file__).with_name("least_isolated.py")
    rows = json.dumps([rounds, [each.model_dump(mode="json") for each in every]])
    command = [sys.executable, "-S", "-s", "-B", str(script), str(package)]
    done = subprocess.run(command, input=rows.encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def _bounds(theirs: Times, bare: Times, calls: float) -> dict[str, float]:
    """Return the least that each thing could take: what nobody can do without, in seconds."""
    trip, method, fork = mean_of(round_trips()), mean_of(theirs["bare step"]), mean_of(forks())
    step = trip + method
    return {
        **{f"bare {name}": mean_of(seconds) for name, seconds in bare.items()},
        "fork and end": fork,
        "round trip and method": step,
        "two round trips": 2 * trip,
        "least episode": fork + calls * step + 2 * trip,
        "least known episode": fork + calls * method + 3 * trip,
    }


def figures_of(ours: Times, theirs: Times, bounds: dict[str, float]) -> list[Figure]:
    """Put the three sides beside each other, in milliseconds."""
    theirs = {
        **theirs,
        **dict.fromkeys(("episode, 16 at a time", "known episode"), theirs["episode"]),
        "rested open": theirs["open"],
    }
    return [
        Figure(
            what,
            1e3 * mean_of(ours[name]),
            p95=1e3 * p95_of(ours[name]),
            published=1e3 * mean_of(theirs[name]),
            bound=1e3 * bounds[bound],
            wanted=wanted,
        )
        for name, what, bound, wanted in _ROWS
    ]


async def measure(rounds: int) -> tuple[str, list[Figure]]:
    """Measure everything: what was measured, in words, and the figures."""
    every = episodes()
    async with Sandbox.start(settings()) as sandbox:
        level = sandbox.level
        ours = await play_all(sandbox, every, rounds)
    theirs = in_process.measure(every, rounds)
    bare = bare_processes(every, rounds)
    calls = sum(len(one.calls) for one in every) / len(every)
    title = (
        f"{len(every)} scenarios of {len({one.guest.class_name for one in every})} classes, "
        f"{calls:.1f} calls each, {rounds} rounds; level {level}, Python "
        f"{platform.python_version()}, {usable_cores()} cores, load {os.getloadavg()[0]:.0f}"
    )
    return title, figures_of(ours, theirs, _bounds(theirs, bare, calls))


def main() -> None:
    """Print the table."""
    if not are_there():
        sys.stdout.write("The published data are not at hand: ../shared/data\n")
        return
    show(*asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))


if __name__ == "__main__":
    main()
