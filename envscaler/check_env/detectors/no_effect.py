"""Findings that take more than one call to see, each tried on purpose."""

import ast
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.unreachable import takes_objects
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.words import stem, stems
from envscaler.environment.dataflow.unused_parameters import ignored_parameters, only_guarding
from envscaler.environment.state.collections import scalars_of, stem_of, values_held, walk_values
from envscaler.environment.state.difference import diff
from envscaler.environment.state.encoding import canonical
from envscaler.environment.state.relation import View
from envscaler.environment.state.shared_parts import ByIdentity
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, properties_of, required_of
from envscaler.records import FindingCall, FindingKind, JsonObject

_NOTHING_DONE: tuple[JsonValue, ...] = (0, [], {}, None, False)
_EMPTY: tuple[JsonValue, ...] = (None, "", 0, [], {})
_NOTHING_SAID = frozenset(("0", "no", "already", "nothing"))
_ENOUGH = 3
_IDLE = re.compile(
    r"\b(is|are) (no error|fine|allowed|ignored|skipped|left out|left as)\b"
    r"|\b(changes?|does|do) nothing\b|\bnothing (happens|changes|is done|to do|is changed)\b"
    r"|\b(no|without) effect\b|\bidempotent\b|\bstays?\b|\bthe same as\b|\balready\b"
    r"|\bif (there is|there are|it has|it is) (one|any|none|set)\b|\bmay be none\b|\bnone if\b",
    re.IGNORECASE,
)
"""What is said where a call may find all as it ought to be."""


_KEEPS_NOTHING = re.compile(
    r"\bnothing (of (it|this) |else )?is (kept|stored|written|recorded|remembered|noted|changed)\b"
    r"|\b(is|are) (only |just )?(printed|sent|shown)\b[^.]*\b(not|nothing|never|only)\b"
    r"|\bleaves (no trace|nothing)\b",
    re.IGNORECASE,
)
"""What is said of a tool that acts on something outside of the state."""


def idle_successes(explorer: Explorer) -> Iterator[CandidateFinding]:
    """Claim that change operations report success and change nothing."""
    ledger, subject = explorer.ledger, explorer.stage.subject
    for tool, kind in subject.kinds.items():
        idle = ledger.idle.get(tool, [])
        if kind == "change" and not any(seen.result.shared for seen in idle):
            yield from _idle_claims(subject, tool, idle, ledger.changing.get(tool, []))


def _idle_claims(
    subject: Subject, tool: str, idle: Sequence[CallRecord], changing: Sequence[CallRecord]
) -> Iterator[CandidateFinding]:
    certain = not subject.writes(tool)
    described = ast.get_docstring(subject.methods[tool]) or ""
    if _KEEPS_NOTHING.search(described) if certain else may_do_nothing(subject, tool):
        return
    if changing:
        yield from islice(_lost(subject, idle, changing), 1)
    elif certain or not takes_objects(subject.tools[tool]):
        # Of objects whose fields nobody names, none may have been right.
        yield from _never_changing(idle, certain=certain)


def _lost(
    subject: Subject, idle: Sequence[CallRecord], changing: Sequence[CallRecord]
) -> Iterator[CandidateFinding]:
    """Claim that what was accepted was not stored, the surest first."""
    known = {flag for one in changing for flag in _flags_of(subject, one)}
    plain, flagged = list[CallRecord](), list[CallRecord]()
    for one in idle:
        (plain if _flags_of(subject, one) <= known else flagged).append(one)
    yield from _lost_values(plain, changing)
    yield from _empties_lost(subject, idle, changing)
    # With a flag that no call with an effect had, it may have been a rehearsal.
    for claim in _lost_values(flagged, changing):
        yield replace(claim, severity="possible")


def may_do_nothing(subject: Subject, tool: str) -> bool:
    """Say whether it is said of a tool that at times there is nothing for it to do."""
    if _IDLE.search(ast.get_docstring(subject.methods[tool]) or ""):
        return True
    verb = stem(tool.split("_")[0])
    spoken = (one for one in subject.sentences if _IDLE.search(one))
    return any(verb in stems(one) for one in spoken)


def _never_changing(idle: Sequence[CallRecord], *, certain: bool) -> Iterator[CandidateFinding]:
    """Claim that a tool never changes anything: by its source, or by several calls."""
    telling = [seen for seen in idle if certain or not _had_nothing_to_do(seen)]
    if telling and (certain or len(telling) >= _ENOUGH):
        yield _idle_claim(telling[0], "It never changed anything in any call")


def _had_nothing_to_do(seen: CallRecord) -> bool:
    """Say whether it may all have been as it should before: set to what it is, nothing found."""
    given = seen.call.arguments.values()
    return (
        _did_nothing(seen)
        or any(one in ([], {}) for one in given)
        or any(
            value in scalars_of(values_held(seen.before, _field_name(name)))
            for name, value in seen.call.arguments.items()
            if stem_of(name) is None and isinstance(value, str | int | float)
        )
    )


def _field_name(parameter: str) -> str:
    """Return `status` for `new_status`."""
    return parameter.removeprefix("new_").removeprefix("updated_")


def _did_nothing(seen: CallRecord) -> bool:
    """Say whether a result tells that there was nothing to do."""
    value = seen.value
    if not isinstance(value, dict):
        return value in _NOTHING_DONE
    data = value.get("data")
    parts = list(data.values()) if isinstance(data, dict) else [data]
    words = str(value.get("message", "")).lower().split()
    empty = "data" in value and any(part in _NOTHING_DONE for part in parts)
    return empty or not _NOTHING_SAID.isdisjoint(words)


def _lost_values(
    idle: Sequence[CallRecord], changing: Sequence[CallRecord]
) -> Iterator[CandidateFinding]:
    """Claim that a value which is stored elsewhere was accepted and not stored."""
    stored = _stored_names(changing)
    for seen in idle:
        if _did_nothing(seen) or any(one in ([], {}) for one in seen.call.arguments.values()):
            continue
        before = _plains_in(seen.before)
        for name in sorted(stored & seen.call.arguments.keys()):
            value = seen.call.arguments[name]
            if _is_known_again(value) and _plain(value) not in before:
                said = f"It reported success, but {name} {str(value)[:60]!r} is not in the state"
                yield _idle_claim(seen, said)


def _flags_of(subject: Subject, seen: CallRecord) -> frozenset[tuple[str, bool]]:
    """Return the flags that a call had, given or by default."""
    shapes = properties_of(subject.tools[seen.call.tool])
    given = {name: shape["default"] for name, shape in shapes.items() if "default" in shape}
    given |= seen.call.arguments
    return frozenset((name, one) for name, one in given.items() if isinstance(one, bool))


def _empties_lost(
    subject: Subject, idle: Sequence[CallRecord], changing: Sequence[CallRecord]
) -> Iterator[CandidateFinding]:
    """Claim that nothing, or zero, was accepted for a field that then kept what it had."""
    stored = _stored_names(changing)
    for seen in idle:
        needed = {*required_of(subject.tools[seen.call.tool])}
        for name in sorted(stored & needed & seen.call.arguments.keys()):
            given, field = seen.call.arguments[name], _field_name(name)
            held = [record[field] for record in _named_records(seen, name) if field in record]
            if given in _EMPTY and held and all(one not in _EMPTY for one in held):
                said = f"It reported success for {name} {given!r}, but {field} stays {held[0]!r}"
                yield replace(_idle_claim(seen, said), severity="possible")


def _named_records(seen: CallRecord, name: str) -> list[JsonObject]:
    """Return the records that the other arguments of a call name."""
    view = View(seen.before)
    keys = {
        str(value)
        for other, value in seen.call.arguments.items()
        if other != name and isinstance(value, str | int) and not isinstance(value, bool)
    }
    return [record for path in view.ids for key, record in view.records(path) if key in keys]


def _is_known_again(value: JsonValue) -> bool:
    """Say whether a value tells itself from others: a text or a number, not empty or zero."""
    is_telling = isinstance(value, str | int | float) and not isinstance(value, bool)
    return is_telling and str(value).strip() not in {"", "0"}


def _stored_names(changing: Sequence[CallRecord]) -> set[str]:
    """Name the arguments that two calls or more put into the state, and none as another number."""
    names = {name for seen in changing for name in seen.call.arguments}
    stores = Counter(name for seen in changing for name in _stored_by(seen))
    often = {name for name in names if stores[name] >= 2}
    others = {name for seen in changing if often for name in _made_others(seen, often)}
    return often - others


def _made_others(seen: CallRecord, names: Iterable[str]) -> list[str]:
    """Name numbers that were taken and are nowhere afterwards: they were rounded, or cut to fit."""
    given = seen.call.arguments
    numbers = [name for name in names if _is_number(given.get(name)) and given[name] != 0]
    held = _plains_in(seen.after) if numbers else set[str]()
    return [name for name in numbers if _plain(given[name]) not in held]


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _stored_by(seen: CallRecord) -> list[str]:
    """Name the arguments that a call put into the state."""
    found = diff(seen.before, seen.after)
    new = [*found.added.values(), *(after for _, after in found.changed.values())]
    held = {_plain(one) for part in new for one in scalars_of(walk_values(part))}
    return [name for name, value in seen.call.arguments.items() if _plain(value) in held]


_MOST_PARTS = 256
_known = ByIdentity[set[str]](_MOST_PARTS)


def _plains_in(state: JsonObject) -> set[str]:
    """Return what is in a state, each value written as `_plain` does."""
    parts = (_known.of(part, partial(_plains, part)) for part in state.values())
    return {*map(_plain, state), *chain.from_iterable(parts)}


def _plains(part: JsonValue) -> set[str]:
    return {_plain(one) for one in scalars_of(walk_values(part))}


def _plain(value: JsonValue) -> str:
    """Write a value so that 5, 5.0 and "5" are the same, and texts in any case."""
    if isinstance(value, str):
        text = value.strip().casefold()
        return repr(float(text)) if text.isdecimal() else repr(text)
    return repr(float(value)) if isinstance(value, int | float) else repr(value)


def _idle_claim(seen: CallRecord, message: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].succeeded and not replay[-1].changed

    kind = FindingKind.SUCCESS_WITHOUT_CHANGE
    return CandidateFinding(kind, message, seen.start, seen.sequence, shows)


async def ignored(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that parameters which the source does not use make no difference."""
    subject, ledger = explorer.stage.subject, explorer.ledger
    for name, tool in subject.tools.items():
        guards = only_guarding(subject.methods, name)
        for parameter in (*ignored_parameters(subject.methods, name), *guards):
            if parameter not in properties_of(tool):
                continue
            seen = next(iter(ledger.successes(name) or ledger.refused.get(name, ())), None)
            if seen is None:
                continue
            pool = explorer.caller.pools(tool, seen.before)[parameter]
            odd = [*pool.sensible[:3], *pool.missing[:1], *pool.boundary[:2]]
            is_id = stem_of(parameter) is not None or parameter in subject.hints.holders
            is_id |= parameter in guards
            ids = pool.existing[:6] if is_id else ()
            if await _differs(explorer, seen, parameter, ids, odd):
                continue
            said = f"The source does nothing with {parameter!r}, and other values change nothing"
            kind = FindingKind.IGNORED_PARAMETER
            yield CandidateFinding(kind, said, seen.start, seen.sequence, _always)


async def _differs(
    explorer: Explorer,
    seen: CallRecord,
    parameter: str,
    ids: Sequence[JsonValue],
    others: Sequence[JsonValue],
) -> bool:
    """Say whether other values of a parameter make a difference.

    That an odd value is refused is none: it may only have been checked for itself. That an id
    is refused which the state has is one.
    """
    first = (await explorer.stage.replay(seen.start, seen.sequence))[-1]
    for value in (*ids, *others):
        call = FindingCall(tool=seen.call.tool, arguments={**seen.call.arguments, parameter: value})
        other = (await explorer.stage.replay(seen.start, [*seen.history, call]))[-1]
        if other.succeeded == first.succeeded:
            if _outcome(other) != _outcome(first):
                return True
        elif value in ids:
            return True
    return False


def _outcome(seen: CallRecord) -> tuple[bytes, bytes]:
    return canonical(seen.value), canonical(seen.after)


async def _always(_replay: Sequence[CallRecord]) -> bool:
    return True
