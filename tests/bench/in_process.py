"""The baseline: the published loop, run in one process. `measure` starts that process.

It does what the published code does: a reset executes the source of the class and copies the state
twice; a step copies the whole state before and after the call and compares the two recursively; the
score executes every check anew on copies of the states. Beside it, the same calls without any of
that are the lower bound. The process runs other people's code, so it is locked as workers are.
"""

import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from envscaler.records import JsonObject
from envscaler.sandbox.guest import lockdown
from envscaler.sandbox.guest.seccomp import MACHINE, WORKER_CALLS, Filter
from tests.bench.real_classes import Episode

ResultT = TypeVar("ResultT")
Times = dict[str, list[float]]
"""Name of what was measured → seconds of each time."""


class Published:
    """An environment as the published system runs it."""

    def __init__(self, episode: Episode) -> None:
        module = ModuleType("dynamic_env")
        exec(episode.guest.source, module.__dict__)  # noqa: S102  this process is locked
        self._initial = episode.scene.initial_state
        self.env: Any = _construct(module.__dict__[episode.guest.class_name], self._initial)
        for name, value in copy.deepcopy(self._initial).items():
            setattr(self.env, name, value)

    def state(self) -> dict[str, Any]:
        return copy.deepcopy(cast("dict[str, Any]", self.env.__dict__))

    def step(self, name: str, arguments: JsonObject) -> object:
        before = self.state()
        result = self.bare_step(name, arguments)
        differences(before, self.state())
        return result

    def bare_step(self, name: str, arguments: JsonObject) -> object:
        try:
            return getattr(self.env, name)(**arguments)
        except Exception as error:  # noqa: BLE001  as the published loop does
            return str(error)

    def score(self, episode: Episode) -> float:
        passed = 0
        for check in episode.scene.checks:
            names: dict[str, Any] = {"initial_state": copy.deepcopy(self._initial)}
            exec(check.source, names)  # noqa: S102
            passed += names["check_func"](self.state()) is True
        return passed / len(episode.scene.checks)


def _construct(kind: Any, initial: JsonObject) -> object:  # noqa: ANN401
    try:
        return kind(copy.deepcopy(initial))
    except TypeError:
        return kind()


def differences(before: object, after: object, path: str = "") -> list[str]:
    """Compare two states in full."""
    if isinstance(before, dict) and isinstance(after, dict):
        one, two = cast("dict[str, object]", before), cast("dict[str, object]", after)
        keys = one.keys() | two.keys()
        return [d for k in keys for d in differences(one.get(k), two.get(k), f"{path}.{k}")]
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(cast("list[object]", before), cast("list[object]", after), strict=False)
        return [d for n, (a, b) in enumerate(pairs) for d in differences(a, b, f"{path}[{n}]")]
    return [] if before == after else [path]


def _timed(times: Times, name: str, work: Callable[[], ResultT]) -> ResultT:
    started = time.perf_counter()
    result = work()
    times.setdefault(name, []).append(time.perf_counter() - started)
    return result


def _play(times: Times, episode: Episode) -> None:
    started = time.perf_counter()
    env = _timed(times, "open", lambda: Published(episode))
    for call in episode.calls:
        _timed(times, "step", lambda call=call: env.step(*call))
    _timed(times, "score", lambda: env.score(episode))
    times.setdefault("episode", []).append(time.perf_counter() - started)


def _play_bare(times: Times, episode: Episode) -> None:
    env = Published(episode)
    for call in episode.calls:
        _timed(times, "bare step", lambda call=call: env.bare_step(*call))


def lock() -> None:
    """Give up everything that the episodes do not need: they are other people's code."""
    lockdown.give_up_privileges()
    lockdown.landlock()
    if MACHINE is not None:
        Filter(MACHINE, WORKER_CALLS).install()


def main() -> None:
    """Play what comes in, and write the times."""
    rounds, rows = json.loads(sys.stdin.read())
    episodes = [Episode.model_validate(row) for row in rows]
    times: Times = {}
    lock()
    for _ in range(rounds):
        for episode in episodes:
            _play(times, episode)
            _play_bare(times, episode)
    sys.stdout.write(json.dumps(times))


def measure(episodes: list[Episode], rounds: int) -> Times:
    """Play every episode so many times in a process of its own."""
    rows = [episode.model_dump(mode="json") for episode in episodes]
    result = subprocess.run(
        [sys.executable, "-m", "tests.bench.in_process"],
        input=json.dumps([rounds, rows]),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return cast("Times", json.loads(result.stdout))


if __name__ == "__main__":
    main()
