"""What one watched call shows by itself, named."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from envscaler.environment.code.convention import Convention
from envscaler.environment.state.collections import collections_of, field_types, items_of, pairs_of
from envscaler.environment.state.difference import diff
from envscaler.environment.state.shared_parts import changed_parts, has_tags
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, ToolKind
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
_OURS = Convention()
_ADDRESS = re.compile(r" at 0x[0-9a-f]{8,}")
_OBJECT_OF = re.compile(r"Object of type (\w+) is not JSON")
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


def anomalies(
    seen: CallRecord,
    kind: ToolKind,
    convention: Convention = _OURS,
    free: frozenset[str] = frozenset(),
    *,
    told: bool = False,
) -> Iterator[Anomaly]:
    """Name what is wrong with a call, as far as it shows by itself.

    Args:
        seen: The call.
        kind: What the tool is for.
        convention: What results look like.
        free: Parameters that take values of more than one type.
        told: It is said somewhere that such a call leaves behind what this one has left.
    """
    found = seen.result.observation.kind
    if found is ObservationKind.REFUSED:
        return
    if found in OUT_OF_BOUNDS:
        if not was_starved(seen):
            yield Anomaly(FindingKind.SLOW_CALL, f"The call ended with {found}", seen)
        return
    yield from _of_result(seen, convention)
    if not told:
        yield from _of_change(seen, kind, free)
    yield from _of_surroundings(seen)


def was_starved(seen: CallRecord) -> bool:
    """Say whether a call ran out of time because the machine was busy with something else."""
    timed_out = seen.result.observation.kind is ObservationKind.TIMEOUT
    return timed_out and seen.result.seconds < ENOUGH_TIME


def _of_result(seen: CallRecord, convention: Convention) -> Iterator[Anomaly]:
    result, value = seen.result, seen.value
    if result.observation.kind is ObservationKind.EXCEPTION:
        if not seen.refused:
            yield _of_exception(seen)
    elif result.observation.kind is ObservationKind.UNSERIALISABLE or result.problem:
        said = result.problem or str(value)
        if not _is_agreed_record(said, value, convention):
            yield Anomaly(FindingKind.UNSERIALISABLE, f"No JSON: {said[:200]}", seen)
    elif convention.enveloped and (problem := shape_problem(value, convention)):
        yield Anomaly(FindingKind.BAD_RESULT_SHAPE, problem, seen)


def _is_agreed_record(said: str, value: JsonValue, convention: Convention) -> bool:
    """Say whether a result is a dataclass that the annotations of a class without envelope name."""
    found = _OBJECT_OF.match(said)
    if not found or found[1] not in convention.returned:
        return False
    return json.dumps({"$dataclass": [found[1]]})[1:-2] in json.dumps(value)


def _of_exception(seen: CallRecord) -> Anomaly:
    value, line = seen.value, seen.result.line
    error = str(value.get("error")) if isinstance(value, dict) else ""
    said = f"It raised {error[:200]}" + (f" in line {line}" if line else "")
    return Anomaly(FindingKind.UNCAUGHT_EXCEPTION, said, seen, error.partition(":")[0])


def shape_problem(value: JsonValue, convention: Convention = _OURS) -> str:
    """Say in what a result is not of the agreed shape; empty when it is."""
    if not isinstance(value, dict) or any(key.startswith("$") for key in value):
        return f"The result is {str(value)[:80]}, not a dict"
    success = value.get("success")
    if not isinstance(success, bool):
        said = "has no 'success'" if "success" not in value else f"has 'success' {success!r}"
        return f"The result {said}; it has to be True or False"
    return _missing_part(value, convention)


def _missing_part(value: JsonObject, convention: Convention) -> str:
    """Say what a success, or a failure, has to tell and does not; empty when it does."""
    if value["success"]:
        fine = value.keys() & {"data", "message"} or not convention.carries
        return "" if fine else "A success has neither 'data' nor 'message'"
    told = value.get("error")
    fine = isinstance(told, str) or (isinstance(told, dict) and told) or not convention.explains
    return "" if fine else "A failure does not say its 'error'"


def _of_change(seen: CallRecord, kind: ToolKind, free: frozenset[str]) -> Iterator[Anomaly]:
    if not seen.changed:
        return
    if other := other_types(seen, free):
        yield Anomaly(FindingKind.KEY_CONFUSION, other, seen)
    new, old = (
        changed_parts(seen.after, seen.before),
        changed_parts(seen.before, seen.after),
    )
    if mixed := _mixed_keys(new) - _mixed_keys(old):
        said = f"{', '.join(sorted(mixed))} now has both integer and string keys"
        yield Anomaly(FindingKind.KEY_CONFUSION, said, seen)
    if kind == "query" and seen.succeeded:
        said = f"The query changed {changed_paths(seen)}"
        yield Anomaly(FindingKind.QUERY_CHANGES_STATE, said, seen)
    elif not seen.succeeded:
        how = "was refused" if seen.refused else "failed"
        said = f"The call {how} and changed {changed_paths(seen)}"
        yield Anomaly(FindingKind.REFUSED_CALL_CHANGED_STATE, said, seen)


def is_told(seen: CallRecord, subject: Subject) -> bool:
    """Say whether it is said that a refusal, or a query, leaves what this call has left behind."""
    tool = seen.call.tool
    if not seen.changed or not (seen.refused or subject.kinds[tool] == "query"):
        return False
    if seen.refused and subject.counts_refusals(tool) and _only_counts(seen):
        return True
    names = subject.kept_aside if seen.refused else subject.kept_aside | subject.kept_by(tool)
    return bool(names) and all(
        not names.isdisjoint(re.split(r"[.\[\]]+", path)) for path in seen.changed_paths
    )


def _only_counts(seen: CallRecord) -> bool:
    """Say whether a call changed nothing but numbers and flags: it added and removed nothing."""
    found = diff(seen.before, seen.after)
    held = [value for pair in found.changed.values() for value in pair]
    plain = all(isinstance(value, bool | int | None) for value in held)
    return plain and not found.added and not found.removed


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


def other_types(seen: CallRecord, free: frozenset[str] = frozenset()) -> str:
    """Say which field was given a text where all records had numbers, or the other way round.

    Only an argument that was put there as it is counts: its type is what the schema asks for,
    unless it is of those that are free, for which the schema asks for no one type.
    """
    before = field_types(changed_parts(seen.before, seen.after))
    after = field_types(changed_parts(seen.after, seen.before))
    for (path, name), kinds in after.items():
        known = before.get((path, name), set[type]())
        new = kinds - known
        one_each = len(known) == len(new) == 1 and {*known, *new} == {str, int}
        if one_each and _was_given(seen, path, name, new, free):
            word = "a text" if str in new else "a number"
            return f"{path}.*.{name} is {word} now, in all other records it is not"
    return ""


def _was_given(
    seen: CallRecord, path: str, name: str, kinds: set[type], free: frozenset[str]
) -> bool:
    """Say whether a field of some record has an argument as it is, of one of some types."""
    arguments = {key: one for key, one in seen.call.arguments.items() if key not in free}
    given = [str(one) for one in arguments.values() if isinstance(one, str | int)]
    collections = [one for one in collections_of(seen.after) if one.path == path]
    values = (record.get(name) for one in collections for record in one.records)
    return any(type(value) in kinds and str(value) in given for value in values)


def _mixed_keys(state: JsonObject) -> set[str]:
    """Name the dicts that have both digit strings and integers as keys."""
    if not has_tags(state):  # keys other than strings need one
        return set()
    return {path for path, keys in _dicts(state, "") if _is_mixed(keys)}


def _is_mixed(keys: Sequence[JsonValue]) -> bool:
    digits = any(isinstance(key, str) and key.isdigit() for key in keys)
    return digits and any(isinstance(key, int) for key in keys)


def _dicts(value: JsonValue, path: str) -> Iterator[tuple[str, list[JsonValue]]]:
    """Yield the keys of every dict inside a value, with its path."""
    pairs = pairs_of(value)
    if pairs is not None:
        yield path, [key for key, _ in pairs]
    inner = pairs if pairs is not None else [*enumerate(items_of(value) or ())]
    for key, item in inner:
        yield from _dicts(item, f"{path}.{key}" if path else str(key))


def evidence_of(seen: CallRecord) -> JsonObject:
    """Return what a reader needs to see of a call."""
    found: JsonObject = {"result": _cut(seen.value)}
    if seen.changed:
        found["changes"] = _cut(diff(seen.before, seen.after).model_dump(mode="json"))
    return found


def _cut(value: JsonValue) -> JsonValue:
    text = str(value)
    return value if len(text) <= _SHOWN else text[:_SHOWN] + "…"
