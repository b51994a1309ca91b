"""Run calls in a live environment and see what each of them does."""

from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.environment.state.encoding import canonical
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    Observation,
    ObservationKind,
    ReferenceCall,
)
from envscaler.sandbox import LiveEnvironment, Sandbox
from envscaler.sandbox.journal import StartLike


@dataclass(frozen=True, slots=True)
class Trace:
    """What a sequence of calls did."""

    calls: tuple[ReferenceCall, ...]
    state: JsonObject
    """At the end."""
    states: tuple[JsonObject, ...] = ()
    """After each call; none where they were not kept."""

    def fingerprint(self) -> bytes:
        """Return bytes that are the same for another run with the same results."""
        return canonical([*(call.model_dump(mode="json") for call in self.calls), self.state])


def succeeded(observation: Observation) -> bool:
    """Tell whether a call did what it was asked: it returned, and did not say `success: false`."""
    value = observation.value
    refused = isinstance(value, dict) and value.get("success") is False
    return observation.kind is ObservationKind.OK and not refused


async def trace(
    environment: Environment, start: StartLike, calls: Sequence[Call], sandbox: Sandbox
) -> Trace:
    """Make calls in a fresh environment, looking at the state after each of them.

    Raises:
        GuestError: The class refuses the initial state.
    """
    live = await sandbox.open(environment, start)
    try:
        return await run_calls(live, calls)
    finally:
        await live.close()


async def run_calls(
    live: LiveEnvironment, calls: Sequence[Call], before: JsonObject | None = None
) -> Trace:
    """Make calls from where an environment stands.

    Args:
        live: The environment.
        calls: What to call.
        before: Its state, where that is known.
    """
    made: list[ReferenceCall] = []
    state = await live.state() if before is None else before
    known = canonical(state)
    played = await live.trace(calls)
    for call, (observation, after) in zip(calls, played, strict=True):
        now = known if after is state else canonical(after)
        made.append(
            ReferenceCall(
                name=call.name,
                arguments=call.arguments,
                observation=observation,
                succeeded=succeeded(observation),
                changed=now != known,
            )
        )
        state, known = after, now
    return Trace(tuple(made), state, tuple(state for _, state in played))
