"""Which records of the state an answer lists, in whatever form it does."""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import (
    collections_of,
    field_names,
    items_of,
    pairs_of,
    record_of,
)
from envscaler.environment.state.relation import View
from envscaler.inputs.session import CallRecord, Session
from envscaler.records import JsonObject

_PAIR = 2
_WRAPPERS = ("data", "result", "results", "items")


Records = dict[str, dict[str, JsonObject]]
"""Collection → id → record."""
_MOST_KNOWN = 64
_known: OrderedDict[int, tuple[JsonObject, Records]] = OrderedDict()
"""As in `collections_of`: what was read of the last states."""


def records_of(state: JsonObject) -> Records:
    """Return the records of each collection by id.

    Lists of records that have no id by that name count too, when a field tells them apart.
    """
    known = _known.get(id(state))
    if known is None or known[0] is not state:
        known = _known[id(state)] = (state, {**View(state).by_id, **_unnamed(state)})
        if len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
    return known[1]


def _unnamed(state: JsonObject) -> Records:
    """Read the lists of records that are called by another name than an id."""
    known = {one.path for one in collections_of(state) if one.records}
    found: Records = {}
    for path, value in state.items():
        if path not in known:
            records = [one for one in map(record_of, items_of(value) or ()) if one is not None]
            by_id = _told_apart(records)
            if by_id:
                found[path] = by_id
    return found


def _told_apart(records: Sequence[JsonObject]) -> dict[str, JsonObject]:
    """Return several records by the first field that tells them apart; empty where none does."""
    if len(records) < 2:
        return {}
    for name in records[0]:
        ids = [one.get(name) for one in records]
        if all(map(may_be_id, ids)) and len({*map(str, ids)}) == len(ids):
            return dict(zip(map(str, ids), records, strict=True))
    return {}


@dataclass(frozen=True, slots=True)
class Question:
    """A query that lists records of one collection."""

    tool: str
    path: str
    asked: tuple[CallRecord, ...]
    """Successes from the start, those that list most first."""


def answer_in(value: JsonValue) -> JsonValue:
    """Return what a result tells, without its envelope: a dict, or a pair with a flag first."""
    pair = items_of(value)
    if pair is not None and len(pair) == _PAIR and isinstance(pair[0], bool):
        return pair[1]
    if isinstance(value, dict):
        for name in _WRAPPERS:
            if name in value:
                return value[name]
    return value


def rows_in(value: JsonValue) -> list[JsonValue] | None:
    """Return the rows of a result: a list, the one list of a dict, or a dict of records by id."""
    answer = answer_in(value)
    rows = items_of(answer)
    if rows is not None or not isinstance(answer, dict):
        return rows
    lists = [one for one in map(items_of, answer.values()) if one is not None]
    return lists[0] if len(lists) == 1 else _keys_of_records(answer)


def _keys_of_records(answer: JsonObject) -> list[JsonValue] | None:
    """Return the keys of a dict of records; None for another dict."""
    pairs = pairs_of(answer) or []
    are_records = all(isinstance(one, dict) and one for _, one in pairs)
    return [key for key, _ in pairs] if pairs and are_records else None


def listed_ids(seen: CallRecord, path: str) -> list[str] | None:
    """Return the ids of the records that an answer lists, in its order; None for other answers."""
    rows = rows_in(seen.value)
    if rows is None:
        return None
    known = records_of(seen.before).get(path, {})
    found = [_id_of(row, known) for row in rows]
    return None if None in found else [one for one in found if one is not None]


def _id_of(row: JsonValue, known: dict[str, JsonObject]) -> str | None:
    """Return the id of the record that a row is about: itself, a cell of it, or its fields."""
    cells = [row] if isinstance(row, str | int) else items_of(row)
    if cells is not None:
        return next((str(one) for one in cells[:1] if str(one) in known), None)
    fields = record_of(row)
    return None if fields is None else _id_in(fields, known)


def _id_in(fields: JsonObject, known: dict[str, JsonObject]) -> str | None:
    """Return the id of the record that has the fields of a row, and is named in one of them."""
    likely = [*(name for name in fields if name.endswith("id") or name == "name"), *fields]
    ids = [str(fields[name]) for name in likely if may_be_id(fields[name])]
    return next((one for one in ids if one in known and _agree(fields, known[one])), None)


def _agree(fields: JsonObject, record: JsonObject) -> bool:
    return all(fields[one] == record[one] for one in fields.keys() & record.keys())


def may_be_id(value: JsonValue) -> TypeGuard[str | int]:
    """Say whether a value may be an id: a text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def question_of(explorer: Explorer, tool: str) -> Question | None:
    """Return what a tool lists, if it changes nothing and lists records of one collection."""
    if explorer.ledger.changing.get(tool):
        return None
    asked = explorer.ledger.answers(tool)
    fits = Counter[str]()
    alike = Counter[str]()
    sizes: dict[int, int] = {}
    for seen in asked:
        rows = rows_in(seen.value)
        if rows:
            sizes[id(seen)] = len(rows)
            paths = [path for path in records_of(seen.before) if listed_ids(seen, path)]
            fits.update(paths)
            alike.update({path: _shared_fields(rows[0], seen, path) for path in paths})
    best = max(fits, key=lambda path: (fits[path], alike[path]), default=None)
    if best is None or fits[best] < len(sizes):
        return None
    asked.sort(key=lambda one: -sizes.get(id(one), 0))
    return Question(tool, best, tuple(asked))


def listed_path(explorer: Explorer, tool: str) -> str:
    """Return the collection of which a tool lists records; empty where it lists none."""
    question = question_of(explorer, tool)
    return question.path if question else ""


def _shared_fields(row: JsonValue, seen: CallRecord, path: str) -> int:
    """Count the fields that a row has in common with the record that it may be about."""
    known = records_of(seen.before)[path]
    own = _id_of(row, known)
    return len((record_of(row) or {}).keys() & known[own].keys()) if own else 0


class Asker:
    """Asks one query many times in one state, and remembers its answers."""

    def __init__(self, session: Session, tool: str) -> None:
        self._session = session
        self._tool = tool
        self._known: dict[str, CallRecord] = {}

    async def ask(self, arguments: JsonObject) -> CallRecord:
        name = repr(sorted(arguments.items()))
        if name not in self._known:
            self._known[name] = await self._session.make(self._tool, arguments)
        return self._known[name]


def field_values(state: JsonObject, path: str) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Yield the fields of a collection, each with what its records hold there."""
    records = records_of(state).get(path, {})
    for name in field_names(records.values()):
        yield name, {key: record[name] for key, record in records.items() if name in record}


def distinct_values(held: Sequence[JsonValue]) -> list[JsonValue]:
    """Return different plain values, in order."""
    plain = [one for one in held if isinstance(one, str | int | float)]
    return list({(type(one), one): one for one in plain}.values())
