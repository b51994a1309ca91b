"""A state as a check is given it: plain values, what is in them, and when two are the same."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.encoding import GuestDataclass, GuestEnum, untag


def as_checks_see(value: JsonValue) -> object:
    """Turn a tagged state into what a check is given: generated types become plain ones."""
    return _plain(untag(value))


class PlainFields(dict[object, object]):
    """The fields of a dataclass instance; it can be a member of a set, as a frozen one can."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _plain_members(
    members: Mapping[str, object] | Mapping[object, object],
) -> Iterator[tuple[object, object]]:
    for key, item in members.items():
        yield _plain(key), _plain(item)


def _plain(value: object) -> object:
    match value:
        case GuestEnum():
            plain = _plain(value.value)
        case GuestDataclass():
            plain = PlainFields(_plain_members(value.fields))
        case dict():
            plain = dict(_plain_members(cast("dict[object, object]", value)))
        case list():
            plain = list(map(_plain, cast("list[object]", value)))
        case tuple():
            plain = tuple(map(_plain, cast("tuple[object, ...]", value)))
        case set() | frozenset():
            plain = _plain_set(cast("Set[object]", value))
        case _:
            plain = value
    return plain


def _plain_set(value: Set[object]) -> Set[object]:
    items = map(_plain, value)
    return set(items) if isinstance(value, set) else frozenset(items)


def scalars_in(value: object) -> Iterator[object]:
    """Yield the plain values inside a value, keys among them."""
    if isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            yield key
            yield from scalars_in(item)
    elif isinstance(value, list | tuple | deque | set | frozenset):
        for item in cast("list[object]", value):
            yield from scalars_in(item)
    else:
        yield value


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal with their types, as `==` does not for 1 and True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        ours, theirs = cast("dict[object, object]", one), cast("dict[object, object]", other)
        return ours.keys() == theirs.keys() and all(
            same(item, theirs[key]) for key, item in ours.items()
        )
    items, others = listed(one), listed(other)
    if items is not None and others is not None:
        return len(items) == len(others) and all(map(same, items, others))
    return one == other


def listed(value: object) -> list[object] | None:
    """Return the items of a list, a tuple or a deque; None when the value is none of them."""
    if isinstance(value, list | tuple | deque):
        return list(cast("list[object] | tuple[object, ...]", value))
    return None


def members_of(value: object) -> dict[object, object]:
    """Return the keys and values of a dict; none when the value is none."""
    return cast("dict[object, object]", value) if isinstance(value, dict) else {}


def items_of(value: object) -> list[object]:
    """Return the items of a list, a deque or a set; none when the value is none of them."""
    if isinstance(value, list | deque):
        return list(cast("list[object]", value))
    if isinstance(value, set | frozenset):
        return sorted(cast("set[object]", value), key=repr)
    return []


def side_by_side(one: object, other: object) -> Iterable[tuple[object, object]] | None:
    """Pair the items of two lists or tuples; None unless they are such and have the same length."""
    items, others = listed(one), listed(other)
    if items is None or others is None or len(items) != len(others):
        return None
    return zip(items, others, strict=True)
