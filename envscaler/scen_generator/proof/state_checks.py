"""From the changes that a solution makes to the checks that reward them.

Goals ask for each change. The closed world asks whether anything else has changed, and whether all
that changed has become what it had to. All of them are sources that a person can read, and hold
for every solution that comes to the same end: what a tool made up is found by what else is in its
record, and what hangs on time, chance or free choice is left open.
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import cast

from envscaler.environment.state.plurals import singular
from envscaler.records import Check
from envscaler.scen_generator.proof.changes import Change, ChangeKind, Made, Mark, Path, Says
from envscaler.scen_generator.proof.check_questions import place_of, shortly
from envscaler.scen_generator.proof.check_sources import (
    Own,
    added_to,
    define,
    enclosed,
    function,
    look_up,
    module,
    write,
)
from envscaler.scen_generator.proof.checked_state import scalars_in
from envscaler.scen_generator.proof.spared import Spared

GUARD_ITEM = "Has everything else stayed as it was?"
GOAL_ITEM = "Has all that had to change become what it had to, and nothing else?"


@dataclass(frozen=True, slots=True)
class Goal:
    """Changes, and the check that rewards them."""

    changes: tuple[Change, ...]
    check: Check


@dataclass(frozen=True, slots=True)
class Outcome:
    """A right end: all that is different from the start."""

    changes: tuple[Change, ...]
    spared: Spared


@dataclass(frozen=True, slots=True)
class _Test:
    """What is asked about a change."""

    question: str
    lines: tuple[str, ...]
    """Assignments that the expression needs."""
    expression: str


def goals_of(changes: Sequence[Change], given: Set[object] = frozenset()) -> tuple[Goal, ...]:
    """Write a check for each change: false before it, true after it.

    Args:
        changes: What happened.
        given: Values that the solution was given; the changes that show them come first.
    """
    writer = _Writer(changes)
    goals: dict[str, Goal] = {}
    for change in sorted(changes, key=lambda change: -_shown(change, given)):
        test = writer.test(change)
        source = function([*test.lines, f"return {test.expression}"])
        check = Check(item=test.question, source=source, initially_true=False, by_code=True)
        known = goals[source].changes if source in goals else ()
        goals[source] = Goal((*known, change), check)
    return tuple(goals.values())


def closed_world(outcomes: Sequence[Outcome]) -> tuple[Check, Check]:
    """Write the two checks that admit the given ends and no other.

    Returns:
        The guard, that nothing has changed but what may, and the goal, that all has changed that
        had to, as it had to.
    """
    ways = [_way(outcome) for outcome in outcomes]
    names = [f"way_{number}" for number in range(1, len(ways) + 1)]
    asked = " or ".join(f"{name}(final_state)" for name in names)
    parts = [define(name, lines) for name, lines in zip(names, ways, strict=True)]
    source = module("\n\n\n".join([*parts, define("check_func", [f"return {asked}"])]))
    goal = Check(item=GOAL_ITEM, source=source, initially_true=False, by_code=True)
    return closed_guard([outcome.spared for outcome in outcomes]), goal


def closed_guard(trees: Sequence[Spared]) -> Check:
    """Write the check that nothing has changed but what one of the trees spares."""
    tests = " or ".join(
        f"same_but(initial_state, final_state, spared_{number})"
        for number in range(1, len(trees) + 1)
    )
    lines = [f"spared_{number} = {write(tree)}" for number, tree in enumerate(trees, 1)]
    source = function([*lines, f"return {tests}"])
    return Check(item=GUARD_ITEM, source=source, initially_true=True, by_code=True)


def part_guards(outcome: Outcome) -> tuple[Check, ...]:
    """Write a check for each part of a state that nothing but the given end has changed it.

    The guard over everything says the same; these say where something went wrong.
    """
    checks: list[Check] = []
    touched = dict.fromkeys(str(change.path[0]) for change in outcome.changes)
    for name in touched:
        spared = {key: item for key, item in outcome.spared.items() if key == name}
        lines = [
            f"before = {{{name!r}: initial_state.get({name!r})}}",
            f"after = {{{name!r}: final_state.get({name!r})}}",
            f"return same_but(before, after, {write(spared)})",
        ]
        item = f"Have the other {name.replace('_', ' ')} stayed as they were?"
        checks.append(Check(item=item, source=function(lines), initially_true=True, by_code=True))
    return tuple(checks)


def _way(outcome: Outcome) -> list[str]:
    """Write the body of a function that tells whether a state is one right end."""
    writer = _Writer(outcome.changes)
    tests = [writer.test(change) for change in outcome.changes]
    lines = dict.fromkeys(line for test in tests for line in test.lines)
    asked = [test.expression for test in tests]
    asked.append(f"same_but(initial_state, final_state, {write(outcome.spared)})")
    body = "".join(f"    {each},\n" for each in dict.fromkeys(asked))
    return [*lines, f"return all([\n{body}])"]


def _shown(change: Change, given: Set[object]) -> int:
    """Say how much of what was given can be seen in a change."""
    if change.kind is ChangeKind.TAKEN:
        return 0
    if change.kind is ChangeKind.SET and change.wanted in (Mark.ANY, str):
        return -1
    shown = {*scalars_in(change.path), *scalars_in(change.wanted)}
    return len(shown & given)


class _Writer:
    """Writes tests; knows which new record every made-up id belongs to."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._owners = dict(_owners(changes))
        self._found = Counter(_place_of_new(each) for each in changes)
        self._wanted: dict[Path, list[object]] = {}
        for each in changes:
            place = _place_of_new(each)
            if place is not None:
                self._wanted.setdefault(place, []).append(_with_own_key(each))

    def test(self, change: Change) -> _Test:
        """Write the test of one change."""
        match change.kind:
            case ChangeKind.SET:
                test = self._set(change)
            case ChangeKind.CREATED if not change.is_made:
                test = self._created(change)
            case ChangeKind.REMOVED:
                question = f"Has {place_of(change.path)} been removed?"
                test = _Test(question, (), f"{look_up('final', change.path)} is ...")
            case ChangeKind.TAKEN:
                was, now = look_up("initial", change.path), look_up("final", change.path)
                gone = f"bool(added({now}, {was}, {write(change.wanted)}))"
                place = place_of(change.path)
                test = _Test(f"Has {shortly(change.wanted)} been taken out of {place}?", (), gone)
            case _:
                test = self._new(change)
        return test

    def _set(self, change: Change) -> _Test:
        place, now = place_of(change.path), look_up("final", change.path)
        if change.wanted in (Mark.ANY, str) or isinstance(change.wanted, Says):
            other = f"{now} not in (..., {look_up('initial', change.path)})"
            text = f" and matches({now}, {write(change.wanted)})"
            text = "" if change.wanted is Mark.ANY else text
            return _Test(f"Has {place} been brought up to date?", (), f"({other}{text})")
        lines, wanted = self._resolved(change.wanted)
        question = f"Has {place} become {shortly(change.wanted)}?"
        return _Test(question, lines, f"matches({now}, {wanted})")

    def _created(self, change: Change) -> _Test:
        lines, wanted = self._resolved(change.wanted)
        question = f"Has {place_of(change.path)} been created with {shortly(change.wanted)}?"
        return _Test(question, lines, f"matches({look_up('final', change.path)}, {wanted})")

    def _new(self, change: Change) -> _Test:
        """Ask for something new that is found by its content, one for each that is wanted."""
        place = cast("Path", _place_of_new(change))
        several = self._wanted[place]
        if len(several) == 1:
            lines, text = self._resolved(several[0])
            question = f"Has {shortly(change.wanted)} been added to {place_of(place)}?"
            return _Test(question, lines, f"bool({added_to(place, text)})")
        parts = [self._resolved(each) for each in several]
        lines = tuple(dict.fromkeys(line for some, _ in parts for line in some))
        before, after = look_up("initial", place), look_up("final", place)
        listed = enclosed("[", [text for _, text in parts], "]", "")
        question = f"Have {' and '.join(map(shortly, several))} been added to {place_of(place)}?"
        return _Test(question, lines, f"each_added({before}, {after}, {listed})")

    def _resolved(self, wanted: object) -> tuple[tuple[str, ...], str]:
        """Write what is wanted, behind the lines that find the new records it refers to."""
        names: dict[Made, str] = {}
        lines: list[str] = []
        for value in dict.fromkeys(_made_in(wanted)):
            owner = self._owners.get(value)
            if owner is not None:
                place, pattern, field, number = owner
                names[value] = f"new_{number}"
                # What the found record refers to in turn is left open: two may refer to each other.
                lines.append(f"{names[value]} = {_found_ids(place, write(pattern), field)}")
        return tuple(lines), write(wanted, names)


_Owner = tuple[Path, object, str | None, int]
"""Where a new record is, what it is known by, which of its fields holds its id (None: its key is
it), and a number."""


def _owners(changes: Sequence[Change]) -> Iterator[tuple[Made, _Owner]]:
    """Yield each made-up id with the new record that it is the id of."""
    for number, each in enumerate(changes, 1):
        last = each.path[-1]
        if each.kind is ChangeKind.CREATED and isinstance(last, Made):
            yield last, (each.path[:-1], _with_own_key(each), None, number)
        elif each.kind is ChangeKind.PUT and isinstance(each.wanted, dict):
            members = cast("dict[object, object]", each.wanted)
            field = next((key for key in members if _is_own_id(key, members[key], each)), None)
            if field is not None:
                made = cast("Made", members[field])
                yield made, (each.path, cast("object", members), str(field), number)


def _is_own_id(key: object, value: object, change: Change) -> bool:
    names = {"id", f"{singular(str(change.path[-1]))}_id"}
    return isinstance(value, Made) and key in names


def _place_of_new(change: Change) -> Path | None:
    """Return where something is new that has to be found by its content; None for other changes."""
    if change.kind is ChangeKind.PUT:
        return change.path
    return change.path[:-1] if change.kind is ChangeKind.CREATED and change.is_made else None


def _found_ids(place: Path, pattern: str, field: str | None) -> str:
    before, after = look_up("initial", place), look_up("final", place)
    if field is None:
        return f"added({before}, {after}, {pattern})"
    return f"ids_added({before}, {after}, {pattern}, {field!r})"


def _with_own_key(change: Change) -> object:
    """Return what is wanted of something new; where a record holds its own key, it says so."""
    last = change.path[-1]
    if not isinstance(last, Made) or not isinstance(change.wanted, dict):
        return change.wanted
    members = cast("dict[object, object]", change.wanted)
    return {key: Own() if item == last else item for key, item in members.items()}


def _made_in(wanted: object) -> Iterator[Made]:
    if isinstance(wanted, Made):
        yield wanted
    elif isinstance(wanted, dict):
        for item in cast("dict[object, object]", wanted).values():
            yield from _made_in(item)
    elif isinstance(wanted, list | tuple):
        for item in cast("list[object]", wanted):
            yield from _made_in(item)
