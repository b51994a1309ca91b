"""What one watched call shows by itself, named."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from envscaler.environment.state.collections import pairs_of
from envscaler.environment.state.encoding import diff
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import ToolKind
from envscaler.records import FindingKind, JsonObject, JsonValue, ObservationKind

Severity = Literal["serious", "minor"]
Reproduces = Callable[[CallRecord], bool]

MINOR = frozenset(
    (FindingKind.LIVE_REFERENCE, FindingKind.ARGUMENT_MUTATED, FindingKind.IGNORED_PARAMETER)
)
"""What a caller in another process never feels, or can live with."""
OUT_OF_BOUNDS = frozenset((ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.KILLED))
ENOUGH_TIME = 0.15
"""Seconds of processor time that a call must have had for its time-out to count."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]{8,}")
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A finding before it is shrunk and confirmed."""

    kind: FindingKind
    message: str
    seen: CallRecord
    """The call it is about."""
    key: str = ""
    """Tells two of one kind and tool apart, such as the line that raised."""

    @property
    def tool(self) -> str:
        return self.seen.call.tool

    @property
    def name(self) -> tuple[FindingKind, str, str]:
        return self.kind, self.tool, self.key

    @property
    def severity(self) -> Severity:
        return "minor" if self.kind in MINOR else "serious"


def anomalies(seen: CallRecord, kind: ToolKind) -> Iterator[Anomaly]:
    """Name what is wrong with a call, as far as it shows by itself.

    Args:
        seen: The call.
        kind: What the tool is for.
    """
    found = seen.result.observation.kind
    if found is ObservationKind.REFUSED:
        return
    if found in OUT_OF_BOUNDS:
        if not was_starved(seen):
            yield Anomaly(FindingKind.SLOW_CALL, f"The call ended with {found}", seen)
        return
    yield from _of_result(seen)
    yield from _of_change(seen, kind)
    yield from _of_surroundings(seen)


def was_starved(seen: CallRecord) -> bool:
    """Say whether a call ran out of time because the machine was busy with something else."""
    timed_out = seen.result.observation.kind is ObservationKind.TIMEOUT
    return timed_out and seen.result.seconds < ENOUGH_TIME


def _of_result(seen: CallRecord) -> Iterator[Anomaly]:
    result, value = seen.result, seen.value
    if result.observation.kind is ObservationKind.EXCEPTION:
        error = str(value.get("error")) if isinstance(value, dict) else ""
        place = f" in line {result.line}" if result.line else ""
        kind = FindingKind.UNCAUGHT_EXCEPTION
        yield Anomaly(kind, f"It raised {error[:200]}{place}", seen, error.partition(":")[0])
    elif result.observation.kind is ObservationKind.UNSERIALISABLE or result.problem:
        said = result.problem or str(value)
        yield Anomaly(FindingKind.UNSERIALISABLE, f"No JSON: {said[:200]}", seen)
    elif problem := shape_problem(value):
        yield Anomaly(FindingKind.BAD_RESULT_SHAPE, problem, seen)


def shape_problem(value: JsonValue) -> str:
    """Say in what a result is not of the agreed shape; empty when it is."""
    if not isinstance(value, dict) or any(key.startswith("$") for key in value):
        return f"The result is {str(value)[:80]}, not a dict"
    success = value.get("success")
    if not isinstance(success, bool):
        said = "has no 'success'" if "success" not in value else f"has 'success' {success!r}"
        return f"The result {said}; it has to be True or False"
    if success:
        fine = value.keys() & {"data", "message"}
        return "" if fine else "A success has neither 'data' nor 'message'"
    return "" if isinstance(value.get("error"), str) else "A failure does not say its 'error'"


def _of_change(seen: CallRecord, kind: ToolKind) -> Iterator[Anomaly]:
    if mixed := _mixed_keys(seen.after) - _mixed_keys(seen.before):
        said = f"{', '.join(sorted(mixed))} now has both integer and string keys"
        yield Anomaly(FindingKind.KEY_CONFUSION, said, seen)
    if not seen.changed:
        return
    paths = changed_paths(seen)
    if kind == "query" and seen.succeeded:
        yield Anomaly(FindingKind.QUERY_CHANGES_STATE, f"The query changed {paths}", seen)
    elif not seen.succeeded:
        how = "was refused" if seen.refused else "failed"
        said = f"The call {how} and changed {paths}"
        yield Anomaly(FindingKind.REFUSED_CALL_CHANGED_STATE, said, seen)


def _of_surroundings(seen: CallRecord) -> Iterator[Anomaly]:
    result = seen.result
    if result.live:
        said = f"{', '.join(result.live)} is an object of the state, not a copy"
        yield Anomaly(FindingKind.LIVE_REFERENCE, said, seen)
    if result.arguments:
        said = f"The call changed its argument {', '.join(result.arguments)}"
        yield Anomaly(FindingKind.ARGUMENT_MUTATED, said, seen)
    if result.defaults:
        said = f"The mutable default of {', '.join(result.defaults)} was changed or kept"
        yield Anomaly(FindingKind.SHARED_DEFAULT, said, seen)
    if result.shared:
        said = f"The call changed {', '.join(result.shared)}, which all instances share"
        yield Anomaly(FindingKind.INSTANCE_LEAK, said, seen)
    if address := _ADDRESS.search(str(seen.value)):
        said = f"The result tells where an object lies in memory: {address[0]}"
        yield Anomaly(FindingKind.HIDDEN_STATE, said, seen)
    elif result.fresh:
        said = f"In an environment made anew from the same state, {result.fresh}"
        yield Anomaly(FindingKind.HIDDEN_STATE, said[:_SHOWN], seen)


def changed_paths(seen: CallRecord) -> str:
    """Name the first paths that a call changed."""
    found = diff(seen.before, seen.after)
    paths = [*found.added, *found.removed, *found.changed]
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


def _mixed_keys(state: JsonObject) -> set[str]:
    """Name the attributes that are dicts with both digit strings and integers as keys."""
    found: set[str] = set()
    for name, value in state.items():
        keys = [key for key, _ in pairs_of(value) or ()]
        digits = any(isinstance(key, str) and key.isdigit() for key in keys)
        if digits and any(isinstance(key, int) for key in keys):
            found.add(name)
    return found


def evidence_of(seen: CallRecord) -> JsonObject:
    """Return what a reader needs to see of a call."""
    found: JsonObject = {"result": _cut(seen.value)}
    if seen.changed:
        found["changes"] = _cut(diff(seen.before, seen.after).model_dump(mode="json"))
    return found


def _cut(value: JsonValue) -> JsonValue:
    text = str(value)
    return value if len(text) <= _SHOWN else text[:_SHOWN] + "…"
