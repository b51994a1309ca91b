"""The records of a state, table by table, and what refers to what. They are changed in place."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import cast

from pydantic import JsonValue

from envscaler.environment.hints.from_comments import quoted_words
from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.references import is_record
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.inputs.word_lists import PEOPLE
from envscaler.records import JsonObject

_MOST_ROUNDS = 12


@dataclass(eq=False)
class Table:
    """Records of one attribute."""

    name: str
    keys: tuple[JsonValue, ...]
    """What each record lies under, or what its own id field holds; None where neither is there."""
    records: tuple[JsonObject, ...]
    looked_up: dict[tuple[type, ...], list[str]] | None = field(default=None, repr=False)
    """What `of_type` returned, while that does not change; None while it may."""

    @cached_property
    def kind(self) -> str:
        return singular(self.name)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of its kind, the last one first: `item`, `order` for `order_items`."""
        return tuple(reversed(self.kind.split("_")))

    @property
    def is_of_people(self) -> bool:
        """Say whether its records are people."""
        return self.words[0] in PEOPLE

    def key_of(self, record: JsonObject) -> JsonValue:
        """Return what one of the records is called by."""
        found = zip(self.keys, self.records, strict=True)
        return next(key for key, one in found if one is record)

    def fields(self) -> list[str]:
        """Return the names of all fields, each once."""
        return [*dict.fromkeys(name for record in self.records for name in record)]

    def values(self, name: str) -> list[JsonValue]:
        """Return what a field holds, where it holds anything."""
        return [record[name] for record in self.records if record.get(name) not in (None, "")]

    def of_type(self, *types: type) -> list[str]:
        """Return the fields that hold nothing but values of some types."""
        if self.looked_up is None:
            return self._of_type(types)
        if types not in self.looked_up:
            self.looked_up[types] = self._of_type(types)
        return self.looked_up[types]

    def _of_type(self, types: tuple[type, ...]) -> list[str]:
        found: dict[str, bool] = {}
        for record in self.records:
            for name, value in record.items():
                if value is not None and value != "" and found.get(name, True):
                    found[name] = isinstance(value, types) and not isinstance(value, bool)
        return [name for name in self.fields() if found.get(name)]


@dataclass(eq=False)
class Records:
    """All records of a state.

    Args:
        state: It is changed.
        hints: What the class tells about its values.
        vocabulary: Words, and chance where it is all the same.
        now: When the state begins.
    """

    state: JsonObject
    hints: Hints
    vocabulary: Vocabulary
    now: datetime

    def __post_init__(self) -> None:
        self.chance = self.vocabulary.chance
        self.field = self.vocabulary.field
        found = (_table(name, value) for name, value in self.state.items())
        tables = [table for table in found if table is not None]
        ids = {key for table in tables for key in table.keys if isinstance(key, str)}
        # What has ids of others for its fields is no record, but says something of each of them.
        self.tables = tuple(table for table in tables if not {*table.fields()} <= ids)
        self._homes: dict[JsonValue, Table] = {}
        self._looked_up: dict[tuple[str, str], dict[str, Table]] | None = None
        for table in self.tables:
            for key in table.keys:
                if isinstance(key, str | int):
                    self._homes.setdefault(key, table)

    def home_of(self, value: JsonValue) -> Table | None:
        """Return the table that has a record of an id."""
        return self._homes.get(value) if isinstance(value, str) and value else None

    def record(self, key: JsonValue) -> JsonObject:
        """Return the record of an id that is there."""
        home = self._homes[key]
        return home.records[home.keys.index(key)]

    def references(self, table: Table) -> dict[str, Table]:
        """Return the fields of a table that refer to records, and where these are."""
        return self._once(table, "references", self._references)

    def _once(
        self, table: Table, what: str, look_up: Callable[[Table], dict[str, Table]]
    ) -> dict[str, Table]:
        """Look something up, but once while it does not change."""
        if self._looked_up is None:
            return look_up(table)
        key = (table.name, what)
        if key not in self._looked_up:
            self._looked_up[key] = look_up(table)
        return self._looked_up[key]

    def _references(self, table: Table) -> dict[str, Table]:
        found: dict[str, Table] = {}
        for name in table.of_type(str):
            values = table.values(name)
            home = self.home_of(values[0])
            if home is None or not all(self.home_of(value) is home for value in values):
                continue
            if home is not table or values != [*table.keys]:
                found[name] = home
        return found

    @contextmanager
    def still(self) -> Generator[None]:
        """Look up once what does not change meanwhile: types of fields, and what they refer to."""
        if self._looked_up is not None:
            yield
            return
        self._looked_up = {}
        for table in self.tables:
            table.looked_up = {}
        try:
            yield
        finally:
            self._looked_up = None
            for table in self.tables:
                table.looked_up = None

    def lists(self, table: Table) -> dict[str, Table]:
        """Return the fields that hold lists of ids, and where these records are."""
        return self._once(table, "lists", self._lists)

    def _lists(self, table: Table) -> dict[str, Table]:
        found: dict[str, Table] = {}
        for name in table.fields():
            items = [one for value in table.values(name) for one in items_of(value) or ()]
            home = self.home_of(items[0]) if items else None
            if home is not None and all(self.home_of(one) is home for one in items):
                found[name] = home
        return found

    def children(self, parent: Table) -> Iterator[tuple[Table, str]]:
        """Yield the tables whose records refer to those of a table, and by which field."""
        for table in self.tables:
            for name, home in self.references(table).items():
                if home is parent and table is not parent:
                    yield table, name

    def belonging(self, child: Table, name: str) -> Mapping[JsonValue, list[JsonObject]]:
        """Return the records that refer to each id by a field."""
        found: dict[JsonValue, list[JsonObject]] = {}
        for record in child.records:
            found.setdefault(cast("str", record.get(name)), []).append(record)
        return found

    def in_order(self) -> Sequence[Table]:
        """Return the tables, each after those that it refers to, as far as that is possible."""
        needs = {
            table.name: {home.name for home in self.references(table).values()} - {table.name}
            for table in self.tables
        }
        done: list[Table] = []
        left = [*self.tables]
        for _ in range(_MOST_ROUNDS):
            names = {table.name for table in left}
            ready = [table for table in left if not needs[table.name] & names] or left[:1]
            done += ready
            left = [table for table in left if table not in ready]
        return done + left

    def words_of(self, name: str) -> list[str]:
        """Return the words that the class uses for a field of that name, if any."""
        found = [one for one in self.hints.words_for(name) if isinstance(one, str) and one]
        return [one for one in found if not self._is_name(one, name)]

    def _is_name(self, word: str, name: str) -> bool:
        """Say whether a word is but the name of the field, or of another one."""
        fields = {one for record in self.hints.records.values() for one in record}
        is_cut = name.startswith(word) and word not in name.split("_")
        return word in fields or is_cut or word.startswith(name)

    def own_words_of(self, table: Table, name: str) -> list[str]:
        """Return the words that are told of a field of these records, and of no other ones."""
        fields = self.hints.record_for(table.name)
        record = next((one for one, each in self.hints.records.items() if each is fields), "")
        notes = self.hints.notes
        note = notes.get(f"{record}.{name}", notes.get(name, ""))
        told: list[object] = [*quoted_words(note), *_listed(note)]
        told += self.hints.examples_for(fields, name)
        words = [one for one in told if isinstance(one, str) and one]
        return [*dict.fromkeys(one for one in words if not self._is_name(one, name))]

    def is_optional(self, table: Table, name: str) -> bool:
        """Say whether a field may be None."""
        return "Optional" in self.hints.record_for(table.name).get(name, "")


def _listed(note: str) -> list[str]:
    """Return the words of a note that is nothing but a list: `(active, pending, removed)`."""
    words = note.strip(" ().").split(", ")
    is_list = len(words) > 1 and all(re.fullmatch(r"[a-z][a-z_ -]{1,20}", one) for one in words)
    return words if is_list else []


def _table(name: str, value: JsonValue) -> Table | None:
    """Return the records of an attribute; None where it holds none."""
    pairs = pairs_of(value) if isinstance(value, dict) else None
    if pairs and all(is_record(item) for _, item in pairs):
        records = [cast("JsonObject", item) for _, item in pairs]
        return Table(name, tuple(key for key, _ in pairs), tuple(records))
    rows = _listed_records(value, pairs or [])
    return Table(name, tuple(_own_id(row, name) for row in rows), tuple(rows)) if rows else None


def _listed_records(value: JsonValue, pairs: list[tuple[JsonValue, JsonValue]]) -> list[JsonObject]:
    """Return records that lie in a list, or in lists under keys; nothing where others do, too."""
    inner = [one for _, item in pairs for one in items_of(item) or [None]]
    items = inner or (value if isinstance(value, list) else [])
    return [cast("JsonObject", item) for item in items] if all(map(is_record, items)) else []


def _own_id(record: JsonObject, name: str) -> JsonValue:
    """Return what a record in a list is called by; None where it has no id of its own."""
    return next(
        (record[one] for one in ("id", "_id", f"{singular(name)}_id") if one in record), None
    )
