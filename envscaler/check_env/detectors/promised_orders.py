"""Rows in another order than the description promises."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import groupby, pairwise

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, Reproduces
from envscaler.check_env.detectors.listings import listed_ids, listed_path, records_of, rows_in
from envscaler.check_env.detectors.stated_orders import (
    StatedOrder,
    StatedTie,
    stated_columns,
    stated_order,
    stated_ties,
)
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.words import stem
from envscaler.environment.state.collections import items_of, pairs_of, record_of, values_held
from envscaler.environment.state.relation import comparable, is_number
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject, Tool

_MOST_ASKED = 30
_ENOUGH = 2
_FLAG_FIRST = re.compile(r"\b(\w+) (?:ones|rows|records|items|entries) (?:come )?first\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")
_BETWEEN = re.compile(r"\s*[|;\t]\s*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
Row = JsonObject
"""The cells of a row, and the fields of the record that it is about, by name."""


async def promised_orders(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that rows are turned round, or that equal rows are not as they should be."""
    for claim in flags_first(explorer):
        yield claim
    for name, tool in explorer.stage.subject.tools.items():
        order = stated_order(tool.description)
        if order is None or explorer.ledger.changing.get(name):
            continue
        claim = _disordered(explorer, tool, order) or await _where_equal(explorer, tool, order)
        if claim is not None:
            yield claim


def _disordered(explorer: Explorer, tool: Tool, order: StatedOrder) -> CandidateFinding | None:
    """Claim that the rows of a tool are not in the order that its description states."""
    asked = sorted(explorer.ledger.idle.get(tool.name, ()), key=lambda one: len(one.history))
    path, columns = listed_path(explorer, tool.name), stated_columns(tool.description)
    read = ((seen, table(seen, path, columns)) for seen in asked[:_MOST_ASKED])
    tables = [(seen, rows) for seen, rows in read if len(rows) > 1]
    claim = None if order.named else _turned(order, tables, path, columns)
    claim = claim or _unsorted(order, tables, path, columns)
    if claim is not None:
        return claim
    ties = stated_ties(tool.description)
    untied = (_untied(order, tie, tables, path, columns) for tie in ties)
    return next(filter(None, untied), None)


async def _where_equal(
    explorer: Explorer, tool: Tool, order: StatedOrder
) -> CandidateFinding | None:
    """Claim that rows which are made equal in what they are sorted by are in another order."""
    about = listed_path(explorer, tool.name), stated_columns(tool.description)
    ties = stated_ties(tool.description)
    asked = [one for one in explorer.ledger.idle.get(tool.name, ()) if not one.history]
    read = [(seen, table(seen, *about)) for seen in asked[:_MOST_ASKED]]
    if len(ties) != 1 or not read:
        return None
    seen, rows = max(read, key=lambda one: len(one[1]))
    if len(rows) < _ENOUGH:
        return None
    given = explorer.stage.given_of(seen.start, seen.before)
    for name in _candidates(order, rows):
        for state in _made_equal(given, name):
            again = await explorer.stage.repeat(state, seen.call)
            if again is not None and _is_untied(table(again, *about), name, ties[0]):
                explorer.stage.add(state)
                return _equal_claim(again, ties[0], about, name)
    return None


def _is_untied(rows: Sequence[Row], name: str, tie: StatedTie) -> bool:
    """Say whether rows are all equal in a column, and run against what decides then."""
    alike = len({str(row.get(name)) for row in rows}) == 1
    return alike and len(rows) >= _ENOUGH and _against(rows, tie)


def _equal_claim(
    seen: CallRecord, tie: StatedTie, about: tuple[str, Sequence[str]], name: str
) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return _is_untied(table(replay[-1], *about), name, tie)

    said = (
        f"Its description says {tie.words!r}; where all have the same {name}, it is another order"
    )
    return _claim(seen, said, shows)


def _made_equal(state: JsonObject, name: str) -> Iterator[JsonObject]:
    """Yield states in which all records of a collection hold the same number in a field."""
    for attribute, value in state.items():
        held = [one for one in values_held({attribute: value, "": None}, name) if is_number(one)]
        if len(held) >= _ENOUGH:
            yield {**state, attribute: _with_all(value, name, max(held))}


def _with_all(value: JsonValue, name: str, number: float) -> JsonValue:
    """Return a value with a number in every field of a name."""
    if isinstance(value, list):
        return [_with_all(one, name, number) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: number if key == name and is_number(one) else _with_all(one, name, number)
        for key, one in value.items()
    }


def flags_first(explorer: Explorer) -> Iterator[CandidateFinding]:
    """Claim that rows with a flag come last, where the description says `urgent ones first`."""
    for name, tool in explorer.stage.subject.tools.items():
        said = _FLAG_FIRST.search(tool.description.lower())
        if said is None or explorer.ledger.changing.get(name):
            continue
        path, flag = listed_path(explorer, name), said[1]

        def turned(seen: CallRecord, path: str = path, flag: str = flag) -> bool:
            held = _flags(table(seen, path, ()), flag)
            return held != sorted(held, reverse=True)

        wrong = next(filter(turned, explorer.ledger.idle.get(name, ())[:_MOST_ASKED]), None)
        if wrong is not None:

            async def shows(
                replay: Sequence[CallRecord], turned: Callable[[CallRecord], bool] = turned
            ) -> bool:
                return turned(replay[-1])

            yield _claim(wrong, f"Its description says {said[0]!r}, and others come first", shows)


def _flags(rows: Sequence[Row], name: str) -> list[bool]:
    """Return what rows have in the flag that a description names in its own words."""
    return [
        value
        for row in rows
        for field, value in row.items()
        if isinstance(value, bool) and stem(field) == stem(name)
    ]


def table(seen: CallRecord, path: str, columns: Sequence[str]) -> list[Row]:
    """Return the rows of an answer with names for their cells."""
    rows = rows_in(seen.value) or _rows_of_lines(seen.value)
    ids = listed_ids(seen, path) if path else None
    known = records_of(seen.before).get(path, {})
    found: list[Row] = []
    for place, row in enumerate(rows):
        fields = _cells(row, columns)
        own = ids[place] if ids else None
        record = known[own] if own is not None else {}
        one: Row = {**_sizes(record), **(record if fields is None else fields)}
        found.append({**one, "id": own} if own is not None else one)
    return found


def _rows_of_lines(value: JsonValue) -> list[JsonValue]:
    """Return the lines of a text as rows, where most have as many cells as the first."""
    lines = value.split("\n") if isinstance(value, str) else []
    cells = [[_number_in(cell) for cell in _BETWEEN.split(line)] for line in lines]
    return [[*row] for row in cells if len(row) == len(cells[0]) > 1]


def _number_in(text: str) -> str | float:
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else text


def _cells(row: JsonValue, columns: Sequence[str]) -> JsonObject | None:
    """Return the cells of a row by name, or by place; None for a row that has none."""
    cells = items_of(row)
    if cells is None:
        return record_of(row)
    named = columns if len(columns) == len(cells) else [*map(str, range(len(cells)))]
    return dict(zip(named, cells, strict=True))


_OPEN = re.compile(r"(most|least|best)\b")
"""What is meant by the most urgent, only a column of that name tells."""
_SIZE = "how many "


def _sizes(record: JsonObject) -> Row:
    """Return how many things each list, or dict, of a record holds."""
    held = {name: value for name, value in record.items() if isinstance(value, dict | list)}
    return {
        f"{_SIZE}{name}": len(pairs_of(value) or items_of(value) or ())
        for name, value in held.items()
    }


def _candidates(order: StatedOrder, rows: Sequence[Row]) -> list[str]:
    """Name the columns that an order may be about: numbers, or dates."""
    names = [name for name in rows[0] if _fits(order, rows, name)]
    meant = [
        name
        for name in names
        if order.noun and (order.noun.rstrip("s") in name or name.startswith(_SIZE))
    ]
    return meant or ([] if order.noun and _OPEN.match(order.words) else names)


def _fits(order: StatedOrder, rows: Sequence[Row], name: str) -> bool:
    """Say whether a column has what an order may be about: numbers, or dates, throughout."""
    if name.endswith("id"):
        return False
    if name.startswith(_SIZE) and stem(name.removeprefix(_SIZE)) != stem(order.noun):
        return False
    held = [row.get(name) for row in rows]
    return all(comparable(one, one) and isinstance(one, str) == order.of_time for one in held)


def direction(rows: Sequence[Row], name: str) -> tuple[bool, bool]:
    """Say whether a column rises somewhere, and whether it falls."""
    steps = [(one.get(name), two.get(name)) for one, two in pairwise(rows)]
    known = [(one, two) for one, two in steps if comparable(one, two)]
    return (
        any(one < two for one, two in known),  # type: ignore[operator]
        any(one > two for one, two in known),  # type: ignore[operator]
    )


Tables = Sequence[tuple[CallRecord, list[Row]]]


def _all_candidates(order: StatedOrder, tables: Tables) -> set[str]:
    """Name the columns of any of the answers that an order may be about."""
    return {name for _, rows in tables for name in _candidates(order, rows)}


def _turned(
    order: StatedOrder, tables: Tables, path: str, columns: Sequence[str]
) -> CandidateFinding | None:
    """Claim that the only column which may be meant runs the other way in all answers."""
    names = _all_candidates(order, tables)
    if len(names) != 1:
        return None
    [name] = names
    values = {str(row.get(name)) for _, rows in tables for row in rows}
    if len(values) <= _ENOUGH or _directions(tables, name) != {not order.down}:
        return None
    seen = next(seen for seen, rows in tables if any(direction(rows, name)))

    async def shows(replay: Sequence[CallRecord]) -> bool:
        rises, falls = direction(table(replay[-1], path, columns), name)
        return (rises and not falls) if order.down else (falls and not rises)

    way = "smallest" if order.down else "largest"
    said = f"Its description says {order.words!r}, and the rows begin with the {way} {name}"
    return _claim(seen, f"{said}, in all answers", shows)


def _unsorted(
    order: StatedOrder, tables: Tables, path: str, columns: Sequence[str]
) -> CandidateFinding | None:
    """Claim that rows are not sorted by the column that the description names."""
    name = order.noun
    broken = [seen for seen, rows in tables if name and runs_against(rows, name, order)]
    if not broken:
        return None

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return runs_against(table(replay[-1], path, columns), name, order)

    said = f"Its description says {order.words!r}, and the rows are not sorted by {name}"
    return _claim(broken[0], said, shows)


def runs_against(rows: Sequence[Row], name: str, order: StatedOrder) -> bool:
    """Say whether numbers, dates or times of day of a column run against an order."""
    held = [row.get(name) for row in rows]
    if not _are_of_one_kind(held):
        return False
    rising = held[::-1] if order.down else held
    return any(one > two for one, two in pairwise(rising))  # type: ignore[operator]  # of one kind


def _are_of_one_kind(values: Sequence[JsonValue]) -> bool:
    """Say whether values are all numbers, or all dates or times of day."""
    times = all(isinstance(one, str) and _TIME.match(one) for one in values)
    return times or all(is_number(one) for one in values)


def _directions(tables: Tables, name: str) -> set[bool]:
    """Return the ways that a column runs in: True for falling."""
    found: set[bool] = set()
    for _, rows in tables:
        rises, falls = direction(rows, name)
        found |= ({False} if rises else set()) | ({True} if falls else set())
    return found


def _untied(
    order: StatedOrder, tie: StatedTie, tables: Tables, path: str, columns: Sequence[str]
) -> CandidateFinding | None:
    """Claim that rows which are equal in what they are sorted by are not in the order stated."""
    candidates = _all_candidates(order, tables)
    names = [name for name in candidates if _directions(tables, name) == {order.down}]
    if len(names) != 1:
        return None

    def broken(rows: Sequence[Row]) -> bool:
        return any(_against(group, tie) for group in _equal(rows, names[0], tie, columns))

    seen = next((seen for seen, rows in tables if broken(rows)), None)
    if seen is None:
        return None

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return broken(table(replay[-1], path, columns))

    said = f"Its description says {tie.words!r}; rows with equal {names[0]} are in another order"
    return _claim(seen, said, shows)


def _equal(
    rows: Sequence[Row], name: str, tie: StatedTie, columns: Sequence[str]
) -> Iterator[list[Row]]:
    """Yield the runs of rows that are equal in all that comes before a tie."""
    before = [name]
    if tie.column in columns:
        before += [one for one in columns[: columns.index(tie.column)] if one != columns[0]]
    for _, group in groupby(rows, lambda row: [row.get(one) for one in before]):
        yield [*group]


def _against(rows: Sequence[Row], tie: StatedTie) -> bool:
    """Say whether rows run against what decides between them."""
    held = [_held(row, tie.column) for row in rows]
    if None in held:
        return False
    numbers = [value for value in held if isinstance(value, int | float)]
    if len(numbers) == len(held):
        return numbers != sorted(numbers, reverse=tie.down)
    return all(way != sorted(way, reverse=tie.down) for way in _as_texts(held))


def _as_texts(held: Sequence[JsonValue]) -> tuple[list[str], ...]:
    """Return the texts by which rows may be sorted: in any case, with digits counted, as is."""
    plain = [str(value) for value in held]
    texts = [text.casefold() for text in plain]
    counted = [re.sub(r"\d+", lambda digits: digits[0].zfill(12), text) for text in texts]
    return texts, counted, plain


def _held(row: Row, column: str) -> JsonValue:
    """Return what a row has in a column that a description names in its own words."""
    if column in row:
        return row[column]
    return next((value for name, value in row.items() if name.endswith(f"_{column}")), None)


def _claim(seen: CallRecord, said: str, shows: Reproduces) -> CandidateFinding:
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, seen.sequence, shows, severity="possible")
