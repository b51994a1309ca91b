"""From the states before and after a solution to the changes that it made."""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple, cast

from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.proof.checked_state import (
    items_of,
    members_of,
    same,
    side_by_side,
)

_HOLDERS = (list, deque, set, frozenset)
Path = tuple[object, ...]
"""Keys and `ById` steps, from the outside in; the first is the name of an attribute."""

_ID_FIELD = re.compile(
    r"(^|_)(ids?|no|number|code|key|tag|name|title|ref|reference|username|email)$"
)
"""Fields that may hold the id of a record in a list."""


class ChangeKind(StrEnum):
    """What happened at a path."""

    SET = "set"
    CREATED = "created"
    REMOVED = "removed"
    PUT = "put"
    """An item was put into the list at the path."""
    TAKEN = "taken"
    """An item was taken out of the list at the path."""


class Mark(Enum):
    """What stands in the place of a value."""

    ANY = "any"
    """Any value will do."""
    OTHERS = "others"
    """Among the keys of a dict: there may be other keys."""
    ABSENT = "absent"
    """There is no value, neither null nor any other."""


@dataclass(frozen=True, slots=True)
class Made:
    """A value that a tool made up, such as the id of a new record: another run makes another."""

    value: object


@dataclass(frozen=True, slots=True)
class Says:
    """Any text that has so many of some words: what the task dictates of a text left open."""

    words: tuple[str, ...]
    least: int


class ById(NamedTuple):
    """A step to the record of a list that holds an id in a field."""

    field: str
    id: object


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two states."""

    kind: ChangeKind
    path: Path
    """Ends with a `Made` where a tool made up the key of what was created."""
    wanted: object = Mark.ANY
    """What is there afterwards, or for `TAKEN` what was there.

    `ANY` stands for anything, `str` for any text, `Says` for one with certain words, `Made` for an
    id that a tool made up or that the solution chose. In a dict, `OTHERS` among the keys says that
    there may be more.
    """

    @property
    def is_made(self) -> bool:
        """Something new under a key that a tool made up."""
        return isinstance(self.path[-1], Made)


def find_changes(
    before: object,
    after: object,
    other_run: object,
    made: frozenset[object],
    said: Mapping[str, Says] | None = None,
) -> tuple[Change, ...]:
    """List what differs after a solution.

    Args:
        before: State as a check sees it.
        after: The state that the solution leaves.
        other_run: What the same solution leaves at another time, with another seed, and with
            other words where the task leaves them open: what differs there is left open.
        made: Ids that tools made up on the way, or that the solution was free to choose.
        said: Texts whose phrasing is open, each with what it has to say.
    """
    return tuple(_Walk(made, said or {}).walk((), before, after, other_run))


def made_up(before: object, after: object, known: Set[object]) -> frozenset[object]:
    """Return the keys and ids that are new in a state and that nobody has given.

    Args:
        before: State as a check sees it.
        after: The state that a solution leaves.
        known: Values that were there before, that the task gives, or that the code writes.
    """
    return frozenset(_made_up(before, after)) - known


def _made_up(before: object, after: object) -> Iterator[object]:
    if isinstance(after, dict):
        yield from _made_up_in_dict(before, cast("dict[object, object]", after))
    elif isinstance(after, list):
        olds_listed = cast("list[object]", before) if isinstance(before, list) else []
        for item in _without(cast("list[object]", after), olds_listed):
            yield from _made_up(Mark.ABSENT, item)


def _made_up_in_dict(before: object, after: Mapping[object, object]) -> Iterator[object]:
    """Yield the new keys of a dict that was there, the ids in a new one, and those further in."""
    olds = members_of(before)
    for key, item in after.items():
        if before is Mark.ABSENT and _is_id(key) and isinstance(item, str | int):
            yield item
        elif before is not Mark.ABSENT and key not in olds:
            yield key
        yield from _made_up(olds.get(key, Mark.ABSENT), item)


def _is_id(key: object) -> bool:
    return isinstance(key, str) and (key in {"id", "_id"} or key.endswith(("_id", "_ids")))


class _Walk:
    def __init__(self, made: frozenset[object], said: Mapping[str, Says]) -> None:
        self._made = made
        self._said = said

    def walk(self, path: Path, before: object, after: object, other: object) -> Iterator[Change]:
        if same(before, after):
            return
        if _are_both(_HOLDERS, before, after):
            yield from self._walk_items(path, before, after, other)
        elif _are_both(dict, before, after):
            yield from self._walk_dict(
                path, members_of(before), members_of(after), members_of(other)
            )
        else:
            field = path[-1] if path else None
            yield Change(ChangeKind.SET, path, self._expect(after, other, field))

    def _walk_items(
        self, path: Path, before: object, after: object, other: object
    ) -> Iterator[Change]:
        field = _id_field(path, before, after)
        if field is not None:
            records = [by_id(each, field) for each in (before, after, other)]
            yield from self._walk_dict(path, *records)
        else:
            items = [items_of(each) for each in (before, after, other)]
            walk = self._walk_set if isinstance(after, set | frozenset) else self._walk_list
            yield from walk(path, *items)

    def _walk_dict(
        self,
        path: Path,
        before: Mapping[object, object],
        after: Mapping[object, object],
        other: Mapping[object, object],
    ) -> Iterator[Change]:
        for key in before:
            if key not in after:
                yield Change(ChangeKind.REMOVED, (*path, key))
            else:
                yield from self.walk(
                    (*path, key), before[key], after[key], other.get(key, Mark.ABSENT)
                )
        for key, counterpart in _paired(before, after, other):
            wanted = self._expect(after[key], counterpart)
            if isinstance(key, ById):
                yield Change(ChangeKind.PUT, path, wanted)
            else:
                last = Made(key) if key in self._made else key
                yield Change(ChangeKind.CREATED, (*path, last), wanted)

    def _walk_set(
        self, path: Path, before: list[object], after: list[object], other: list[object]
    ) -> Iterator[Change]:
        for item in _without(before, after):
            yield Change(ChangeKind.TAKEN, path, item)
        others = iter(_without(other, before))
        for item in _without(after, before):
            yield Change(ChangeKind.PUT, path, self._expect(item, next(others, Mark.ABSENT)))

    def _walk_list(
        self, path: Path, before: list[object], after: list[object], other: list[object]
    ) -> Iterator[Change]:
        new, old = _without(after, before), _without(before, after)
        others = _without(other, before)
        if not old and not _ends_with(after, new):
            # It matters where in the list something was put.
            yield Change(ChangeKind.SET, path, self._expect(after, other))
            return
        for item in old:
            yield Change(ChangeKind.TAKEN, path, item)
        for place, item in enumerate(new):
            counterpart = others[place] if place < len(others) else Mark.ABSENT
            yield Change(ChangeKind.PUT, path, self._expect(item, counterpart))

    def _expect(self, value: object, other: object, field: object = None) -> object:
        """Return what can be wanted of a value, given what another run came to."""
        if self._is_made(value, field):
            return Made(value)
        if _are_both(dict, value, other):
            return self._expect_members(members_of(value), members_of(other))
        pairs = side_by_side(value, other)
        if pairs is not None:
            parts = [self._expect(*pair, field) for pair in pairs]
            return tuple(parts) if isinstance(value, tuple) else parts
        return self._expect_whole(value, other)

    def _expect_whole(self, value: object, other: object) -> object:
        """Return what can be wanted of a value that is not taken apart."""
        if isinstance(value, str) and value:
            return self._expect_text(value, other)
        return value if same(value, other) else Mark.ANY

    def _expect_text(self, value: str, other: object) -> object:
        if value in self._said and other != value:
            return self._said[value]
        if self._tells_made(value):
            return str
        if value == other:
            return value
        return str if isinstance(other, str) else Mark.ANY

    def _expect_members(
        self, value: Mapping[object, object], other: Mapping[object, object]
    ) -> object:
        found = {
            key: self._expect(item, other[key], key)
            for key, item in value.items()
            if key in other and key not in self._made
        }
        whole = found.keys() == value.keys() == other.keys()
        return found if whole else {**found, Mark.OTHERS: Mark.ANY}

    def _is_made(self, value: object, field: object) -> bool:
        # A made-up number may be an amount elsewhere.
        is_number = isinstance(value, int) and not isinstance(value, bool) and _is_id(field)
        return (isinstance(value, str) or is_number) and value in self._made

    def _tells_made(self, text: str) -> bool:
        """Tell whether a text speaks of an id that another solution would have otherwise."""
        ids = (each for each in self._made if isinstance(each, str) and each in text)
        return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text) for each in ids)


def _are_both(kind: type | tuple[type, ...], one: object, other: object) -> bool:
    return isinstance(one, kind) and isinstance(other, kind)


def _id_field(path: Path, before: object, after: object) -> str | None:
    """Return the field that tells the records of two lists apart; None when there is none."""
    olds, news = _records(before), _records(after)
    if not olds or not news:
        return None
    own = f"{singular(str(path[-1] if path else ''))}_id"
    names = [key for key in olds[0] if isinstance(key, str) and _ID_FIELD.search(key)]
    names.sort(key=lambda name: (name not in ("id", own), not name.endswith("_id")))
    return next((name for name in names if _tells_apart(name, olds, news)), None)


def _records(value: object) -> list[dict[object, object]]:
    """Return the records of a list; none where there is anything else in it."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    are_records = all(isinstance(item, dict) for item in items)
    return cast("list[dict[object, object]]", items) if are_records else []


def _tells_apart(
    field: str, olds: Sequence[Mapping[object, object]], news: Sequence[Mapping[object, object]]
) -> bool:
    """Tell whether a field is an id in two lists that do not differ in their order alone."""
    before, after = ([record.get(field) for record in each] for each in (olds, news))
    plain = all(isinstance(each, str | int) for each in (*before, *after))
    if not plain or len(set(before)) < len(before) or len(set(after)) < len(after):
        return False
    shared = [each for each in before if each in after]
    return bool(shared) and shared == [each for each in after if each in before]


def by_id(records: object, field: str) -> dict[object, object]:
    """Return the records of a list, each under the step that leads to it."""
    if not isinstance(records, list):
        return {}
    known = [
        cast("dict[object, object]", each)
        for each in cast("list[object]", records)
        if isinstance(each, dict)
    ]
    return {ById(field, each.get(field)): each for each in known}


def _ends_with(items: list[object], new: list[object]) -> bool:
    tail = items[len(items) - len(new) :] if new else []
    return bool(new) and len(tail) == len(new) and all(map(same, tail, new))


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
    before: Mapping[object, object], after: Mapping[object, object], other: Mapping[object, object]
) -> Iterator[tuple[object, object]]:
    """Yield the new keys with what another run has there, made-up keys by order of appearance."""
    new = [key for key in after if key not in before]
    others = [key for key in other if key not in before]
    unpaired = iter([key for key in others if key not in new])
    for key in new:
        counterpart = key if key in others else next(unpaired, Mark.ABSENT)
        yield key, other.get(counterpart, Mark.ABSENT)
