"""The baseline: the published loop, run in one process. `measure` starts that process.

It does what the published code does, step by step. A reset executes the source of the class, copies
the configuration, the state twice, the tools twice and the task. A step copies the action twice,
makes the call, writes its result as text, copies the state and compares it with the one before; the
comparison copies both sides at every level that it enters, and its result. The last step executes
every check anew beside a copy of the initial state, and records a step once more. Beside it, the
same calls without any of that are the lower bound. The process runs other people's code, so it is
locked as workers are.
"""

import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
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

    def __init__(self, episode: Episode, tools: list[JsonObject], task: JsonObject) -> None:
        module = ModuleType("dynamic_env")
        exec(episode.guest.source, module.__dict__)  # noqa: S102  this process is locked
        initial = copy.deepcopy(episode.scene.initial_state)
        self.env: Any = _construct(module.__dict__[episode.guest.class_name], initial)
        for name, value in initial.items():
            setattr(self.env, name, value)
        self._initial = self.state()
        self.steps: list[JsonObject] = [{"state": copy.deepcopy(self._initial)}]
        self.told = copy.deepcopy({"tools": copy.deepcopy(tools), "task": task})

    def state(self) -> dict[str, Any]:
        return copy.deepcopy({**vars(self.env)})

    def step(self, name: str, arguments: JsonObject) -> object:
        given = copy.deepcopy(
            {"tool_calls": [{"function": {"name": name, "arguments": arguments}}]}
        )
        action = copy.deepcopy(given["tool_calls"][0]["function"])
        result = f"{self.bare_step(name, arguments)}"
        self._record(action, result)
        return result

    def _record(self, action: object, result: object) -> None:
        state = self.state()
        found = differences(cast("dict[str, Any]", self.steps[-1]["state"]), state)
        step = {"action": action, "result": result, "state": state, "differences": found}
        self.steps.append(cast("JsonObject", step))

    def bare_step(self, name: str, arguments: JsonObject) -> object:
        try:
            return getattr(self.env, name)(**arguments)
        except Exception as error:  # noqa: BLE001  as the published loop does
            return str(error)

    def score(self, checks: Sequence[dict[str, str]]) -> float:
        passed = 0
        final = self.state()
        for check in checks:
            names: dict[str, Any] = {"initial_state": copy.deepcopy(self._initial)}
            exec(check["source"], names)  # noqa: S102
            passed += names["check_func"](final) is True
            copy.deepcopy(check)
        self._record("finished", "finished")
        return passed / len(checks)


def _construct(kind: Any, initial: JsonObject) -> object:  # noqa: ANN401
    try:
        return kind(initial)
    except TypeError:
        return kind()


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Compare two states, copying what is compared at every level."""
    before, after = copy.deepcopy(before), copy.deepcopy(after)
    found: dict[str, Any] = {}
    for key in before.keys() | after.keys():
        one, other = before.get(key), after.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            inner = differences(cast("dict[str, Any]", one), cast("dict[str, Any]", other))
            if inner:
                found[key] = inner
        elif one != other:
            found[key] = {"before": one, "after": other}
    return copy.deepcopy(found)


def _timed(times: Times, name: str, work: Callable[[], ResultT]) -> ResultT:
    started = time.perf_counter()
    result = work()
    times.setdefault(name, []).append(time.perf_counter() - started)
    return result


def _play(times: Times, episode: Episode, tools: list[JsonObject], task: JsonObject) -> None:
    checks = [check.model_dump(include={"item", "source"}) for check in episode.scene.checks]
    started = time.perf_counter()
    env = _timed(times, "open", lambda: Published(episode, tools, task))
    for call in episode.calls:
        _timed(times, "step", lambda call=call: env.step(*call))
    _timed(times, "score", lambda: env.score(checks))
    times.setdefault("episode", []).append(time.perf_counter() - started)


def _play_bare(times: Times, episode: Episode, tools: list[JsonObject], task: JsonObject) -> None:
    env = Published(episode, tools, task)
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
    known = [
        (episode, [tool.model_dump() for tool in episode.guest.tools], episode.scene.model_dump())
        for episode in episodes
    ]
    lock()
    for _ in range(rounds):
        for one in known:
            _play(times, *one)
            _play_bare(times, *one)
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
