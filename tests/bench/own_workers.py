"""The work of `bare_work` in our own workers, asked for by somebody who does not think.

`python -m tests.bench.own_workers FILE` does what `recorded_work` wrote down, through `Sandbox`:
isolated, limited, validated, each class loaded and each environment made as always. What is left
out is whatever chooses calls, judges and compares what came back. So it is what the isolation of
this version costs, and the difference to the command itself is what thinking costs.
"""

import asyncio
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from envscaler.config import load_settings
from envscaler.environment.schema.tools import tools_of
from envscaler.records import JsonObject, Tool
from envscaler.sandbox import LiveEnvironment, Sandbox, Snapshot, Start
from envscaler.sandbox.decode import load
from envscaler.sandbox.guest.wire import Look
from tests.bench.bare_work import Event, Work, told_of
from tests.bench.bare_worker import requests_of
from tests.bench.processor_time import counting

_LOOKS: dict[str, Look] = {"closely": "closely", "watch": "state", "call": "time"}
"""What was done → how a call is looked at."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A class as the sandbox wants it."""

    class_name: str
    source: str
    tools: tuple[Tool, ...]


@dataclass
class _Asking:
    """Does what was written down, one request after the other."""

    work: Work
    sandbox: Sandbox
    classes: dict[tuple[int, str], _Class] = field(default_factory=dict[tuple[int, str], _Class])
    live: dict[int, LiveEnvironment] = field(default_factory=dict[int, LiveEnvironment])
    kept: dict[int, Snapshot] = field(default_factory=dict[int, Snapshot])

    def prepare(self) -> None:
        """Read the tools of each class."""
        for one in self.work.beginnings:
            source = self.work.sources[one.source]
            if (one.source, one.name) not in self.classes:
                tools = tools_of(source, one.name, foreign=True)
                self.classes[one.source, one.name] = _Class(one.name, source, tools)

    async def all(self) -> None:
        """Do all of it; each environment is closed after the last that is done in it."""
        last = {event[1]: place for place, event in enumerate(self.work.events)}
        place = -1
        for request in requests_of(self.work):
            place += len(request)
            await self._do(request[0], back=len(request) > 1)
            if last[request[0][1]] == place:
                await self.live.pop(request[0][1]).close()

    async def _do(self, event: Event, *, back: bool) -> None:
        what, number, tool, arguments = event
        if what == "open":
            self.live[number] = await self._opened(number)
            return
        live, kept = self.live[number], self.kept.get(number)
        match what:
            case "call" | "watch" | "closely":
                behind = kept if back else None
                await live.probe(tool, arguments, look=_LOOKS[what], back=behind)
            case "state":
                await live.state()
            case "snapshot":
                self.kept[number] = await live.snapshot()
            case _ if kept is not None:
                await live.restore(kept)
            case _:
                pass

    async def _opened(self, number: int) -> LiveEnvironment:
        one = self.work.beginnings[number]
        start = Start(initial_state=cast("JsonObject", load(one.state.encode())))
        kind = self.classes[one.source, one.name]
        isolation = "process" if one.alone else "shared"
        return await self.sandbox.open(kind, start, isolation=isolation)


async def _seconds(work: Work, used: Callable[[], float]) -> float:
    async with Sandbox.start(load_settings(None, ()).sandbox) as sandbox:
        asking = _Asking(work, sandbox)
        asking.prepare()
        before = used()
        await asking.all()
        return used() - before


def main(path: Path) -> None:
    """Have done what was written down, and print the processor time and what it was."""
    work = cast("Work", pickle.loads(path.read_bytes()))  # noqa: S301  `recorded_work` wrote it
    with counting() as used:
        seconds = asyncio.run(_seconds(work, used))
    sys.stdout.write(told_of(work, seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
