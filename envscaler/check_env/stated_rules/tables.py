"""A state as tables: records, numbers by key, lists by key, and pairs, wherever they lie."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of, pairs_of, record_of
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.relation import is_number
from envscaler.environment.state.shared_parts import ByIdentity
from envscaler.records import JsonObject

if TYPE_CHECKING:
    from envscaler.check_env.stated_rules.frames import Joined

KEY = "its key"
"""Instead of a field: what a row is called by."""
VALUE = "its value"
"""The field of a number by key."""
ITEMS = "its items"
"""The field of a list by key."""
ABOVE = "above "
"""Begins the name of a field that is the key of a dict around: `above 0`."""
_DEPTH = 4
_OWN = re.compile(r"^(?:no|nr|number|reference|code|isbn|key|name)$")


@dataclass(frozen=True, slots=True)
class Row:
    """One record, or one entry of a dict or a list."""

    key: str
    fields: Mapping[str, JsonValue]

    def values(self, name: str) -> list[str]:
        """Return the plain values of a field as texts: one, those of a list, or keys of a dict."""
        if name == KEY:
            return [self.key]
        return texts_of(self.fields.get(name))


@dataclass(slots=True)
class Table:
    """Rows of one kind."""

    path: str
    name: str
    """The noun of a row: `booking`; that of its attribute where dicts lie in dicts."""
    kind: str
    """`records`, `values`, `lists` or `pairs`."""
    rows: list[Row] = field(default_factory=list[Row])
    keys: set[str] = field(default_factory=set[str])

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.keys.add(row.key)


def _new_parts() -> ByIdentity[dict[str, Table]]:
    return ByIdentity(1024)


_parts_by_words = ByIdentity[ByIdentity[dict[str, Table]]](4)
"""Words → attribute → its tables, which are not added to any more."""


class Tables:
    """The tables of a state by path.

    Args:
        state: Tagged JSON.
        words: Names in the source: a dict that has only such keys is a record, not a table.
    """

    def __init__(self, state: JsonObject, words: frozenset[str]) -> None:
        self._words = words
        self.tables: dict[str, Table] = {}
        known = _parts_by_words.of(words, _new_parts)
        for name, value in state.items():
            self.tables |= known.of(value, partial(self._tables_in, value, name), name)
        self.broken: dict[str, frozenset[str]] = {}
        """What each rule found broken here, by the text of the rule."""
        self.joined: dict[tuple[str, str], list[Joined]] = {}
        """The rows of a table beside those that they refer to, by the table and the reference."""

    def rows(self, path: str) -> Sequence[Row]:
        """Return the rows of a table; none where the state lacks it."""
        found = self.tables.get(path)
        return found.rows if found else ()

    def keys(self, path: str) -> set[str]:
        """Return what the rows of a table are called by."""
        found = self.tables.get(path)
        return found.keys if found else set()

    def _tables_in(self, value: JsonValue, name: str) -> dict[str, Table]:
        """Read the tables of an attribute."""
        whole, self.tables = self.tables, {}
        self._read(value, name, name, ())
        found, self.tables = self.tables, whole
        return found

    def _read(self, value: JsonValue, path: str, name: str, above: tuple[str, ...]) -> None:
        pairs = None if self._is_record(value) else pairs_of(value)
        items = items_of(value)
        if len(above) > _DEPTH:
            return
        if pairs is not None:
            self._read_dict(pairs, path, name, above)
        elif items:
            self._read_list(items, path, name, above)

    def _read_dict(
        self,
        pairs: Sequence[tuple[JsonValue, JsonValue]],
        path: str,
        name: str,
        above: tuple[str, ...],
    ) -> None:
        for key, item in pairs:
            if not isinstance(key, str | int):
                continue
            items = items_of(item)
            if is_plain(item):
                row = _row(str(key), {VALUE: item}, above)
                self._table(path, name, "values").add(row)
            elif self._is_record(item):
                self._add_record(str(key), item, path, name, above)
            elif items is not None and all(map(is_plain, items)):
                row = _row(str(key), {ITEMS: item}, above)
                self._table(path, name, "lists").add(row)
            else:
                self._read(item, f"{path}.*", name, (*above, str(key)))

    def _read_list(
        self, items: Sequence[JsonValue], path: str, name: str, above: tuple[str, ...]
    ) -> None:
        for item in items:
            inner = items_of(item)
            if self._is_record(item):
                record = record_of(item) or {}
                self._add_record(_own_key(record, name), item, path, name, above)
            elif inner is not None and len(inner) == 2 and all(map(is_plain, inner)):
                fields = {"0": inner[0], "1": inner[1]}
                self._table(path, name, "pairs").add(_row(f"{inner[0]}, {inner[1]}", fields, above))
            elif isinstance(item, str) and not above:
                self._table(path, name, "names").add(_row(item, {}, above))

    def _add_record(
        self, key: str, item: JsonValue, path: str, name: str, above: tuple[str, ...]
    ) -> None:
        record = record_of(item) or {}
        self._table(path, name, "records").add(_row(key, record, above))
        for each, value in record.items():
            if isinstance(value, dict | list):
                self._read(value, f"{path}.*.{each}", each, (*above, key))

    def _table(self, path: str, name: str, kind: str) -> Table:
        if path not in self.tables:
            self.tables[path] = Table(path, singular(name), kind)
        return self.tables[path]

    def _is_record(self, value: JsonValue) -> bool:
        if isinstance(value, dict) and "$dataclass" in value:
            return True
        record = record_of(value)
        if not record or any(key.startswith("$") for key in record):
            return False
        if _are_alike([*map(record_of, record.values())]):
            return False
        return 2 * len(record.keys() & self._words) >= len(record)


def _are_alike(records: Sequence[JsonObject | None]) -> bool:
    """Say whether there are several dicts that share a key, as the entries of a table do."""
    if len(records) < 2 or not all(records):
        return False
    keys = [set(record or ()) for record in records]
    return bool(set[str].intersection(*keys))


def _row(key: str, fields: Mapping[str, JsonValue], above: tuple[str, ...]) -> Row:
    around = {f"{ABOVE}{depth}": name for depth, name in enumerate(above)}
    return Row(key, {**fields, **around} if around else fields)


def key_in_list(item: JsonValue, name: str) -> str:
    """Return what an item of a list is called by."""
    return _own_key(record_of(item) or {}, name)


def _own_key(record: JsonObject, name: str) -> str:
    """Return what a record in a list is called by; without a name, what it holds."""
    own = singular(name)
    likely = [f"{own}_id", "id", "_id", own, *(one for one in record if _OWN.match(one))]
    found = next((one for one in likely if one in record and is_plain(record[one])), None)
    return repr(record) if found is None else str(record[found])


def shown(path: str, name: str) -> str:
    """Name a field for a reader."""
    if name == KEY:
        return f"the keys of {path}"
    if name in {VALUE, ITEMS}:
        return path
    if name.startswith(ABOVE):
        depth = int(name.removeprefix(ABOVE))
        return f"the keys of {'.'.join([path.split('.')[0], *['*'] * depth])}"
    return f"{path}.*.{name}"


def is_plain(value: JsonValue) -> bool:
    """Say whether a value is neither a dict nor a list."""
    return not isinstance(value, dict | list)


def scalars_in(value: JsonValue) -> list[JsonValue]:
    """Return a plain value, those of a list, or the keys of a dict; none for None."""
    pairs, items = pairs_of(value), items_of(value)
    if pairs is not None:
        return [key for key, _ in pairs]
    inner = items if items is not None else [value]
    return [one for one in inner if one is not None and is_plain(one)]


def texts_of(value: JsonValue) -> list[str]:
    """Return the same as texts."""
    return [str(one) for one in scalars_in(value)]


def number_in(value: JsonValue) -> float | None:
    """Return a number, or the sum of the numbers of a dict or list; None for anything else."""
    if is_number(value):
        return float(value)
    if not isinstance(value, dict | list):
        return None
    inner = _inside(value)
    known = [one for one in map(number_in, inner) if one is not None]
    return sum(known) if known and len(known) == len(inner) else None


def _inside(value: JsonValue) -> list[JsonValue]:
    """Return what a dict or a list holds."""
    pairs = pairs_of(value)
    return items_of(value) or [] if pairs is None else [item for _, item in pairs]


def row_addresses(tables: Tables, path: str) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Yield rows with the keys of the dicts around them and their own."""
    for row in tables.rows(path):
        above = [row.fields[f"{ABOVE}{n}"] for n in range(_DEPTH) if f"{ABOVE}{n}" in row.fields]
        yield (*map(str, above), row.key), row
