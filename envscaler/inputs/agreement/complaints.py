"""What people complain about: each thing once, and few of the things that somebody has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.word_lists import PEOPLE
from envscaler.records import JsonObject

_COMPLAINTS = frozenset(("dispute", "complaint", "claim", "appeal"))
"""Words for records of what somebody finds wrong with a thing, of which there are fewer."""
_SHARE = 0.5
"""How many there are of them, as a share of what there would be."""
_LEAST = 3


def with_fewer_complaints(state: JsonObject) -> JsonObject:
    """Return an invented state in which not everything is complained about.

    Args:
        state: What refers to a record that is left out refers to another one of its kind instead.
    """
    instead: dict[str, str] = {}
    for name, value in state.items():
        is_rare = singular(name).split("_")[-1] in _COMPLAINTS
        keys = [*value] if is_rare and isinstance(value, dict) and "$dict" not in value else []
        kept = keys[: max(_LEAST, round(len(keys) * _SHARE))]
        if kept and _are_about_something(cast("JsonObject", value), state):
            left_out = keys[len(kept) :]
            instead |= {key: kept[turn % len(kept)] for turn, key in enumerate(left_out)}
    return cast("JsonObject", _replaced(state, instead)) if instead else state


def _are_about_something(found: JsonObject, state: JsonObject) -> bool:
    """Say whether records refer to things, and not only to people who have them."""
    ids = {
        key
        for name, value in state.items()
        if isinstance(value, dict) and value is not found
        if singular(name).split("_")[-1] not in PEOPLE
        for key in value
    }
    told = [one for one in found.values() if isinstance(one, dict)]
    return len(told) == len(found) and any(
        isinstance(value, str) and value in ids for value in told[0].values()
    )


def _replaced(value: JsonValue, instead: Mapping[str, str]) -> JsonValue:
    """Return a value without records that are left out, and with others where they were meant."""
    match value:
        case dict():
            return {
                key: _replaced(each, instead) for key, each in value.items() if key not in instead
            }
        case list():
            items = [_replaced(each, instead) for each in value]
            # Two that are left out may have the same one in their place.
            is_same = items == value
            return items if is_same else [*{str(each): each for each in items}.values()]
        case str():
            return instead.get(value, value)
        case _:
            return value


def complain_once(records: Records, table: Table) -> None:
    """Let no two disputes be about one bill, nor most bills of somebody be disputed."""
    if not _COMPLAINTS & {*table.words}:
        return
    for name, home in records.references(table).items():
        if not home.is_of_people and home is not table:
            told = [record for record in table.records if record.get(name)]
            for record, key in zip(told, _in_turn(records, home), strict=False):
                record[name] = key


def _in_turn(records: Records, home: Table) -> Sequence[JsonValue]:
    """Return the ids of things, at first no more than half of those that somebody has."""
    keys = records.chance.sample(home.keys, len(home.keys))
    owners = [name for name, other in records.references(home).items() if other.is_of_people]
    if not owners:
        return keys
    owner = {key: str(records.record(key).get(owners[0])) for key in keys}
    has, seen = Counter(owner.values()), Counter[str]()
    first: list[JsonValue] = []
    for key in keys:
        seen[owner[key]] += 1
        if seen[owner[key]] <= has[owner[key]] // 2:
            first.append(key)
    rest = sorted((key for key in keys if key not in first), key=lambda key: has[owner[key]] > 1)
    return first + rest
