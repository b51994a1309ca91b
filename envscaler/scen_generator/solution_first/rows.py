"""Records that a state keeps in other forms: rows of columns, and flat stores of many kinds."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import inflection
from pydantic import JsonValue

from envscaler.environment.code.syntax import parse
from envscaler.environment.state.collections import (
    Collection,
    Key,
    items_of,
    pairs_of,
    record_of,
)
from envscaler.records import JsonObject

_KIND = re.compile(r"([a-z][a-z_]*)[:/#|.](\S.*)")
"""A key of a flat store: `household:12`."""
_LEAST_FLAT = 4
"""Keys of a flat store, at least."""
_LEAST_COLUMNS = 2
_KNOWN = 64
_NAME = re.compile(r"[a-z][a-z_]*")


def kept_otherwise(state: JsonObject, source: str) -> Iterator[Collection]:
    """Yield the records of a state that stand neither under their ids nor in lists.

    Args:
        state: As loaded, tagged.
        source: Of the class, which says what columns hold.
    """
    for name, value in state.items():
        yield from _in_flat_store(name, value)
        for path, table in ((name, value), *_tables(name, value)):
            rows = _table_of(table)
            columns = rows and _columns(path.rpartition(".")[2], rows.width, source)
            if rows and columns:
                yield rows.collection(path, columns)


def _tables(attribute: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Yield the tables of an attribute that holds all of them."""
    for name, part in pairs_of(value) or ():
        if isinstance(name, str) and _NAME.fullmatch(name):
            yield f"{attribute}.{name}", part


def _in_flat_store(attribute: str, value: JsonValue) -> Iterator[Collection]:
    """Yield the records of a store in which a key says of what kind a record is."""
    found: dict[str, dict[str, JsonObject]] = {}
    pairs = pairs_of(value) or ()
    for key, item in pairs:
        told, record = _KIND.fullmatch(str(key)), record_of(item)
        if told and record:
            found.setdefault(told[1], {})[told[2]] = record
    if sum(map(len, found.values())) >= max(_LEAST_FLAT, len(pairs) // 2):
        yield from (_of_kind(attribute, kind, records) for kind, records in found.items())


def _of_kind(attribute: str, kind: str, records: Mapping[str, JsonObject]) -> Collection:
    are_numbers = all(key.isdecimal() for key in records)
    ids: tuple[Key, ...] = tuple(int(key) if are_numbers else key for key in records)
    path = f"{attribute}.{inflection.pluralize(kind)}"
    return Collection(path, ids, tuple(records.values()), keyed=True)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of equal length, each with an id of its own."""

    ids: tuple[Key, ...]
    rows: tuple[Sequence[JsonValue], ...]
    keyed: bool

    @property
    def width(self) -> int:
        return len(self.rows[0])

    def collection(self, path: str, columns: Sequence[str]) -> Collection:
        """Return the rows as records."""
        records = tuple(dict(zip(columns, row, strict=False)) for row in self.rows)
        return Collection(path, self.ids, records, self.keyed)


def _table_of(value: JsonValue) -> _Table | None:
    """Read a table: a list of rows of which the first column is an id, or rows under their ids."""
    items = items_of(value)
    if items is not None:
        rows = _alike([*map(items_of, items)])
        ids = [row[0] for row in rows]
    else:
        pairs = [*(pairs_of(value) or ())]
        rows = _alike([items_of(row) for _, row in pairs])
        ids = [key for key, _ in pairs]
    keys = [key for key in ids if isinstance(key, str | int) and not isinstance(key, bool)]
    if not rows or not len(rows) == len({*map(repr, keys)}) == len(ids):
        return None
    return _Table(tuple(keys), tuple(rows), keyed=items is None)


def _alike(rows: Sequence[Sequence[JsonValue] | None]) -> list[Sequence[JsonValue]]:
    """Return rows where all are of one length, and have several columns; else none."""
    known = [row for row in rows if row is not None]
    widths = {*map(len, known)}
    is_whole = len(known) == len(rows) and len(widths) == 1
    return known if is_whole and min(widths) >= _LEAST_COLUMNS else []


def _columns(name: str, width: int, source: str) -> Sequence[str] | None:
    """Return what the columns of a table hold, as the source tells; None where it does not."""
    told = re.search(rf"\b{re.escape(name)}\b[^\[\n]{{0,40}}(?:\n\s*)?\[+([^\[\]]+)", source)
    found = [_word(each) for each in told[1].split(",")] if told else []
    found = [each for each in found if each]
    if _LEAST_COLUMNS <= len(found) <= width and len({*found}) == len(found):
        return found
    return next(
        (each for start, each in _numbered(source) if name[:1] == start and len(each) == width),
        None,
    )


def _word(said: str) -> str:
    """Return the name of a column: `club_number` for `club number (int) or 0`."""
    words = re.split(r"[(:;]| or | as | in ", said.strip().strip("`\"'").lower())[0].split()
    plain = [word for word in words if _NAME.fullmatch(word)]
    return "_".join(plain) if plain == words else ""


@lru_cache(_KNOWN)
def _numbered(source: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the first letters and names of columns: `P_NO, P_NAME = range(2)`."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(parse(source)):
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=names)], value=ast.Call(func=ast.Name(id="range"))
            ):
                told = [each.id.lower() for each in names if isinstance(each, ast.Name)]
                starts = {name.partition("_")[0] for name in told}
                if len(starts) == 1:
                    columns = (name.partition("_")[2] for name in told)
                    found.append((starts.pop(), tuple(columns)))
            case _:
                pass
    return tuple(found)
