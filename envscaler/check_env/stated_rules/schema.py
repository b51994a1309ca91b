"""What the tables of some lawful states have in common: fields, references, words of states."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import (
    ABOVE,
    ITEMS,
    KEY,
    VALUE,
    Row,
    Table,
    Tables,
    number_in,
    scalars_in,
)
from envscaler.check_env.stated_rules.words import names, stem, stems
from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.plurals import singular

_FEW = 8
"""Words that a field has which says what state a record is in."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{1,22}")
_STATES = re.compile(
    r"status|state|stage|phase|condition|active|alive|open|closed|locked|available|broken|type|kind"
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table, or what a row is called by."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that holds keys of a table."""

    path: str
    name: str
    target: str


_OVER = re.compile(
    r"cancel|reject|declin|refus|done|complet|return|closed|finish|expired|no.show|ended|left"
    r"|terminat|inactive|revoked|released|refunded|void|lapsed|withdrawn|removed|resolved|served"
    r"|archived|deleted|missed|paid|accepted|fulfilled|over"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a table count: those of which a field is one of some values."""

    name: str
    values: tuple[JsonValue, ...]
    told: bool = True
    """The sentence names the values; else those count that do not sound as if they were over."""

    def takes(self, row: Row) -> bool:
        value = row.fields.get(self.name)
        if self.told:
            return value in self.values
        return not (isinstance(value, str) and _OVER.search(value.lower()))


@dataclass(frozen=True)
class Schema:
    """Tables of lawful states, seen together."""

    states: tuple[Tables, ...]
    words_of_source: frozenset[str]
    """Names that may be fields."""
    hints: Hints | None = None
    """What the source says about values."""

    @cached_property
    def tables(self) -> dict[str, Table]:
        """One table of each path, which names it."""
        return {path: table for state in self.states for path, table in state.tables.items()}

    def rows(self, path: str) -> Iterator[Row]:
        for state in self.states:
            yield from state.rows(path)

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """The fields of each table."""
        return {
            path: [*dict.fromkeys(name for row in self.rows(path) for name in row.fields)]
            for path in self.tables
        }

    @cached_property
    def numbers(self) -> dict[str, list[str]]:
        """The fields of each table that are numbers, or hold numbers by key, in every row."""
        return {
            path: [name for name in fields if self._is_number(path, name)]
            for path, fields in self.fields.items()
        }

    def _is_number(self, path: str, name: str) -> bool:
        held = [row.fields.get(name) for row in self.rows(path)]
        known = [number_in(value) for value in held if value not in (None, {}, [])]
        return bool(known) and None not in known and not name.endswith(("_id", "_no"))

    def refers(self, path: str, name: str) -> bool:
        """Say whether a field holds keys of a table."""
        return any((one.path, one.name) == (path, name) for one in self.references)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Fields of which all values are keys of one table."""
        return tuple(one for path in self.tables for one in self._references_of(path))

    @cached_property
    def naming(self) -> frozenset[str]:
        """The names of fields that refer to records."""
        return frozenset(one.name for one in self.references)

    def _references_of(self, path: str) -> Iterator[Reference]:
        own = self._own(path)
        keys = [KEY] if self.tables[path].kind in {"lists", "values"} else []
        for name in [*keys, *self.fields[path]]:
            if name == VALUE and self._is_number(path, name):
                continue
            targets = self._meant(path, name, is_own=name in own)
            if targets and not (path in targets and name in own):
                yield Reference(path, name, targets[0])

    def _meant(self, path: str, name: str, *, is_own: bool) -> list[str]:
        """List the tables that a field refers to: those it is called by, or the only one."""
        found = self._targets(path, name, self._held(path, name))
        named = [one for one in found if self._same_noun(name, one)]
        if not named and not is_own and self._has_several_texts(path, name):
            return self._only(found)
        return named

    def _held(self, path: str, name: str) -> list[tuple[Tables, str]]:
        """List the values of a field, each with the state that has it."""
        both = ("0", "1") if self.tables[path].kind == "pairs" else (name,)
        return [
            (state, value)
            for state in self.states
            for row in state.rows(path)
            for each in both
            for value in row.values(each)
        ]

    def _only(self, found: list[str]) -> list[str]:
        """Return the one table that may be meant, if there is one: of all, or of records."""
        records = [one for one in found if self.tables[one].kind == "records"]
        return found if len(found) == 1 else records if len(records) == 1 else []

    def _targets(self, path: str, name: str, held: Sequence[tuple[Tables, str]]) -> list[str]:
        """List the tables that have all values of a field as keys."""
        return [
            other
            for other in self.tables
            if held
            and self._may_target(path, name, other)
            and all(value in state.keys(other) for state, value in held)
        ]

    def _may_target(self, path: str, name: str, other: str) -> bool:
        """Say whether a field may refer to a table: another one, not inside nor around its own."""
        if self.tables[other].kind not in {"records", "names", "values"}:
            return False
        inside = other.startswith(f"{path}.*") or (other == path and name == KEY)
        return not inside and not (path.startswith(f"{other}.*") and name.startswith(ABOVE))

    def _has_several_texts(self, path: str, name: str) -> bool:
        """Say whether a field holds different texts, not whole numbers, which many things have."""
        if len({value for _, value in self._held(path, name)}) < 2:
            return False
        if name == KEY:
            return any(not row.key.isdigit() for row in self.rows(path))
        held = [scalars_in(row.fields.get(name)) for row in self.rows(path)]
        return all(isinstance(value, str) for values in held for value in values)

    def _own(self, path: str) -> set[str]:
        """Name the fields that repeat what a row is called by."""
        rows = [*self.rows(path)]
        return {
            name
            for name in self.fields[path]
            if rows and all(row.values(name) == [row.key] for row in rows)
        }

    def _same_noun(self, name: str, path: str) -> bool:
        own = stems(singular(re.sub(r"_(id|ids|no|number|code|key)$", "", name)))
        return bool(own) and stems(self.tables[path].name) <= own

    @cached_property
    def words(self) -> dict[str, dict[str, set[JsonValue]]]:
        """Table → field that says what state a row is in → its values."""
        found: dict[str, dict[str, set[JsonValue]]] = {}
        for path, fields in self.fields.items():
            for name in fields:
                held = self._plain_values(path, name)
                if held and _tells_state(name, held):
                    found.setdefault(path, {})[name] = held
        return found

    def _plain_values(self, path: str, name: str) -> set[JsonValue]:
        """Return what a field has that is neither a dict nor a list."""
        values = (row.fields.get(name) for row in self.rows(path))
        return {value for value in values if not isinstance(value, dict | list)}

    def _hinted(self, name: str) -> set[JsonValue]:
        """Return the words that the source has for a field, which no state may show."""
        words = self.hints.words_for(name) if self.hints is not None else ()
        return {word for word in words if isinstance(word, str) and _WORD.fullmatch(word)}

    def filter_of(
        self, path: str, one: Statement, besides: frozenset[str] = frozenset()
    ) -> Filter | None:
        """Return which rows a sentence speaks of, by words of a status that it has.

        Args:
            path: The table.
            one: The sentence.
            besides: Words that are not meant so.
        """
        spoken = {stem(word) for word in one.tokens if word not in besides}
        for name, held in self.words.get(path, {}).items():
            values = self._spoken_values(name, held, one, spoken)
            if values:
                return Filter(name, values)
        return None

    def _spoken_values(
        self, name: str, held: set[JsonValue], one: Statement, spoken: set[str]
    ) -> tuple[JsonValue, ...]:
        """Return the words of a field that a sentence has, if not all; a flag has to be named."""
        if is_flag(held):
            named = name in one.tokens or (len(name) > 3 and stem(name) in spoken)
            return (True,) if named else ()
        known = held | self._hinted(name)
        texts = sorted(value for value in known if isinstance(value, str))
        said = tuple(text for text in texts if spoken.issuperset(map(stem, words_of(text))))
        return said if len(said) < max(2, len(known)) else ()

    def filter_for(
        self, path: str, one: Statement, besides: frozenset[str] = frozenset()
    ) -> Filter | None:
        """Return which rows count: those that a sentence names, else those that are not over."""
        found = self.filter_of(path, one, besides)
        status = [
            name
            for name, held in self.words.get(path, {}).items()
            if not any(isinstance(value, bool) for value in held)
        ]
        return found or (Filter(status[0], (), told=False) if status else None)

    def choose(self, name: str, paths: set[str]) -> list[str]:
        """Return the table that a parameter names, of those that fit: by its noun, else if one."""
        known = [path for path in sorted(paths) if path in self.tables]
        records = [path for path in known if self.tables[path].kind == "records"]
        named = [path for path in records if self._same_noun(name, path)]
        return named[:1] or (records if len(records) == 1 else [])

    def is_named(self, path: str, said: frozenset[str]) -> bool:
        """Say whether a sentence speaks of the rows of a table."""
        return names(self.tables[path].name, said)

    def is_told(self, path: str, name: str, said: frozenset[str]) -> bool:
        """Say whether a sentence speaks of a field, or of what it refers to."""
        if name.startswith(ABOVE):
            return name == f"{ABOVE}0" and names(singular(path.split(".")[0]), said)
        if name in {KEY, VALUE, ITEMS}:
            return self.is_named(path, said)
        if names(name, said):
            return True
        return any(
            self.is_named(one.target, said) or names(singular(name), said)
            for one in self.references
            if (one.path, one.name) == (path, name)
        )


def is_flag(held: Iterable[JsonValue]) -> bool:
    """Say whether all values of a field are True or False."""
    return all(isinstance(value, bool) for value in held)


def _tells_state(name: str, held: set[JsonValue]) -> bool:
    """Say whether a field is a flag, or has a few words and sounds as if it told a state."""
    if is_flag(held):
        return True
    if len(held) > _FEW or not _STATES.search(name):
        return False
    return all(isinstance(value, str) and _WORD.fullmatch(value) for value in held)


def words_of(value: str) -> list[str]:
    """Return the words of a value such as `on_loan`."""
    return re.findall(r"[a-z]+", value.lower())
