"""From the states before and after a solution to the changes that it made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state import GuestDataclass, GuestEnum, untag

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
    wanted: object = ...
    """What is there afterwards, or for `TAKEN` what was there. `...` stands for what is left to
    chance and time, `Made` for what a tool made up."""

    @property
    def record(self) -> Path:
        """Return where the record is that was touched."""
        return self.path[:2]


def as_checks_see(value: JsonValue) -> object:
    """Turn a tagged state into what a check is given: generated types become plain ones."""
    return _plain(untag(value))


def _plain(value: object) -> object:
    match value:
        case GuestEnum():
            return _plain(value.value)
        case GuestDataclass():
            return {name: _plain(item) for name, item in value.fields.items()}
        case dict():
            return {key: _plain(item) for key, item in cast("dict[object, object]", value).items()}
        case list():
            return [_plain(item) for item in cast("list[object]", value)]
        case tuple():
            return tuple(_plain(item) for item in cast("tuple[object, ...]", value))
        case _:
            return value


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


class _Walk:
    def __init__(self, made: frozenset[object]) -> None:
        self._made = made

    def walk(self, path: Path, before: object, after: object, twin: object) -> Iterator[Change]:
        if same(before, after):
            return
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._walk_dict(
                path,
                cast("dict[object, object]", before),
                cast("dict[object, object]", after),
                cast("dict[object, object]", twin) if isinstance(twin, dict) else {},
            )
        elif (items := _items(before)) is not None and (others := _items(after)) is not None:
            yield from self._walk_list(path, items, others, _items(twin) or [])
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
            yield Change(ChangeKind.CREATED, (*path, key), self._expect(after[key], other))

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
