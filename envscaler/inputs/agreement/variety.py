"""No text stands twice in what is told of things of one kind, and no word in all of their records.

What a record says fits it already: another text is one that could have stood there as well.
"""

from collections.abc import Mapping
from functools import lru_cache

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import statuses
from envscaler.inputs.catalogue.catalogue import tables
from envscaler.inputs.sentences import FEES, POOLS
from envscaler.inputs.word_lists import WORDS

_USUAL = frozenset(("active", "valid", "expired", "open"))
"""Statuses into which a thing comes of itself."""
_LINES = frozenset(("charge", "line", "item", "entry", "fee", "position"))
_SORTS = frozenset(("type", "department", "role", "category", "visibility", "privacy", "method"))
"""Words of fields by which records of a kind are sorted."""


def settle_sorts(records: Records) -> None:
    """Let records be of several sorts, where the class knows some."""
    for table in records.tables:
        for name in table.of_type(str):
            _vary(records, table, name)


def settle_texts(records: Records) -> None:
    """Let texts differ from record to record, as far as there are others."""
    for table in records.tables:
        for name in table.of_type(str):
            _say_once(records, table, name)
            _charge_once(records, table, name)


def _about_status(records: Records, table: Table) -> tuple[list[str], list[str]]:
    """Return the fields that say what sort of thing was done, and the sorts about a status."""
    sorts = [name for name in table.of_type(str) if name.endswith("type")]
    return sorts, [one for name in sorts for one in records.words_of(name) if "status" in one]


def settle_histories(records: Records) -> None:
    """Let the last of what was done to a thing tell why that does not stand as usual.

    Statuses have to be settled before, texts after.
    """
    for table in records.tables:
        for field, home in records.references(table).items():
            sorts, about = _about_status(records, table)
            for key, found in records.belonging(table, field).items() if about else ():
                told = statuses(home, records.record(key)) if records.home_of(key) else set[str]()
                if told and not told & _USUAL:
                    found[-1][sorts[0]] = about[0]


def _vary(records: Records, table: Table, name: str) -> None:
    """Choose anew where all records have one word though the class knows more."""
    words = records.words_of(name)
    is_sort = bool(_SORTS & {*name.split("_")}) and not records.home_of(table.values(name)[0])
    if is_sort and len(words) > 1 and len({*map(str, table.values(name))}) == 1:
        for record in table.records:
            record[name] = records.chance.choice(words)


def _say_once(records: Records, table: Table, name: str) -> None:
    """Let no two records have one text in a field."""
    others, seen = _alternatives(), set[str]()
    for record in table.records:
        text = str(record.get(name))
        if text in seen and text in others:
            left = [one for one in others[text] if one not in seen]
            record[name] = text = records.chance.choice(left or [text])
        seen.add(text)


def _charge_once(records: Records, table: Table, name: str) -> None:
    """Let no two lines of one whole be for the same."""
    for field in records.references(table) if _LINES & {*table.words} else ():
        for found in records.belonging(table, field).values():
            seen = set[str]()
            for record in found:
                if record.get(name) in FEES and record[name] in seen:
                    left = [one for one in FEES if one not in seen]
                    record[name] = records.chance.choice(left or FEES)
                seen.add(str(record.get(name)))


@lru_cache(1)
def _alternatives() -> Mapping[str, tuple[str, ...]]:
    """Return what could stand in the place of each text that is known."""
    cells = (
        cell
        for table in tables()
        for thing in table.things
        for cell in thing.columns.values()
        if cell[0].endswith(".")
    )
    queries = WORDS[frozenset(("query", "params"))]
    return {text: told for told in (*cells, *POOLS, queries) for text in told}
