"""A state with one field of one record changed."""

from copy import deepcopy
from typing import cast

from pydantic import JsonValue

from envscaler.check_env.stated_rules.tables import VALUE, key_in_list
from envscaler.environment.state.collections import items_of
from envscaler.records import JsonObject

_MAPS = ("$dict", "$ordereddict", "$counter")


def with_field(
    state: JsonObject, path: str, address: tuple[str, ...], name: str, value: JsonValue
) -> JsonObject | None:
    """Return a copy of a state in which a field of a row has another value.

    Args:
        state: Tagged JSON.
        path: Of the table.
        address: The keys of the dicts around the row, then its own.
        name: The field; `VALUE` for a number by key.
        value: What it becomes.

    Returns:
        None when there is no such row.
    """
    copy = deepcopy(state)
    [first, *rest] = path.split(".")
    place: JsonValue = copy.get(first)
    noun, keys = first, list(address)
    for part in rest:
        if part == "*":
            place = _entry(place, keys.pop(0), noun)
        else:
            noun, place = part, (_fields(place) or {}).get(part)
    if name == VALUE:
        return copy if _set_entry(place, keys[-1], value) else None
    fields = _fields(_entry(place, keys[-1], noun))
    if fields is None:
        return None
    fields[name] = value
    return copy


def _fields(value: JsonValue) -> JsonObject | None:
    """Return the dict itself that holds the fields of a record, to be changed."""
    if not isinstance(value, dict):
        return None
    if "$dataclass" in value:
        return cast("JsonObject", cast("list[JsonValue]", value["$dataclass"])[1])
    return value


def _entry(place: JsonValue, key: str, noun: str) -> JsonValue:
    for each, item in _entries(place, noun):
        if each == key:
            return item
    return None


def _entries(place: JsonValue, noun: str) -> list[tuple[str, JsonValue]]:
    tagged = _tagged(place)
    if tagged is not None:
        return [(str(pair[0]), pair[1]) for pair in tagged]
    if isinstance(place, dict) and not any(key.startswith("$") for key in place):
        return [*place.items()]
    return [(key_in_list(item, noun), item) for item in items_of(place) or ()]


def _tagged(place: JsonValue) -> list[list[JsonValue]] | None:
    if isinstance(place, dict) and len(place) == 1:
        [(tag, content)] = place.items()
        if tag == "$defaultdict":
            content = cast("list[JsonValue]", content)[1]
        if tag in {"$defaultdict", *_MAPS}:
            return cast("list[list[JsonValue]]", content)
    return None


def _set_entry(place: JsonValue, key: str, value: JsonValue) -> bool:
    tagged = _tagged(place)
    if tagged is not None:
        for pair in tagged:
            if str(pair[0]) == key:
                pair[1] = value
                return True
        return False
    if isinstance(place, dict) and key in place:
        place[key] = value
        return True
    return False
