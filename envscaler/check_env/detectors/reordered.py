"""Numbers that depend on the order in which records happen to stand.

A sum, a count or an extreme is the same whichever record comes first. One that is not keeps only
the last record of each kind, or leaves off once it has found one.
"""

import re
from collections.abc import AsyncIterator, Sequence
from typing import cast

from pydantic import JsonValue

from envscaler.check_env.anomalies import is_told
from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import answer_in, records_of, rows_in
from envscaler.check_env.detectors.per_record import numbers_in
from envscaler.check_env.detectors.stated_orders import without_orders
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import record_of
from envscaler.environment.state.encoding import canonical
from envscaler.environment.state.relation import comparable
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingCall, FindingKind, JsonObject

_MOST_ASKED = 16
_EQUAL = 1e-6
_NUMBERED = 2
"""Records that have to be there before their numbers say anything."""
_PLACES = ("index", "line", "no", "number", "order", "page", "place", "position", "round", "seq")
"""Fields whose numbers tell a place; those of an `id` do not."""
_BY_PLACE = ("first", "last", "latest", "previous", "next", "recent", "newest", "current")
"""Words of descriptions that may mean the order in which records stand."""


async def reordered(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a number changes when the records of a collection stand the other way round."""
    for name, tool in explorer.stage.subject.tools.items():
        fields = {
            word for seen in explorer.ledger.idle.get(name, ())[:1] for word in _fields(seen.before)
        }
        if explorer.ledger.changing.get(name) or _tells_place(tool.description, fields):
            continue
        asked = [one for one in explorer.ledger.idle.get(name, ()) if _tells(one)]
        for seen in asked[:_MOST_ASKED]:
            claim = await _turned_round(explorer, seen)
            if claim is not None:
                yield claim
                break


def _fields(state: JsonObject) -> set[str]:
    """Return the words of the fields in which records have what can be put in order."""
    names = {
        name
        for held in records_of(state).values()
        for record in held.values()
        for name, value in record.items()
        if comparable(value, value) and not name.endswith("id")
    }
    return {word for name in names for word in name.lower().split("_")}


def _tells_place(description: str, fields: set[str]) -> bool:
    """Say whether an answer may go by the places of records: not by the newest of some field."""
    words = re.findall(r"[a-z_]+", without_orders(description))
    return any(
        word in _BY_PLACE and following not in fields
        for word, following in zip(words, [*words[1:], ""], strict=True)
    )


async def sorted_in_place(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a query sorts a list of the state, where it stands the other way round."""
    for name in explorer.stage.subject.tools:
        kept = explorer.ledger.answers(name)
        if not kept or explorer.stage.subject.kinds[name] != "query":
            continue
        for seen in {one.start: one for one in kept if one.succeeded}.values():
            claim = await _asked_of_turned(explorer, seen)
            if claim is not None:
                yield claim
                break


async def _asked_of_turned(explorer: Explorer, seen: CallRecord) -> CandidateFinding | None:
    stage, turned = explorer.stage, with_lists_turned(seen.before)
    if turned == seen.before or seen.start >= explorer.given:
        return None
    given = stage.initial_states[seen.start]
    state = {name: turned[name] for name in given if name in turned}
    again = await stage.repeat(state, seen.call)
    if again is None or not again.succeeded or not again.changed:
        return None
    if is_told(again, stage.subject):
        return None
    stage.add(state)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].succeeded and replay[-1].changed

    where = ", ".join(again.changed_paths[:3])
    said = f"The query changed {where}, in a state whose lists stand the other way round"
    kind = FindingKind.QUERY_CHANGES_STATE
    return CandidateFinding(kind, said, again.start, (seen.call,), shows)


def with_lists_turned(state: JsonObject) -> JsonObject:
    """Return a state with every list in it the other way round."""
    return {name: _turned(value) for name, value in state.items()}


def _turned(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        plain = not any(name.startswith("$") for name in value)
        fields = value.get("$dataclass")
        if isinstance(fields, list):
            return {"$dataclass": [fields[0], _turned(fields[1])]}
        return {name: _turned(one) for name, one in value.items()} if plain else value
    if not isinstance(value, list):
        return value
    inner = [_turned(one) for one in value]
    return inner if is_numbered(value) else inner[::-1]


def is_numbered(records: Sequence[JsonValue]) -> bool:
    """Say whether a field of each record tells its place, from 0 or from 1 on, as rounds have.

    What is looked up by place may not stand in another order.
    """
    rows = [one for one in map(record_of, records) if one is not None]
    if len(rows) < len(records) or len(rows) < _NUMBERED:
        return False
    return any(
        [row.get(name) for row in rows] in ([*range(len(rows))], [*range(1, len(rows) + 1)])
        for name in rows[0]
        if name.rpartition("_")[2] in _PLACES
    )


def _tells(seen: CallRecord) -> bool:
    told = any(numbers_in(seen.value).values()) or len(rows_in(seen.value) or ()) > 0
    return not seen.history and seen.succeeded and told


async def _turned_round(explorer: Explorer, seen: CallRecord) -> CandidateFinding | None:
    paths = [path for path, held in records_of(seen.before).items() if len(held) > 1]
    paths = [path for path in paths if path in seen.before]
    if not paths or not await _differs(explorer, seen, paths):
        return None
    for path in paths:
        if await _differs(explorer, seen, [path]):
            return _claim(explorer, seen, path)
    return None


async def _differs(explorer: Explorer, seen: CallRecord, paths: Sequence[str]) -> bool:
    turned = await ask_turned(explorer, seen.start, seen.call, paths)
    if turned is None:
        return False
    same = _alike(numbers_in(seen.value), numbers_in(turned.value))
    return not same or _row_set(seen.value) != _row_set(turned.value)


def _row_set(value: JsonValue) -> list[bytes]:
    """Return the rows of an answer without their order, nor that of anything in them."""
    return sorted(canonical(_unordered(row)) for row in rows_in(value) or ())


def _unordered(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return sorted((_unordered(one) for one in value), key=canonical)
    if isinstance(value, dict):
        return {name: _unordered(one) for name, one in value.items()}
    return value


def _alike(one: dict[str, float], other: dict[str, float]) -> bool:
    return one.keys() == other.keys() and all(
        abs(value - other[name]) <= _EQUAL for name, value in one.items()
    )


async def ask_turned(
    explorer: Explorer, start: int, call: FindingCall, paths: Sequence[str]
) -> CallRecord | None:
    """Ask where some collections stand the other way round; None when that fails."""
    stage = explorer.stage
    state = await stage.beginning(start)
    turned = {path: reversed_collection(state[path]) for path in paths}
    again = await stage.repeat(stage.with_parts(start, state, turned), call)
    return again if again is not None and again.succeeded else None


def reversed_collection(value: JsonValue) -> JsonValue:
    """Return a dict or a list of a state in the other order."""
    match value:
        case list():
            return value if is_numbered(value) else value[::-1]
        case {"$defaultdict": [factory, pairs]}:
            return {"$defaultdict": [factory, cast("list[JsonValue]", pairs)[::-1]]}
        case {"$dict": list() as items} | {"$ordereddict": list() as items}:
            return dict.fromkeys(value, items[::-1])
        case dict() if not any(name.startswith("$") for name in value):
            return dict(reversed(value.items()))
        case _:
            return value


def _claim(explorer: Explorer, seen: CallRecord, path: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].succeeded and await _differs(explorer, replay[-1], [path])

    said = (
        f"The answer is another one when the records of {path} stand in the other order: "
        f"{str(answer_in(seen.value))[:80]} as they are"
    )
    # Which rows there are may go by what came first; a number seldom does.
    severity = "" if any(numbers_in(seen.value).values()) else "possible"
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, (seen.call,), shows, severity=severity)
