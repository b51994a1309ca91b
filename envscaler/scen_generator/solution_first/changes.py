"""From the states before and after a solution to the changes that it made."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.encoding import GuestDataclass, GuestEnum, untag

Path = tuple[object, ...]
"""Keys and places, from the outside in; the first is the name of an attribute."""


class ChangeKind(StrEnum):
    """What happened at a path."""

    SET = "set"
    CREATED = "created"
    REMOVED = "removed"
    PUT = "put"
    """An item was put into the list at the path."""
    TAKEN = "taken"
    """An item was taken out of the list at the path."""


@dataclass(frozen=True, slots=True)
class Made:
    """A value that a tool made up, such as the id of a new record: another run makes another."""

    value: object


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two states."""

    kind: ChangeKind
    path: Path
    """Ends with a `Made` where a tool made up the key of what was created."""
    wanted: object = ...
    """What is there afterwards, or for `TAKEN` what was there. `...` stands for what is left to
    chance and time, `Made` for what a tool made up."""

    @property
    def is_made(self) -> bool:
        """Something new under a key that a tool made up."""
        return isinstance(self.path[-1], Made)


def as_checks_see(value: JsonValue) -> object:
    """Turn a tagged state into what a check is given: generated types become plain ones."""
    return _plain(untag(value))


def _plain(value: object) -> object:
    match value:
        case GuestEnum():
            plain = _plain(value.value)
        case GuestDataclass():
            plain = _plain(value.fields)
        case dict():
            members = cast("dict[object, object]", value)
            plain = {key: _plain(item) for key, item in members.items()}
        case list():
            plain = [_plain(item) for item in cast("list[object]", value)]
        case tuple():
            plain = tuple(_plain(item) for item in cast("tuple[object, ...]", value))
        case _:
            plain = value
    return plain


def find_changes(
    before: object, after: object, twin: object, made: frozenset[object]
) -> tuple[Change, ...]:
    """List what differs after a solution.

    Args:
        before: State as a check sees it.
        after: The state that the solution leaves.
        twin: What the same solution leaves at another time and with another seed: where it is
            another value, the value is left open.
        made: What tools made up on the way.
    """
    return tuple(_Walk(made).walk((), before, after, twin))


def scalars_in(value: object) -> Iterator[object]:
    """Yield the plain values inside a value, keys among them."""
    if isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            yield key
            yield from scalars_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in cast("list[object]", value):
            yield from scalars_in(item)
    else:
        yield value


def made_up(before: object, after: object, known: Set[object]) -> frozenset[object]:
    """Return the keys and ids that are new in a state and that nobody has given.

    Args:
        before: State as a check sees it.
        after: The state that a solution leaves.
        known: Values that were there before, or are given in the solution's calls.
    """
    return frozenset(_made_up(before, after)) - known


def _made_up(before: object, after: object) -> Iterator[object]:
    if isinstance(after, dict):
        olds = cast("dict[object, object]", before) if isinstance(before, dict) else {}
        for key, item in cast("dict[object, object]", after).items():
            if before is ... and _is_id(key) and isinstance(item, str | int):
                yield item
            elif before is not ... and key not in olds:
                yield key
            yield from _made_up(olds.get(key, ...), item)
    elif isinstance(after, list):
        olds_listed = cast("list[object]", before) if isinstance(before, list) else []
        for item in _without(cast("list[object]", after), olds_listed):
            yield from _made_up(..., item)


def _is_id(key: object) -> bool:
    return isinstance(key, str) and (key in {"id", "_id"} or key.endswith("_id"))


class _Walk:
    def __init__(self, made: frozenset[object]) -> None:
        self._made = made

    def walk(self, path: Path, before: object, after: object, twin: object) -> Iterator[Change]:
        if same(before, after):
            return
        items, others = _items(before), _items(after)
        if items is not None and others is not None:
            yield from self._walk_list(path, items, others, _items(twin) or [])
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from self._walk_dict(
                path,
                cast("dict[object, object]", before),
                cast("dict[object, object]", after),
                cast("dict[object, object]", twin) if isinstance(twin, dict) else {},
            )
        else:
            yield Change(ChangeKind.SET, path, self._expect(after, twin))

    def _walk_dict(
        self,
        path: Path,
        before: Mapping[object, object],
        after: Mapping[object, object],
        twin: Mapping[object, object],
    ) -> Iterator[Change]:
        for key in before:
            if key not in after:
                yield Change(ChangeKind.REMOVED, (*path, key))
            else:
                yield from self.walk((*path, key), before[key], after[key], twin.get(key, ...))
        for key, other in _paired(before, after, twin):
            last = Made(key) if key in self._made else key
            yield Change(ChangeKind.CREATED, (*path, last), self._expect(after[key], other))

    def _walk_list(
        self, path: Path, before: list[object], after: list[object], twin: list[object]
    ) -> Iterator[Change]:
        new, old = _without(after, before), _without(before, after)
        others = _without(twin, before)
        if not new and not old:
            yield Change(ChangeKind.SET, path, self._expect(after, twin))
        for item in old:
            yield Change(ChangeKind.TAKEN, path, item)
        for place, item in enumerate(new):
            other = others[place] if place < len(others) else ...
            yield Change(ChangeKind.PUT, path, self._expect(item, other))

    def _expect(self, value: object, twin: object) -> object:
        """Return what can be wanted of a value, given what another run came to."""
        if isinstance(value, str | int) and not isinstance(value, bool) and value in self._made:
            return Made(value)
        if isinstance(value, dict):
            members = cast("dict[object, object]", value)
            others = cast("dict[object, object]", twin) if isinstance(twin, dict) else {}
            found = {
                key: self._expect(item, others[key])
                for key, item in members.items()
                if key in others
            }
            return {key: item for key, item in found.items() if item is not ...}
        items, twins = _listed(value), _listed(twin)
        if items is not None and twins is not None and len(items) == len(twins):
            parts = [self._expect(item, other) for item, other in zip(items, twins, strict=True)]
            return tuple(parts) if isinstance(value, tuple) else parts
        return value if same(value, twin) else ...


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal with their types, as `==` does not for 1 and True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        ours, theirs = cast("dict[object, object]", one), cast("dict[object, object]", other)
        return ours.keys() == theirs.keys() and all(
            same(item, theirs[key]) for key, item in ours.items()
        )
    items, others = _listed(one), _listed(other)
    if items is not None and others is not None:
        return len(items) == len(others) and all(map(same, items, others))
    return one == other


def _listed(value: object) -> list[object] | None:
    if isinstance(value, list | tuple):
        return list(cast("list[object] | tuple[object, ...]", value))
    return None


def _items(value: object) -> list[object] | None:
    """Return the items of a list or set; None when the value is neither."""
    if isinstance(value, list):
        return cast("list[object]", value)
    if isinstance(value, set | frozenset):
        return sorted(cast("set[object]", value), key=repr)
    return None


def _without(items: list[object], others: list[object]) -> list[object]:
    """Return the items that `others` does not have, each as often as it is there too often."""
    left = list(others)
    kept: list[object] = []
    for item in items:
        at = next((place for place, other in enumerate(left) if same(item, other)), None)
        if at is None:
            kept.append(item)
        else:
            del left[at]
    return kept


def _paired(
    before: Mapping[object, object], after: Mapping[object, object], twin: Mapping[object, object]
) -> Iterator[tuple[object, object]]:
    """Yield the new keys with what another run has there, made-up keys by order of appearance."""
    new = [key for key in after if key not in before]
    others = [key for key in twin if key not in before]
    unpaired = iter([key for key in others if key not in new])
    for key in new:
        yield key, twin.get(key if key in others else next(unpaired, ...), ...)
