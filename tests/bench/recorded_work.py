"""Write down what a command does in environments.

`python -m tests.bench.recorded_work FILE ARGUMENTS` runs a command of `envscaler`; `bare_work` does
the same again.
"""

# pyright: reportPrivateUsage=false

import contextlib
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from envscaler.cli.app import main as cli
from envscaler.records import JsonObject, Observation, ObservationKind
from envscaler.sandbox import LiveEnvironment, Look, ProbeResult, Snapshot
from envscaler.sandbox.batch import BatchedCall, PlayedCall
from envscaler.sandbox.pool import Slot
from tests.bench.bare_work import Began, Event, Work
from tests.bench.bench_commands import examine_one

_DONE: dict[Look, str] = {"closely": "closely", "state": "watch", "time": "call"}
"""How a call is looked at → what it is then."""
_ENDLESS = frozenset((ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.KILLED))


class _Record:
    """What was done, in order."""

    def __init__(self) -> None:
        self.sources: dict[str, int] = {}
        self.beginnings: list[Began] = []
        self.events: list[Event] = []
        self._numbers: dict[int, tuple[LiveEnvironment, int]] = {}

    def opened(self, live: LiveEnvironment) -> None:
        source, name = live._loadable.source, live._loadable.name
        number = self.sources.setdefault(source, len(self.sources))
        self._numbers[id(live)] = (live, len(self.beginnings))
        state = live._initial.decode()
        self.beginnings.append(Began(number, name, state, live._isolation == "process"))
        self.note("open", live)

    def note(
        self, what: str, live: LiveEnvironment, tool: str = "", **arguments: JsonValue
    ) -> None:
        if id(live) in self._numbers:
            number = self._numbers[id(live)][1]
            self.events.append((what, number, tool, arguments))

    def write(self, path: Path) -> None:
        found = Work(tuple(self.sources), tuple(self.beginnings), tuple(self.events))
        path.write_bytes(pickle.dumps(found))


def _listen_to_calls(record: _Record) -> None:
    """Have every environment tell how it begins and what is called."""
    build, call, play = LiveEnvironment._build, LiveEnvironment._call, LiveEnvironment._play_some

    async def built(self: LiveEnvironment, slot: Slot) -> None:
        record.opened(self)
        await build(self, slot)

    async def called(self: LiveEnvironment, tool: str, arguments: JsonObject) -> Observation:
        found = await call(self, tool, arguments)
        if found.kind not in _ENDLESS:
            record.note("call", self, tool, **arguments)
        return found

    async def played(
        self: LiveEnvironment, calls: Sequence[BatchedCall]
    ) -> list[tuple[Observation, JsonObject | None]]:
        found = await play(self, calls)
        for one, (observation, _) in zip(calls, found, strict=False):
            if observation.kind not in _ENDLESS:
                record.note("watch" if one.look else "call", self, one.tool, **one.arguments)
        return found

    LiveEnvironment._build, LiveEnvironment._call = built, called
    LiveEnvironment._play_some = played


def _listen_to_tries(record: _Record) -> None:
    """Have every environment tell what is watched, and what is tried and undone."""
    probe, attempts = LiveEnvironment._probe, LiveEnvironment._try

    async def probed(
        self: LiveEnvironment, call: BatchedCall, back: Snapshot | None, *, look: Look
    ) -> tuple[ProbeResult, bool]:
        found, is_back = await probe(self, call, back, look=look)
        if found.observation.kind not in _ENDLESS:
            record.note(_DONE[look], self, call.tool, **call.arguments)
        if is_back:
            record.note("restore", self)
        return found, is_back

    async def tried(
        self: LiveEnvironment, calls: Sequence[BatchedCall], back: Snapshot
    ) -> list[PlayedCall]:
        found = await attempts(self, calls, back)
        for one, played in zip(calls, found, strict=False):
            if played.observation.kind not in _ENDLESS:
                record.note("watch" if one.look else "call", self, one.tool, **one.arguments)
        if found:
            record.note("restore", self)
        return found

    LiveEnvironment._probe, LiveEnvironment._try = probed, tried


def _listen_to_watched(record: _Record) -> None:
    """Have every environment tell what is watched of several calls in a row."""
    several = LiveEnvironment._probe_some

    async def probed_each(
        self: LiveEnvironment, calls: Sequence[BatchedCall], back: Snapshot | None, *, look: Look
    ) -> list[ProbeResult]:
        found = await several(self, calls, back, look=look)
        for call, one in zip(calls, found, strict=False):
            if one.observation.kind not in _ENDLESS:
                record.note(_DONE[look], self, call.tool, **call.arguments)
            if back is not None:
                record.note("restore", self)
        return found

    LiveEnvironment._probe_some = probed_each


def _listen_to_states(record: _Record) -> None:
    """Have every environment tell when it is read, kept and gone back in."""
    state = LiveEnvironment._state
    take, restore = LiveEnvironment.snapshot, LiveEnvironment.restore

    async def told(self: LiveEnvironment) -> JsonObject:
        record.note("state", self)
        return await state(self)

    async def kept(self: LiveEnvironment) -> Snapshot:
        record.note("snapshot", self)
        return await take(self)

    async def gone_back(self: LiveEnvironment, snapshot: Snapshot) -> None:
        record.note("restore", self)
        await restore(self, snapshot)

    LiveEnvironment._state, LiveEnvironment.snapshot = told, kept
    LiveEnvironment.restore = gone_back


def main(path: Path, arguments: list[str]) -> None:
    """Run a command, and write down what it does in environments."""
    found = _Record()
    _listen_to_calls(found)
    _listen_to_tries(found)
    _listen_to_watched(found)
    _listen_to_states(found)
    sys.argv = ["envscaler", *arguments]
    with contextlib.suppress(SystemExit):
        examine_one() if arguments == ["examine-one"] else cli()
    found.write(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
