"""The least that a command could take: its calls, states and forks, made bare.

`python -m tests.bench.bare_work FILE` does what `recorded_work` wrote down in one process that does
not isolate, validate or compare anything, and prints its processor time. Every environment is a
copy of one made before, every state one `json.dumps`, every process of its own one fork that ends
at once. No check is run, and nobody thinks about what to call.
"""

import contextlib
import io
import json
import os
import pickle
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from envscaler.records import JsonObject
from envscaler.sandbox.guest import lockdown
from envscaler.sandbox.guest.load import Copies
from envscaler.sandbox.guest.making import is_exported, make
from envscaler.sandbox.guest.wire import MODULE

Event = tuple[str, int, str, JsonObject]
"""What was done, in which environment, with which tool and arguments."""


@dataclass(frozen=True, slots=True)
class Began:
    """How an environment began."""

    source: int
    name: str
    """Of the class."""
    state: str
    alone: bool
    """It has a process of its own."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a command did in environments."""

    sources: tuple[str, ...]
    beginnings: tuple[Began, ...]
    events: tuple[Event, ...]


class Bare:
    """Environments in this process.

    Args:
        work: What will be done in them.
    """

    def __init__(self, work: Work) -> None:
        self._starts = work.beginnings
        self._modules = [*map(module_of, work.sources)]
        self._made: dict[tuple[int, str], bytes] = {}
        self._things: dict[int, object] = {}
        self._copies: dict[int, bytes] = {}
        self._states: dict[int, str] = {}
        self._does: dict[str, Callable[[int, str, JsonObject], str]] = {
            "open": self._open,
            "call": self._call,
            "watch": self._watch,
            "closely": self._closely,
            "state": self._state,
            "snapshot": self._snapshot,
            "restore": self._restore,
        }

    def do(self, event: Event) -> str:
        """Do one thing, and return what a worker would tell of it: JSON, or nothing."""
        what, number, tool, arguments = event
        sys.modules[MODULE] = self._modules[self._starts[number].source]
        return self._does[what](number, tool, arguments)

    def prepare(self) -> None:
        """Make an environment of each start beforehand, of which all others are copies."""
        for one in self._starts:
            module = self._modules[one.source]
            sys.modules[MODULE] = module
            if (one.source, one.state) not in self._made:
                kind = cast("type", vars(module)[one.name])
                copies = Copies(one.state, vars(module))
                made = make(kind, copies, raw=not is_exported(one.state))
                self._made[one.source, one.state] = pickle.dumps(made.thing)

    def _open(self, number: int, _tool: str, _arguments: JsonObject) -> str:
        one = self._starts[number]
        self._things[number] = _copy_of(self._made[one.source, one.state])
        if one.alone:
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
        return ""

    def _call(self, number: int, tool: str, arguments: JsonObject) -> str:
        return call(self._things[number], tool, arguments)

    def _state(self, number: int, _tool: str, _arguments: JsonObject) -> str:
        return write(self._things[number])

    def _watch(self, number: int, tool: str, arguments: JsonObject) -> str:
        """Make a call and look at the state, which is told where it is another than before."""
        result = self._call(number, tool, arguments)
        state = write(self._things[number])
        told = "null" if state == self._states.get(number) else state
        self._states[number] = state
        return f"[{result},{told or 'null'}]"

    def _closely(self, number: int, tool: str, arguments: JsonObject) -> str:
        thing = self._things[number]
        self._things[number] = _copy_of(pickle.dumps(thing))
        self._watch(number, tool, arguments)
        self._things[number] = thing
        return self._watch(number, tool, arguments)

    def _snapshot(self, number: int, _tool: str, _arguments: JsonObject) -> str:
        self._copies[number] = pickle.dumps(self._things[number])
        return ""

    def _restore(self, number: int, _tool: str, _arguments: JsonObject) -> str:
        copy = self._copies.get(number)
        if copy is not None:
            self._things[number] = _copy_of(copy)
        return ""


def call(thing: object, tool: str, arguments: JsonObject) -> str:
    """Call a tool, and write its result, or what it raised, as JSON."""
    try:
        method = cast("Callable[..., object]", getattr(thing, tool))
        return json.dumps(method(**arguments), default=str)
    except Exception as error:  # noqa: BLE001  other people's code
        return json.dumps(str(error))


def _copy_of(packed: bytes) -> object:
    return cast("object", pickle.loads(packed))  # noqa: S301  of this process


def module_of(source: str) -> ModuleType:
    """Run the module of an environment."""
    module = sys.modules[MODULE] = ModuleType(MODULE)
    exec(compile(source, MODULE, "exec"), module.__dict__)  # noqa: S102  this process is locked
    return module


def write(thing: object) -> str:
    """Write a state as JSON; empty where JSON cannot hold it."""
    with contextlib.suppress(Exception):
        return json.dumps(vars(thing), default=str)
    return ""


def lock() -> None:
    """Lock this process: the code is that of others. The wall of workers, without its filter."""
    time.sleep = _pass
    lockdown.give_up_privileges()
    lockdown.landlock()


def told_of(work: Work, seconds: float, **more: int) -> str:
    """Say what was done, and in how many seconds of processor time."""
    counts = Counter(event[0] for event in work.events)
    alone = sum(work.beginnings[one[1]].alone for one in work.events if one[0] == "open")
    return json.dumps({"seconds": seconds, "forks": alone, **more, **counts}) + "\n"


def main(path: Path) -> None:
    """Do what was written down, and print the processor time and what it was."""
    work = cast("Work", pickle.loads(path.read_bytes()))  # noqa: S301  `recorded_work` wrote it
    lock()
    with contextlib.redirect_stdout(io.StringIO()):
        bare = Bare(work)
        bare.prepare()
        before = os.times()
        for event in work.events:
            bare.do(event)
        now = os.times()
    sys.stdout.write(told_of(work, sum(now[:4]) - sum(before[:4])))


def _pass(_seconds: float) -> None:
    """Do not sleep."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
