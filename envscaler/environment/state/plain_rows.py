"""States as they are given to a class that makes objects of plain rows itself."""

from pydantic import JsonValue

from envscaler.environment.state.collections import record_of
from envscaler.records import JsonObject

_OBJECT = "$dataclass"
_DICTS = ("$dict", "$ordereddict", "$defaultdict")


def has_objects(value: JsonValue) -> bool:
    """Say whether a state holds an object of a class of the module."""
    if isinstance(value, dict):
        return _OBJECT in value or any(map(has_objects, value.values()))
    return isinstance(value, list) and any(map(has_objects, value))


def as_given(state: JsonObject, like: JsonObject) -> JsonObject:
    """Return a state with plain rows for objects, in lists where another state has lists.

    One that has objects under a name that the other does not have is that of an environment, not
    one that was given: its class made other things of what it was given. It stays as it is.
    """
    others = {name: value for name, value in state.items() if name not in like}
    if has_objects(others):
        return state
    plain = without_objects(state)
    return {
        name: [*value.values()]
        if isinstance(value, dict) and isinstance(like.get(name), list)
        else value
        for name, value in plain.items()
    }


def without_objects(state: JsonObject) -> JsonObject:
    """Return a state with the fields of each object in its place."""
    return {name: _plain(value) for name, value in state.items()}


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    fields = record_of(value) if _OBJECT in value else _pairs_of(value)
    return without_objects(value if fields is None else fields)


def _pairs_of(value: JsonObject) -> JsonObject | None:
    """Return a dict with other keys than texts, or of another class, as JSON has it."""
    tag = next(iter(value), "")
    content = value.get(tag)
    if len(value) != 1 or tag not in _DICTS or not isinstance(content, list):
        return None
    pairs = content[1] if tag == "$defaultdict" else content
    if not isinstance(pairs, list):
        return None
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list)}
