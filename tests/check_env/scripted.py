"""Sessions without a sandbox: what each call does is written down, so a test takes milliseconds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from envscaler.environment.state.encoding import canonical
from envscaler.inputs.session import CallRecord, Stage
from envscaler.inputs.subject import read_subject
from envscaler.records import (
    Call,
    Clock,
    FindingCall,
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
)
from envscaler.sandbox import Look, ProbeResult, Sandbox, Start
from tests.check_env.arena import skeleton

Answer = JsonObject | ProbeResult
Tool = Callable[[JsonObject, JsonObject], Answer]
"""Takes the state, which it may change, and the arguments; gives the result."""

NO_TOOLS = "class Nothing:\n    def __init__(self):\n        self.things = {}\n"


def call(name: str, **arguments: JsonValue) -> FindingCall:
    return FindingCall(tool=name, arguments=arguments)


def result(value: JsonValue, kind: ObservationKind = ObservationKind.OK) -> Observation:
    return Observation(kind=kind, value=value)


@dataclass
class ScriptedLive:
    """A live environment whose tools are functions of the test."""

    tools: Mapping[str, Tool]
    now: JsonObject
    looks: list[Look] = field(default_factory=list[Look])
    """For each call how it was looked at."""

    async def probe(
        self, tool: str, arguments: JsonObject, *, look: Look, back: JsonObject | None = None
    ) -> ProbeResult:
        self.looks.append(look)
        before = canonical(self.now)
        answer = self.tools[tool](self.now, arguments)
        found = answer if isinstance(answer, ProbeResult) else ProbeResult(result(answer))
        if canonical(self.now) != before:
            found = replace(found, state=_copy(self.now))
        if back is not None:
            await self.restore(back)
        return found

    async def probe_each(
        self, calls: Sequence[Call], *, look: Look, back: JsonObject | None = None
    ) -> list[ProbeResult]:
        told: list[ProbeResult] = []
        for one in calls:
            told.append(await self.probe(one.name, one.arguments, look=look, back=back))
            if told[-1].observation.kind is ObservationKind.TIMEOUT:
                break
        return told

    async def state(self) -> JsonObject:
        return _copy(self.now)

    async def snapshot(self) -> JsonObject:
        return _copy(self.now)

    async def restore(self, snapshot: JsonObject) -> None:
        self.now = _copy(snapshot)

    async def close(self) -> None:
        self.tools = {}


@dataclass
class ScriptedSandbox:
    """Opens scripted environments, and counts them."""

    tools: Mapping[str, Tool]
    opened: int = field(default=0)

    async def open(self, _skeleton: object, start: Start, *, isolation: str) -> ScriptedLive:
        self.opened += 1
        assert isolation == "shared"
        return ScriptedLive(self.tools, _copy(start.initial_state))


def make_stage(
    tools: Mapping[str, Tool], *states: JsonObject, source: str = NO_TOOLS, invented: bool = False
) -> Stage:
    """Set a stage on which the tools of a test are played."""
    return Stage(
        subject=read_subject(skeleton(source)),
        sandbox=cast("Sandbox", ScriptedSandbox(tools)),
        initial_states=[*states] or [JsonObject()],
        clock=Clock(),
        invented=invented,
    )


async def watched(stage: Stage, *calls: FindingCall) -> list[CallRecord]:
    """Make calls in the first state of a stage."""
    return await stage.replay(0, calls)


def seen(
    tool: Tool, *, before: JsonObject | None = None, source: str = NO_TOOLS, **arguments: JsonValue
) -> CallRecord:
    """Watch one call of the tool `act`."""
    stage = make_stage({"act": tool}, before or JsonObject(), source=source)
    return asyncio.run(watched(stage, call("act", **arguments)))[-1]


def _copy(value: JsonObject) -> JsonObject:
    return cast("JsonObject", _copied(value))


def _copied(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
