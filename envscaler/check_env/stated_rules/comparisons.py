"""What can be compared between the fields of a joined record: order, sums, words, membership."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import permutations

from pydantic import JsonValue

from envscaler.check_env.stated_rules.frames import Column, Joined
from envscaler.check_env.stated_rules.spoken import speaks_of
from envscaler.environment.state.collections import items_of
from envscaler.environment.state.relation import comparable, is_more

_LEAST = 3
"""Rows that have to show a relation."""
_ORDER = re.compile(
    r"\b(within|least|most|exceed\w*|more|less|above|below|between|under|over|up to|enough|fits?|"
    r"limit\w*|reach\w*|before|after|later|earlier|not beyond|max\w*|min\w*)\b|[<>]"
)
_SUM = re.compile(r"\b(plus|sum|adds?|minus|less|difference|after|times|product|each|is)\b|=")
_APART = re.compile(r"\b(no|not|never|nobody|none|cannot|neither|nor|without|other|different)\b")
_SAME = re.compile(
    r"\b(same|own|only|equal\w*|match\w*|belongs?|is that|of its|of their|of theirs|of the)\b"
)
WORD = re.compile(
    r"\b(only|while|exactly|never|no|not|must|may|when|nobody|cannot|always|has to|is|are)\b"
)


@dataclass(frozen=True)
class Comparison:
    """Something that holds of some fields in the rows of a frame."""

    said: str
    columns: tuple[Column, ...]
    """All of which a sentence has to name."""
    cue: re.Pattern[str]
    """What a sentence about it sounds like."""
    holds: Callable[[Joined], bool]
    words: tuple[str, ...] = ()
    """Values that a sentence has to name, in place of the field that has them."""
    ordered: bool = False
    """The first is not more than the second, so that the sentence has to say it that way round."""


def comparisons_of(
    rows: Sequence[Joined], naming: frozenset[str] = frozenset()
) -> Iterator[Comparison]:
    """Yield what holds in all of some rows, and could be otherwise.

    Args:
        rows: Of a frame.
        naming: Fields that refer to records; they measure nothing.
    """
    if len(rows) < _LEAST:
        return
    columns = columns_of(rows)
    ordered = [one for one in columns if one.name not in naming and _is_measured(one, rows)]
    yield from _of_measures(ordered, rows)
    texts = [one for one in columns if _has_texts(one, rows)]
    for one, two in permutations(texts, 2):
        if not _are_linked(one, two):
            yield from _texts(one, two, rows)


def columns_of(rows: Sequence[Joined]) -> list[Column]:
    """Return what any of some rows has, each once, in order."""
    return [*dict.fromkeys(column for row in rows for column in row.cells)]


def _of_measures(columns: Sequence[Column], rows: Sequence[Joined]) -> Iterator[Comparison]:
    """Yield the orders and sums of fields that can be put in order."""
    for one, two in permutations(columns, 2):
        if _is_across(one, two):
            yield from _order(one, two, rows)
    for one, two, three in permutations(columns, 3):
        if _is_across(one, two, three):
            yield from _sum(one, two, three, rows)


def _are_linked(one: Column, two: Column) -> bool:
    """Say whether two columns are of one record, or one of them is the way to the other."""
    return one.via == two.via or one.name in {two.via, two.name} or two.name == one.via


def _is_across(*columns: Column) -> bool:
    """Say whether it takes this frame to compare them: not all are of one other record.

    Fields of two other records are only compared when they are of one name, or nearly.
    """
    vias = {column.via for column in columns}
    if len(vias) > 1 and "" not in vias:
        first, *others = (column.name for column in columns)
        return all(speaks_of(first, other) or speaks_of(other, first) for other in others)
    return len(vias) > 1 or vias == {""}


def _is_measured(column: Column, rows: Sequence[Joined]) -> bool:
    held = [row.cells.get(column) for row in rows]
    known = [one for one in held if one is not None]
    named = re.search(r"(^|_)(id|ids|no|number|key)$|above", column.name)
    return len(known) >= _LEAST and not named and all(comparable(one, one) for one in known)


def _order(one: Column, two: Column, rows: Sequence[Joined]) -> Iterator[Comparison]:
    """Yield that one field is never more than another."""

    def holds(row: Joined) -> bool:
        a, b = row.cells.get(one), row.cells.get(two)
        return not (comparable(a, b) and is_more(a, b))

    both = [(row.cells.get(one), row.cells.get(two)) for row in rows]
    known = [(a, b) for a, b in both if comparable(a, b)]
    if len(known) >= _LEAST and any(a != b for a, b in known) and all(map(holds, rows)):
        said = f"{one.shown} is not more than {two.shown}"
        yield Comparison(said, (one, two), _ORDER, holds, ordered=True)


def _sum(one: Column, two: Column, three: Column, rows: Sequence[Joined]) -> Iterator[Comparison]:
    """Yield that a number is the sum or the product of two others, or a day so many days later."""
    yield from _made_of(one, (two, three), rows, ("plus", _plus))
    if two <= three:
        yield from _made_of(one, (two, three), rows, ("times", _times))


def _made_of(
    one: Column,
    parts: tuple[Column, Column],
    rows: Sequence[Joined],
    way: tuple[str, Callable[[JsonValue, JsonValue], JsonValue]],
) -> Iterator[Comparison]:
    """Yield that a field is made of two others in some way."""
    (two, three), (sign, work) = parts, way

    def made(row: Joined) -> JsonValue:
        return work(row.cells.get(two), row.cells.get(three))

    def holds(row: Joined) -> bool:
        right, left = made(row), row.cells.get(one)
        return right is None or left is None or _equal(left, right)

    known = [row for row in rows if _tells(row, one, two, three)]
    varied = len({str(row.cells.get(one)) for row in known}) > 1
    if len(known) < _LEAST or not varied or made(known[0]) is None:
        return
    if all(map(holds, rows)):
        said = f"{one.shown} is {two.shown} {sign} {three.shown}"
        yield Comparison(said, (one, two, three), _SUM, holds)


def _tells(row: Joined, *columns: Column) -> bool:
    return all(row.cells.get(column) not in (None, 0) for column in columns)


def _equal(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-6
    return isinstance(one, str) and isinstance(other, str) and one.startswith(other)


def _plus(one: JsonValue, other: JsonValue) -> JsonValue:
    if isinstance(other, bool) or not isinstance(other, int | float):
        return None
    if isinstance(one, int | float):
        return one + other
    if isinstance(one, str) and isinstance(other, int) and abs(other) < 10**5:
        try:
            return (date.fromisoformat(one[:10]) + timedelta(days=other)).isoformat()
        except (ValueError, OverflowError):
            return None
    return None


def _times(one: JsonValue, other: JsonValue) -> JsonValue:
    fit = isinstance(one, int | float) and isinstance(other, int | float)
    return one * other if fit else None  # type: ignore[operator]  # both are numbers


def _has_texts(column: Column, rows: Sequence[Joined]) -> bool:
    held = [one for row in rows for one in texts_in(row.cells.get(column))]
    return len(held) >= _LEAST and len(set(held)) > 1


def texts_in(value: JsonValue) -> list[str]:
    """Return the texts of a field: one, or those of a list."""
    inner = items_of(value)
    held = inner if inner is not None else [value]
    return [one for one in held if isinstance(one, str) and one]


Texts = tuple[list[str], list[str]]
"""The texts that a row has in two fields."""


def _texts(one: Column, two: Column, rows: Sequence[Joined]) -> Iterator[Comparison]:
    """Yield that a text is always, or never, among others."""

    def both(row: Joined) -> Texts:
        return texts_in(row.cells.get(one)), texts_in(row.cells.get(two))

    known = [(left, right) for left, right in map(both, rows) if left and right]
    if len(known) < _LEAST or not _share_any(known):
        return

    def within(row: Joined) -> bool:
        left, right = both(row)
        return not left or not right or set(left) <= set(right)

    def apart(row: Joined) -> bool:
        left, right = both(row)
        return set(left).isdisjoint(right)

    if all(map(within, rows)):
        yield Comparison(f"{one.shown} is among {two.shown}", (one, two), _SAME, within)
    if one < two and all(map(apart, rows)):
        yield Comparison(f"{one.shown} and {two.shown} differ", (one, two), _APART, apart)


def _share_any(pairs: Sequence[Texts]) -> bool:
    """Say whether some text is on the left of any pair, and on the right of any."""
    lefts, rights = zip(*pairs, strict=True)
    return not set[str]().union(*lefts).isdisjoint(set[str]().union(*rights))


def words_together(
    rows: Sequence[Joined], status: Sequence[Column], condition: Column
) -> Iterator[tuple[JsonValue, Comparison]]:
    """Yield that where one field has a word, another one always has a certain word.

    Args:
        rows: Of a frame.
        status: Fields that say what state a record is in.
        condition: The field of the record itself whose word comes first.
    """
    firsts = sorted({*_words_in(condition, rows)}, key=str)
    for column in status:
        if column == condition or not column.via:
            continue
        for word in firsts:
            there = [row for row in rows if row.cells.get(condition) == word]
            words = _words_in(column, there)
            if len(words) > 1 and len({*words}) == 1:
                yield word, _always(column, words[0])


def _words_in(column: Column, rows: Sequence[Joined]) -> list[str | bool]:
    """Return the texts and flags of a field, row by row."""
    held = (row.cells.get(column) for row in rows)
    return [value for value in held if isinstance(value, str | bool)]


def _always(column: Column, word: JsonValue) -> Comparison:
    def holds(row: Joined) -> bool:
        return row.cells.get(column) in (word, None)

    spoken = () if isinstance(word, bool) else (str(word),)
    columns = (column,) if isinstance(word, bool) else ()
    return Comparison(f"{column.shown} is {word!r}", columns, WORD, holds, spoken)
