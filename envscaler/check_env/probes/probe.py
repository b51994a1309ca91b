"""A sequence of calls that somebody proposes, read from JSON."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pydantic import Field, JsonValue, ValidationError

from envscaler.check_env.probes.references import problem_in
from envscaler.records import Discarded, JsonObject, Record

MOST_PROBES = 60
"""Of one reply."""
MOST_CALLS = 60
"""Of one probe."""
_ABOUT = 120
_ODD = "<not an object>"


class ProbeCall(Record):
    """One step of a probe."""

    tool: str
    arguments: JsonObject = Field(default_factory=JsonObject)
    """A `{"$result": 0, "path": "data.id"}` in it stands for what an earlier step returned."""
    times: int = Field(1, ge=1, le=MOST_CALLS)
    """How often it is made in a row."""


class Probe(Record):
    """A sequence of calls."""

    why: str = ""
    """What it is aimed at."""
    state: int = Field(0, ge=0)
    """Number of the initial state that it begins in."""
    calls: tuple[ProbeCall, ...] = Field(min_length=1)


class ProbeList(Record):
    """A reply; what its entries hold is looked at one by one."""

    probes: list[JsonValue]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Probes that can be run, and those that cannot."""

    probes: tuple[Probe, ...] = ()
    discarded: tuple[Discarded, ...] = ()


def read_probes(listed: ProbeList, tools: Collection[str], states: int) -> Proposed:
    """Sort what a reply lists into what can be run and what cannot.

    Args:
        listed: The reply.
        tools: Names that calls may have.
        states: How many initial states there are to begin in.
    """
    read = [*map(_read, listed.probes[:MOST_PROBES])]
    problems = [one if isinstance(one, str) else _problem(one, tools, states) for one in read]
    named = [*zip(listed.probes, problems, strict=False)]
    bad = [discarded(about_of(value), problem) for value, problem in named if problem]
    good = [one for one, problem in zip(read, problems, strict=True) if not problem]
    return Proposed(
        tuple(one for one in good if isinstance(one, Probe)),
        (*bad, *_beyond(listed.probes[MOST_PROBES:])),
    )


def discarded(about: str, reason: str) -> Discarded:
    """Say of a probe, or of calls at its end, why they were not made."""
    return Discarded(rule=f"Proposed calls: {about[:_ABOUT]}", reason=reason)


def about_of(value: JsonValue) -> str:
    """Name a probe by what it is aimed at, or else by its calls."""
    if not isinstance(value, dict):
        return _ODD
    return str(value.get("why") or value.get("calls") or value)


def _read(value: JsonValue) -> Probe | str:
    """Read one probe, or say why it cannot be read; further keys are passed over."""
    if not isinstance(value, dict):
        return "A probe is an object with 'calls'"
    known = {name: item for name, item in value.items() if name in Probe.model_fields}
    try:
        return Probe.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _problem(probe: Probe, tools: Collection[str], states: int) -> str:
    """Say why a probe cannot be run; empty when it can."""
    if probe.state >= states:
        return f"There is no state {probe.state}"
    if sum(call.times for call in probe.calls) > MOST_CALLS:
        return f"It has more than {MOST_CALLS} calls"
    return next(_problems(probe, tools), "")


def _problems(probe: Probe, tools: Collection[str]) -> Iterator[str]:
    for place, call in enumerate(probe.calls):
        if call.tool not in tools:
            yield f"There is no tool {call.tool!r}"
        elif problem := problem_in(call.arguments, place):
            yield f"call {place}: {problem}"


def _beyond(rest: Collection[JsonValue]) -> Iterator[Discarded]:
    if rest:
        yield discarded(f"{len(rest)} more", f"At most {MOST_PROBES} of one reply are made")
