"""From the changes that a solution makes to the checks that reward them.

Goals ask for each change; guards ask whether anything else has changed. Both are sources that a
person can read, and hold for every solution that comes to the same end: what a tool made up is
found by what else is in its record, and what hangs on time or chance is left open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import cast
from uuid import UUID

from envscaler.environment.state.collections import singular
from envscaler.records import Check
from envscaler.scen_generator.solution_first.changes import (
    Change,
    ChangeKind,
    Made,
    Path,
    scalars_in,
)
from envscaler.scen_generator.solution_first.check_helpers import with_parts

_MODULES = {
    date: "datetime",
    datetime: "datetime",
    time: "datetime",
    timedelta: "datetime",
    Decimal: "decimal",
    UUID: "uuid",
}
Parts = dict[object, object] | list[object] | tuple[object, ...]

_WIDTH = 60
_LONG = 160
"""Characters of what a question says is wanted."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A change, and the check that rewards it."""

    change: Change
    check: Check


def goals_of(changes: Sequence[Change], given: Set[object] = frozenset()) -> tuple[Goal, ...]:
    """Write a check for each change: false before it, true after it.

    Args:
        changes: What happened.
        given: Values that the solution was given; the changes that show them come first.
    """
    writer = _Writer(changes)
    ordered = sorted(changes, key=lambda change: -_shown(change, given))
    goals = {goal.check.source: goal for goal in map(writer.goal, ordered)}
    return tuple(goals.values())


def _shown(change: Change, given: Set[object]) -> int:
    """Say how much of what was given can be seen in a change."""
    if change.kind is ChangeKind.TAKEN:
        return 0
    if change.kind is ChangeKind.SET and change.wanted is ...:
        return -1
    shown = {*scalars_in(change.path), *scalars_in(change.wanted)}
    return len(shown & given)


def guards_of(changes: Sequence[Change], attributes: Iterable[str]) -> tuple[Check, ...]:
    """Write checks that nothing else has changed: one beside the changes, one in all other places.

    Args:
        changes: What may change.
        attributes: Where nothing else may: those that no solution has reason to touch otherwise.
    """
    spared = _spared(changes)
    touched = [name for name in attributes if isinstance(spared.get(name), dict | tuple)]
    others = [name for name in attributes if name not in spared]
    guards: list[Check] = []
    if touched:
        tree = write({name: spared[name] for name in touched})
        item = f"Has everything else stayed as it was in {_listed(touched)}?"
        guards.append(_guard(item, f"spared = {tree}"))
    if others:
        item = f"Has everything stayed as it was in {_listed(others)}?"
        guards.append(_guard(item, f"spared = {write(dict.fromkeys(others))}"))
    return tuple(guards)


def _guard(item: str, spared: str) -> Check:
    test = "same_but(look_up(initial_state, name), look_up(final_state, name), spared[name])"
    body = f"{spared}\nreturn all(\n    {test}\n    for name in spared\n)"
    return Check(item=item, source=_function(body), initially_true=True)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_words, names))


class _Writer:
    """Writes goals; knows which new record every made-up key belongs to."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._owners = {
            each.path[-1]: each
            for each in changes
            if each.kind is ChangeKind.CREATED and each.is_made
        }

    def goal(self, change: Change) -> Goal:
        """Write the goal of one change."""
        match change.kind:
            case ChangeKind.SET:
                question, body = self._set(change)
            case ChangeKind.CREATED if change.is_made:
                question, body = self._found(change.path[:-1], _without_own_key(change))
            case ChangeKind.CREATED:
                question, body = self._created(change)
            case ChangeKind.REMOVED:
                question = f"Has {_place(change.path)} been removed?"
                body = [f"return {_look_up('final', change.path)} is ..."]
            case ChangeKind.PUT:
                question, body = self._found(change.path, change.wanted)
            case ChangeKind.TAKEN:
                question = f"Has {_short(change.wanted)} been taken out of {_place(change.path)}?"
                was, now = _look_up("initial", change.path), _look_up("final", change.path)
                body = [f"return bool(added({now}, {was}, {write(change.wanted)}))"]
        source = _function("\n".join(body))
        return Goal(change, Check(item=question, source=source, initially_true=False))

    def _set(self, change: Change) -> tuple[str, list[str]]:
        place, now = _place(change.path), _look_up("final", change.path)
        if change.wanted is ...:
            body = [f"now = {now}", f"return now not in (..., {_look_up('initial', change.path)})"]
            return f"Has {place} been brought up to date?", body
        lines, wanted = self._resolved(change.wanted)
        return (
            f"Has {place} become {_short(change.wanted)}?",
            [*lines, f"return matches({now}, {wanted})"],
        )

    def _created(self, change: Change) -> tuple[str, list[str]]:
        lines, wanted = self._resolved(change.wanted)
        now = _look_up("final", change.path)
        return (
            f"Has {_place(change.path)} been created with {_short(change.wanted)}?",
            [*lines, f"return matches({now}, {wanted})"],
        )

    def _found(self, path: Path, wanted: object) -> tuple[str, list[str]]:
        lines, text = self._resolved(wanted)
        question = f"Has {_short(wanted)} been added to {_place(path)}?"
        return question, [*lines, f"return bool({_added(path, text)})"]

    def _resolved(self, wanted: object) -> tuple[list[str], str]:
        """Write what is wanted, behind the lines that find the new records it refers to."""
        names: dict[Made, str] = {}
        lines: list[str] = []
        for value in dict.fromkeys(_made_in(wanted)):
            owner = self._owners.get(value)
            if owner is not None:
                names[value] = f"new_{len(names) + 1}"
                # What the found record refers to in turn is left open: two may refer to each other.
                found = _added(owner.path[:-1], write(_without_own_key(owner)))
                lines.append(f"{names[value]} = {found}")
        return lines, write(wanted, names)


def write(wanted: object, names: Mapping[Made, str] | None = None, indent: str = "") -> str:
    """Write a value as Python.

    Args:
        wanted: May hold `...`, and `Made` values.
        names: Variables that hold the keys which a made-up value may be; others are left open.
        indent: What the line that it begins on is indented by.
    """
    match wanted:
        case Made():
            text = f"set({names[wanted]})" if names and wanted in names else "..."
        case dict() | list() | tuple():
            text = _write_parts(cast("Parts", wanted), names, indent)
        case float() if not isfinite(wanted):
            text = "..."
        case _:
            text = "..." if wanted is ... else repr(wanted)
    return text


def _write_parts(wanted: Parts, names: Mapping[Made, str] | None, indent: str) -> str:
    inner = f"{indent}    "
    if isinstance(wanted, dict):
        members = wanted.items()
        parts = [f"{write(key)}: {write(item, names, inner)}" for key, item in members]
        return _enclosed("{", parts, "}", indent)
    parts = [write(item, names, inner) for item in wanted]
    if isinstance(wanted, list):
        return _enclosed("[", parts, "]", indent)
    return _enclosed("(", parts, ",)" if len(parts) == 1 else ")", indent)


def _enclosed(start: str, parts: Sequence[str], end: str, indent: str) -> str:
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"{indent}    {part},\n" for part in parts)
    return f"{start}\n{inner}{indent}{end.removeprefix(',')}"


def _function(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    modules = {module for kind, module in _MODULES.items() if f"{_name_of(kind)}(" in body}
    imports = "".join(f"import {module}\n" for module in sorted(modules - {"decimal", "uuid"}))
    if "decimal" in modules:
        imports += "from decimal import Decimal\n"
    if "uuid" in modules:
        imports += "from uuid import UUID\n"
    gap = "\n\n" if imports else ""
    return imports + gap + with_parts(f"def check_func(final_state):\n{lines}")


def _name_of(kind: type) -> str:
    return f"datetime.{kind.__name__}" if _MODULES[kind] == "datetime" else kind.__name__


def _look_up(when: str, path: Path) -> str:
    return f"look_up({when}_state, {', '.join(map(repr, path))})"


def _added(path: Path, wanted: str) -> str:
    return f"added({_look_up('initial', path)}, {_look_up('final', path)}, {wanted})"


def _spared(changes: Sequence[Change]) -> dict[object, object]:
    """Build the tree of what may change, as `same_but` takes it."""
    tree: dict[object, object] = {}
    for change in changes:
        *outer, last = change.path
        node = tree
        for key in outer:
            node = cast("dict[object, object]", node.setdefault(key, {}))
        if change.kind in {ChangeKind.PUT, ChangeKind.TAKEN}:
            taken, put = cast("tuple[int, int]", node.get(last, (0, 0)))
            is_put = change.kind is ChangeKind.PUT
            node[last] = (taken + (not is_put), put + is_put)
        elif change.kind is ChangeKind.CREATED and change.is_made:
            node[...] = cast("int", node.get(..., 0)) + 1
        else:
            node[last] = True
    return tree


def _without_own_key(change: Change) -> object:
    """Return what is wanted of a new record, but not that it holds its own key."""
    if not isinstance(change.wanted, dict):
        return change.wanted
    members = cast("dict[object, object]", change.wanted)
    return {key: item for key, item in members.items() if item != change.path[-1]}


def _made_in(wanted: object) -> Iterator[Made]:
    if isinstance(wanted, Made):
        yield wanted
    elif isinstance(wanted, dict):
        for item in cast("dict[object, object]", wanted).values():
            yield from _made_in(item)
    elif isinstance(wanted, list | tuple):
        for item in cast("list[object]", wanted):
            yield from _made_in(item)


def _place(path: Path) -> str:
    """Name a place for a person: `the status of booking BK-001`."""
    names = [_words(step) for step in path]
    if len(names) == 1:
        return names[0]
    record = f"{singular(names[0])} {names[1]}"
    return " of ".join([*(f"the {name}" for name in reversed(names[2:])), record])


def _words(step: object) -> str:
    return "?" if isinstance(step, Made) else str(step).replace("_", " ").strip()


def _short(wanted: object) -> str:
    text = _told(wanted)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _told(wanted: object) -> str:
    """Say what is wanted, leaving out what is left open."""
    match wanted:
        case dict():
            members = cast("dict[object, object]", wanted).items()
            return ", ".join(f"{_words(key)} {_told(item)}" for key, item in members)
        case list() | tuple():
            return f"[{', '.join(_told(item) for item in cast('list[object]', wanted))}]"
        case Made():
            return "of the new one"
        case _:
            return "…" if wanted is ... else repr(wanted)
