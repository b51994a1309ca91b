"""What a method of a guest that does not answer means for the row."""

import asyncio
from typing import cast

import pytest

from envscaler.benchmarks.guests import GuestWorld
from envscaler.errors import GuestError, SandboxError
from envscaler.records import JsonObject, Observation, ObservationKind
from envscaler.sandbox import LiveEnvironment


class Live:
    """Ends every call in one way."""

    def __init__(self, kind: ObservationKind) -> None:
        self._kind = kind

    async def call(self, tool: str, arguments: JsonObject) -> Observation:  # noqa: ARG002
        return Observation(kind=self._kind, value={"error": "no more"})


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
