"""What is inside a value: the parts that can be changed."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import cast

from .export import field_names

MUTABLE = (dict, list, set, bytearray)
SCALARS = (int, float, str, bool, type(None))
_ATOMS = frozenset(SCALARS)
_PLAIN = frozenset((dict, list))
"""Types that nearly all states consist of: they are looked into without a function for each."""
_MAX_DEPTH = 40
_values = cast("Callable[[object], Iterable[object]]", dict.values)
_items = cast("Callable[[object], Iterable[object]]", list.__iter__)
_members = cast("Callable[[Iterable[object]], Iterable[object]]", chain.from_iterable)


def ids_in(thing: object) -> set[int]:
    """Return the identities of everything in the state of an object that can be changed."""
    return ids_within([object.__getattribute__(thing, "__dict__")])


def ids_within(values: Iterable[object]) -> set[int]:
    """Return the identities of everything in some values that can be changed."""
    found: set[int] = set()
    level: list[object] = [*values]
    for _ in range(_MAX_DEPTH + 1):
        level = [part for part in level if type(part) not in _ATOMS and id(part) not in found]
        if not level:
            break
        if _PLAIN.issuperset(map(type, level)):
            found.update(map(id, level))
            dicts: list[object] = [part for part in level if type(part) is dict]
            lists: list[object] = [part for part in level if type(part) is list]
            level = [*_members(map(_values, dicts)), *_members(map(_items, lists))]
            continue
        found |= {id(part) for part in level if _can_change(part)}
        level = [*_members(map(_inside, level))]
    return found


def _can_change(value: object) -> bool:
    return isinstance(value, MUTABLE) or field_names(type(value)) is not None


def _inside(value: object) -> Iterable[object]:
    """Return what is directly inside a value."""
    if isinstance(value, dict):
        return cast("dict[object, object]", value).values()
    if isinstance(value, list | tuple):
        return cast("list[object]", value)
    is_record = not isinstance(value, SCALARS) and field_names(type(value)) is not None
    return [vars(value)] if is_record else ()


def parts_of(value: object, path: str, depth: int = 0) -> Iterator[tuple[object, str]]:
    """Yield everything inside a value that can be changed, with its path."""
    if isinstance(value, SCALARS) or depth > _MAX_DEPTH:
        return
    record = field_names(type(value)) is not None
    if record or isinstance(value, MUTABLE):
        yield value, path
    if isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            yield from parts_of(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, item in enumerate(cast("list[object]", value)):
            yield from parts_of(item, f"{path}[{place}]", depth + 1)
    elif record:
        yield from parts_of(vars(value), path, depth + 1)
