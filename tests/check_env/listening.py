"""One detector alone, on a class whose tools are functions of the test: no sandbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Budget, Explorer
from envscaler.records import FindingCall, JsonObject
from tests.check_env.scripted import Tool, make_stage

Detector = Callable[[Explorer], AsyncIterator[CandidateFinding]]


def claimed(
    detector: Detector,
    tools: Mapping[str, Tool],
    state: JsonObject,
    *calls: FindingCall,
    source: str,
) -> list[CandidateFinding]:
    """Return what a detector claims after some calls, each made alone, that its calls show too."""
    stage = make_stage(tools, state, source=source)
    explorer = Explorer(stage, Budget(), 0)

    async def listen() -> list[CandidateFinding]:
        for one in calls:
            [seen] = await stage.replay(0, [one])
            explorer.ledger.note(seen)
        found = [claim async for claim in detector(explorer)]
        shown = [await claim.shows(await stage.replay(claim.start, claim.calls)) for claim in found]
        assert all(shown), "A claim has to be shown by its own calls"
        return found

    return asyncio.run(listen())
