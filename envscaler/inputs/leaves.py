"""The parts of a call's arguments, each with its path."""

from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.records import JsonObject

Path = tuple[str | int, ...]
"""A parameter, then keys and places inwards."""


def leaves_of(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Yield every part of a value, the containers before what is in them."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves_of(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves_of(item, (*path, place))


def leaf_at(value: JsonValue, path: Path) -> JsonValue:
    """Return the part at a path; None when there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def with_leaf(arguments: JsonObject, path: Path, value: JsonValue) -> JsonObject:
    """Return arguments with another part at a path."""
    found = _with(arguments, path, value)
    assert isinstance(found, dict)
    return found


def _with(owner: JsonValue, path: Path, value: JsonValue) -> JsonValue:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(owner, list) and isinstance(step, int):
        return [_with(item, rest, value) if n == step else item for n, item in enumerate(owner)]
    inner = owner if isinstance(owner, dict) else {}
    return {**inner, str(step): _with(inner.get(str(step)), rest, value)}
