"""Records beside those that they refer to: what a rule about two or three tables compares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.stated_rules.schema import Reference, Schema
from envscaler.check_env.stated_rules.tables import ABOVE, KEY, Row, Tables
from envscaler.environment.state.collections import items_of
from envscaler.environment.state.plurals import singular


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A field of a record, or of a record that it refers to."""

    via: str
    """The field that refers to it; empty for a field of the record itself."""
    name: str

    @property
    def shown(self) -> str:
        return f"{self.name} of its {singular(self.via)}" if self.via else self.name


@dataclass(frozen=True, slots=True)
class Joined:
    """A record with the fields of those that it refers to."""

    key: str
    cells: Mapping[Column, JsonValue]

    @property
    def own(self) -> dict[str, JsonValue]:
        """The fields of the record itself."""
        return {column.name: value for column, value in self.cells.items() if not column.via}


@dataclass(frozen=True)
class Frame:
    """Records of a table, each beside those that it refers to.

    Args:
        path: The table.
        links: Fields that refer to one record, or to none.
        several: A field that refers to several; then there is one row for each of them.
    """

    path: str
    links: tuple[Reference, ...]
    several: Reference | None = None

    def rows(self, tables: Tables) -> list[Joined]:
        """Return the rows in a state, read once."""
        known = tables.joined.get((self.path, self.several.name if self.several else ""))
        if known is None:
            known = [*self._read(tables)]
            tables.joined[self.path, self.several.name if self.several else ""] = known
        return known

    def _read(self, tables: Tables) -> Iterator[Joined]:
        for row in tables.rows(self.path):
            cells = {Column("", name): value for name, value in row.fields.items()}
            for link in self.links:
                cells |= _cells(link, _found(tables, link, row.values(link.name)[:1]))
            if self.several is None:
                yield Joined(row.key, cells)
                continue
            for value in row.values(self.several.name):
                there = _cells(self.several, _found(tables, self.several, [value]))
                yield Joined(f"{row.key}, {value}", {**cells, **there})


def _found(tables: Tables, link: Reference, keys: list[str]) -> Row | None:
    return next((one for key in keys for one in tables.rows(link.target) if one.key == key), None)


def _cells(link: Reference, row: Row | None) -> dict[Column, JsonValue]:
    if row is None:
        return {}
    return {Column(link.name, name): value for name, value in row.fields.items()}


def frames_of(schema: Schema) -> Iterator[Frame]:
    """Yield the frames of all tables of records."""
    for path, table in schema.tables.items():
        if table.kind != "records":
            continue
        links = [*_links(schema, path)]
        one = tuple(link for link in links if not _has_several(schema, link))
        yield Frame(path, one)
        yield from (Frame(path, one, link) for link in links if link not in one)


def _links(schema: Schema, path: str) -> Iterator[Reference]:
    """Yield the references of a table, and what lies around its rows."""
    yield from (one for one in schema.references if one.path == path and one.name != KEY)
    around = path.rpartition(".*.")[0]
    if around in schema.tables and schema.tables[around].kind == "records":
        yield Reference(path, f"{ABOVE}{around.count('*')}", around)


def _has_several(schema: Schema, link: Reference) -> bool:
    held = (row.fields.get(link.name) for row in schema.rows(link.path))
    return any(isinstance(value, dict) or items_of(value) is not None for value in held)
