"""Trees of what may change: what queries change, what an author opened, what a solution changes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from envscaler.scen_generator.proof.changes import (
    ById,
    Change,
    ChangeKind,
    Made,
    Mark,
    Path,
    by_id,
)

Spared = dict[object, object]
"""What may change, as `same_but` takes it."""

_ANY = "*"
_RECORD = 2
"""Steps to a record: an attribute and a key."""


def spared_by(changes: Sequence[Change]) -> Spared:
    """Build the tree of what may change."""
    tree: Spared = {}
    keyed = {change.path[:at] for change in changes for at in _steps_by_id(change.path)}
    for change in changes:
        *outer, last = change.path
        if change.kind is ChangeKind.PUT and change.path in keyed:
            outer, last = [*change.path], Mark.OTHERS
        node = tree
        for key in outer:
            inner = node.setdefault(key, {})
            if not isinstance(inner, dict):
                break
            node = cast("Spared", inner)
        else:
            _spare(node, change, last)
    return tree


def _steps_by_id(path: Path) -> Iterator[int]:
    return (at for at, step in enumerate(path) if isinstance(step, ById))


def _spare(node: Spared, change: Change, last: object) -> None:
    if node.get(last) is True:
        return
    if last is Mark.OTHERS:
        node[Mark.OTHERS] = cast("int", node.get(Mark.OTHERS, 0)) + 1
    elif change.kind in {ChangeKind.PUT, ChangeKind.TAKEN}:
        taken, put = cast("tuple[int, int]", node.get(last, (0, 0)))
        is_put = change.kind is ChangeKind.PUT
        node[last] = (taken + (not is_put), put + is_put)
    elif change.kind is ChangeKind.CREATED and change.is_made:
        node[Mark.OTHERS] = cast("int", node.get(Mark.OTHERS, 0)) + 1
    else:
        node[last] = True


def spared_by_looking(changes: Iterable[Change]) -> Spared:
    """Build the tree of what queries change; they may be called any number of times.

    A log that they write may grow; what is in it may not be changed.
    """
    tree: Spared = {}
    for change in changes:
        *outer, last = change.path
        node = _node(tree, outer)
        if node is None:
            continue
        if change.kind is ChangeKind.PUT and last not in node:
            node[last] = (0, True)
        elif change.kind is ChangeKind.CREATED:
            node[Mark.OTHERS] = True
        elif change.kind is not ChangeKind.PUT:
            node[last] = True
    return tree


def opened(patterns: Iterable[str], *states: object) -> Spared:
    """Build the tree of what an author opened.

    Args:
        patterns: Keys from the outside in, such as `bookings.*.note`; `*` stands for any key.
        states: Where such keys are looked for.
    """
    tree: Spared = {}
    for pattern in patterns:
        steps = pattern.split(".")
        for state in states:
            for path in _paths(state, steps):
                *outer, last = path
                node = _node(tree, outer)
                if node is not None:
                    node[last] = True
    return tree


def stamped_beside(changes: Iterable[Change], before: object) -> Spared:
    """Build the tree of time stamps on the records beside those that a solution changes.

    Who changes another record and changes it back leaves its time stamp behind.

    Args:
        changes: What a solution changes; a field that is left to time is a time stamp.
        before: State before anything happened, as checks see it.
    """
    fields = dict.fromkeys(
        (change.path[:-1], change.path[-1])
        for change in changes
        if change.kind is ChangeKind.SET
        and change.wanted in (Mark.ANY, str)
        and len(change.path) > _RECORD
    )
    tree: Spared = {}
    for above, field in fields:
        for key in _keys_beside(before, above, field):
            node = _node(tree, [*above[:-1], key])
            if node is not None:
                node[field] = True
    return tree


def _keys_beside(state: object, path: Path, field: object) -> Iterable[object]:
    """Yield the keys of the records beside the one at a path, and its own, that have a field."""
    *outer, last = path
    found = state
    for step in outer:
        found = _members(found, step).get(step)
    for key, record in _members(found, last).items():
        if isinstance(record, dict) and field in record:
            yield key


def merged(one: Spared, other: Spared) -> Spared:
    """Return a tree that spares what either of two spares."""
    found = dict(one)
    for key, node in other.items():
        found[key] = _joined(found[key], node) if key in found else node
    return found


def _below(node: object, step: object) -> object:
    return cast("dict[object, object]", node).get(step) if isinstance(node, dict) else node


def covers(tree: Spared, change: Change) -> bool:
    """Tell whether a tree spares a change, however often it happens."""
    node: object = tree
    for step in change.path[:-1]:
        node = _below(node, step)
    if not isinstance(node, dict):
        return node is True
    spared = cast("Spared", node)
    own = spared.get(change.path[-1])
    if change.kind is ChangeKind.CREATED and spared.get(Mark.OTHERS) is True:
        return True
    return own is True or (change.kind is ChangeKind.PUT and own == (0, True))


def without_opened(change: Change, patterns: Sequence[str]) -> Change:
    """Leave open those fields of something new that an author opened."""
    wanted = change.wanted
    for pattern in patterns:
        steps = pattern.split(".")
        place = len(change.path) + (change.kind is ChangeKind.PUT)
        head = [*change.path, _ANY][:place]
        if len(steps) > place and all(map(_is_step, steps, head)):
            wanted = _with_any(wanted, steps[place:])
    return Change(change.kind, change.path, wanted)


def _is_step(step: str, key: object) -> bool:
    return step == _ANY or isinstance(key, Made) or key == _ANY or step == str(key)


def _with_any(wanted: object, steps: Sequence[str]) -> object:
    if not isinstance(wanted, dict):
        return Mark.ANY if not steps else wanted
    if not steps:
        return Mark.ANY
    members = cast("dict[object, object]", wanted)
    return {
        key: _with_any(item, steps[1:]) if steps[0] in (_ANY, key) else item
        for key, item in members.items()
    }


def _members(value: object, step: object) -> dict[object, object]:
    """Return the members of a dict, or the records of a list by the id that a step goes by."""
    if isinstance(value, dict):
        return cast("dict[object, object]", value)
    return by_id(value, step.field) if isinstance(step, ById) else {}


def _node(tree: Spared, steps: Sequence[object]) -> Spared | None:
    """Return the node below some steps, which is made where it is missing; None below a leaf."""
    node = tree
    for step in steps:
        inner = node.setdefault(step, {})
        if not isinstance(inner, dict):
            return None
        node = cast("Spared", inner)
    return node


def _paths(state: object, steps: Sequence[str], above: Path = ()) -> Iterable[Path]:
    if not steps:
        yield above
    elif isinstance(state, dict):
        for key, item in cast("dict[object, object]", state).items():
            if steps[0] in (_ANY, str(key)):
                yield from _paths(item, steps[1:], (*above, key))


def _joined(one: object, other: object) -> object:
    if one is True or other is True:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return merged(cast("Spared", one), cast("Spared", other))
    if isinstance(one, tuple) and isinstance(other, tuple):
        pairs = zip(cast("tuple[object, ...]", one), cast("tuple[object, ...]", other), strict=True)
        return tuple(_sum(*pair) for pair in pairs)
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return True


def _sum(one: object, other: object) -> object:
    return True if one is True or other is True else cast("int", one) + cast("int", other)
