"""What a method of a guest that does not answer means for the row."""

import asyncio
from typing import cast

import pytest

from envscaler.benchmarks.guests import GuestWorld
from envscaler.errors import GuestError, SandboxError
from envscaler.records import JsonObject, Observation, ObservationKind
from envscaler.sandbox import LiveEnvironment


class Live:
    """Ends its calls in given ways, the last of them again and again."""

    def __init__(self, *kinds: ObservationKind) -> None:
        self._kinds = [*kinds]
        self.made = 0

    async def call(self, tool: str, arguments: JsonObject) -> Observation:  # noqa: ARG002
        kind = self._kinds[min(self.made, len(self._kinds) - 1)]
        self.made += 1
        return Observation(kind=kind, value={"error": "no more"})


def ask(kind: ObservationKind) -> object:
    world = GuestWorld(cast("LiveEnvironment", Live(kind)))
    return asyncio.run(world.ask("judge", {}))


@pytest.mark.parametrize("kind", [ObservationKind.TIMEOUT, ObservationKind.KILLED])
def test_a_busy_machine_is_no_verdict_and_is_tried_again(kind: ObservationKind) -> None:
    with pytest.raises(SandboxError, match=f"judge ended with {kind}: no more"):
        ask(kind)


def test_code_that_raises_is_the_benchmarks_fault() -> None:
    with pytest.raises(GuestError, match="judge ended with exception: no more"):
        ask(ObservationKind.EXCEPTION)


def test_an_answer_is_the_value() -> None:
    assert ask(ObservationKind.OK) == {"error": "no more"}


@pytest.mark.parametrize(
    "ended", [ObservationKind.TIMEOUT, ObservationKind.KILLED, ObservationKind.MEMORY]
)
def test_a_call_that_the_machine_ended_is_made_once_more(ended: ObservationKind) -> None:
    once, twice = Live(ended, ObservationKind.OK), Live(ended)

    assert asyncio.run(called(once)).kind is ObservationKind.OK
    assert asyncio.run(called(twice)).kind is ended
    assert (once.made, twice.made) == (2, 2)


def test_a_call_that_came_to_something_is_made_once() -> None:
    raised = Live(ObservationKind.EXCEPTION)

    assert asyncio.run(called(raised)).kind is ObservationKind.EXCEPTION
    assert raised.made == 1


async def called(live: Live) -> Observation:
    return await GuestWorld(cast("LiveEnvironment", live)).call("send", {})
