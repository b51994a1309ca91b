"""What each call of a trajectory changed in the state, found by making the calls again.

A row holds what the agent saw, not what became of the state. The same calls give the same states,
so that they need not be kept; where they do not, the report says so.
"""

from collections.abc import Sequence
from typing import Protocol, cast

from envscaler.environment.state.difference import diff
from envscaler.errors import RowError
from envscaler.records import JsonObject, Observation, Scenario, Skeleton, Step, Trajectory


class Live(Protocol):
    """A live environment."""

    async def call(self, tool: str, arguments: JsonObject, /) -> Observation:
        """Call a tool."""
        ...

    async def state(self) -> JsonObject:
        """Export the state."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class Host(Protocol):
    """Where environments live."""

    async def open(self, skeleton: Skeleton, start: Scenario, /) -> Live:
        """Start an environment."""
        ...


async def state_diffs(
    environment: Skeleton, scenario: Scenario, trajectory: Trajectory, host: Host
) -> tuple[list[JsonObject], str]:
    """Make the calls of a trajectory again and compare the states.

    Returns:
        For each step what was `added`, `removed` and `changed`, and whether it came to `other`
        results than recorded; and why there are no more of them, empty when all are there.
    """
    found: list[JsonObject] = []
    try:
        live = await host.open(environment, scenario)
        try:
            await _follow(live, trajectory.steps, found)
        finally:
            await live.close()
    except RowError as error:
        return found, str(error)
    return found, ""


async def _follow(live: Live, steps: Sequence[Step], found: list[JsonObject]) -> None:
    before = await live.state()
    for step in steps:
        arguments = step.call.arguments if isinstance(step.call.arguments, dict) else {}
        seen = await live.call(step.call.name, arguments)
        after = await live.state()
        changes = cast("JsonObject", diff(before, after).model_dump(mode="json"))
        shown: JsonObject = {name: value for name, value in changes.items() if value}
        if seen.value != step.observation.value:
            shown["other"] = True
        found.append(shown)
        before = after
