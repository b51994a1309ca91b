"""What a call changed, with the entries of lists by their ids, not by where they stand."""

from collections.abc import Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import is_tag, record_of
from envscaler.environment.state.difference import StateDiff, diff
from envscaler.prompt_text import VALUE_CHARS, cut, difference_lines
from envscaler.records import JsonObject
from envscaler.skel_builder.predicate_prompts import plain

_ORDER = "(order)"
"""Under what the order of a list is told, where entries that stay have changed places."""
_OWN = ("id", "_id", "uid", "no", "nr")
_ENDS = ("_id", "id", "_no", "_number", "number", "_code", "code", "_key", "key", "sku", "name")
"""How fields end that may tell entries apart, the likeliest first."""


def changes_by_id(before: JsonObject, after: JsonObject) -> StateDiff:
    """Compare two states; of a list of records each is named by its id: `loans["id=7"].due`."""
    return diff(*_named(before, after))


def change_lines(before: JsonObject, after: JsonObject) -> tuple[str, ...]:
    """Write one line for each difference of two states."""
    return difference_lines(changes_by_id(before, after), _written)


def _written(value: JsonValue) -> str:
    return cut(plain(value), VALUE_CHARS)


def _named(old: JsonValue, new: JsonValue) -> tuple[JsonValue, JsonValue]:
    """Write lists inside two values as dicts by ids, where their entries have such."""
    if old == new:
        return old, new
    if isinstance(old, list) and isinstance(new, list):
        return _named_lists(old, new)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old, new
    if is_tag(old) or is_tag(new):
        return _named_tags(old, new)
    return _named_fields(old, new)


def _named_fields(old: JsonObject, new: JsonObject) -> tuple[JsonObject, JsonObject]:
    olds, news = dict(old), dict(new)
    for key in old.keys() & new.keys():
        olds[key], news[key] = _named(old[key], new[key])
    return olds, news


def _named_tags(old: JsonObject, new: JsonObject) -> tuple[JsonValue, JsonValue]:
    match old, new:
        case {"$dataclass": [str(name), dict(fields)]}, {"$dataclass": [_, dict(others)]}:
            olds, news = _named_fields(fields, others)
            return {"$dataclass": [name, olds]}, {"$dataclass": [name, news]}
        case _:
            return old, new


def _named_lists(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> tuple[JsonValue, JsonValue]:
    field = telling_field(old, new)
    if not field:
        return [*old], [*new]
    olds, news = _by_id(old, field), _by_id(new, field)
    stay = olds.keys() & news.keys()
    before: JsonObject = dict(olds)
    after: JsonObject = dict(news)
    for key in stay:
        before[key], after[key] = _named(olds[key], news[key])
    orders = [[key for key in one if key in stay] for one in (olds, news)]
    if orders[0] != orders[1]:
        before[_ORDER], after[_ORDER] = (", ".join(one) for one in orders)
    return before, after


def _by_id(entries: Sequence[JsonValue], field: str) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for entry in entries:
        name = f"{field}={(record_of(entry) or {})[field]}"
        copies = sum(one == name or one.startswith(f"{name} #") for one in found)
        found[f"{name} #{copies + 1}" if copies else name] = entry
    return found


def telling_field(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> str:
    """Name the field that tells the entries of a list apart; empty where none does."""
    records = [*map(record_of, (*old, *new))]
    rows = [one for one in records if one is not None]
    if not rows or len(rows) < len(records):
        return ""
    held = rows[: len(old)] or rows
    names = [name for name in rows[0] if _tells_apart(name, held, rows)]
    likely = [*(name for name in _OWN if name in names)]
    likely += [name for end in _ENDS for name in names if name.lower().endswith(end)]
    return next(iter(likely), "")


def _tells_apart(name: str, held: Sequence[JsonObject], rows: Sequence[JsonObject]) -> bool:
    """Say whether all rows have a field, and those of before each another value in it."""
    values = [row.get(name) for row in rows]
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
        return False
    return len({str(row[name]) for row in held}) == len(held)
