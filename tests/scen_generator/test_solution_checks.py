"""Goals and guards: what they say before a solution, after it, and after something else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from envscaler.config import load_settings
from envscaler.environment.code.lint import lint_check
from envscaler.environment.state.encoding import tag
from envscaler.records import Check, Clock, JsonObject, VerdictKind
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.changes import Change, ChangeKind, find_changes
from envscaler.scen_generator.proof.check_sources import write
from envscaler.scen_generator.proof.spared import spared_by
from envscaler.scen_generator.proof.state_checks import Outcome, closed_world, goals_of
from tests.scen_generator.running import in_sandbox

NO_TAGS: list[object] = []
SKUA: dict[str, object] = {"name": "Skua", "tags": ["old"]}
ALK: dict[str, object] = {"name": "Alk", "tags": NO_TAGS}
START: dict[str, object] = {
    "boats": {"B1": SKUA, "B2": ALK},
    "bookings": {"K1": {"boat": "B1", "status": "booked", "at": None}},
    "prices": {1: 30.0, 2: 50.0},
    "log": [{"text": "opened"}],
    "crew": [{"name": "Ada", "role": "cook"}, {"name": "Bo", "role": "cook"}],
    "queue": ["a", "b"],
    "open": True,
}


@dataclass(frozen=True)
class Case:
    """A state that a solution leaves, and states that are wrong."""

    right: Mapping[str, object]
    """Attributes that are others than at the start."""
    wrong: Mapping[str, object]
    """Attributes that are others than in the right state."""
    made: tuple[object, ...] = ()
    other_run: Mapping[str, object] | None = None
    """Attributes that another run leaves otherwise."""


BOOKED: dict[str, object] = {"boat": "B1", "status": "booked", "at": None}
NEW: dict[str, object] = {"boat": "B2", "status": "booked", "at": "10:00"}
CASES = {
    "field": Case(
        {"bookings": {"K1": {**BOOKED, "status": "off"}}},
        {"bookings": {"K1": {**BOOKED, "status": "gone"}}},
    ),
    "integer key": Case({"prices": {1: 35.5, 2: 50.0}}, {"prices": {1: 35.0, 2: 50.0}}),
    "attribute": Case({"open": False}, {"open": None}),
    "removed": Case({"boats": {"B1": SKUA}}, {"boats": {"B1": SKUA, "B2": ALK}}),
    "put": Case(
        {"boats": {"B1": SKUA, "B2": {**ALK, "tags": ["new"]}}},
        {"boats": {"B1": SKUA, "B2": {**ALK, "tags": ["now"]}}},
    ),
    "taken": Case(
        {"boats": {"B1": {**SKUA, "tags": NO_TAGS}, "B2": ALK}},
        {"boats": {"B1": {**SKUA, "tags": ["old", "new"]}, "B2": ALK}},
    ),
    "created under a given key": Case(
        {"bookings": {"K1": BOOKED, "K2": NEW}}, {"bookings": {"K1": BOOKED, "K3": NEW}}
    ),
    "created under another key than in the solution": Case(
        {"bookings": {"K1": BOOKED, "K2": NEW}},
        {"bookings": {"K1": BOOKED, "K2": {**NEW, "boat": "B1"}}},
        made=("K2",),
    ),
    "two under made-up keys": Case(
        {"bookings": {"K1": BOOKED, "K2": NEW, "K3": {**NEW, "boat": "B1"}}},
        {"bookings": {"K1": BOOKED, "K2": NEW}},
        made=("K2", "K3"),
    ),
    "time left open": Case(
        {"bookings": {"K1": {**BOOKED, "at": "10:00"}}},
        {"bookings": {"K1": BOOKED}},
        other_run={"bookings": {"K1": {**BOOKED, "at": "11:30"}}},
    ),
    "item of a list with a made-up id": Case(
        {"log": [{"text": "opened"}, {"id": "L7", "text": "sold"}]},
        {"log": [{"text": "opened"}, {"id": "L7", "text": "lost"}]},
        made=("L7",),
    ),
    "field of a record in a list": Case(
        {"crew": [{"name": "Ada", "role": "mate"}, {"name": "Bo", "role": "cook"}]},
        {"crew": [{"name": "Ada", "role": "cook"}, {"name": "Bo", "role": "cook"}]},
    ),
    "record taken out of a list": Case(
        {"crew": [{"name": "Bo", "role": "cook"}]},
        {"crew": [{"name": "Ada", "role": "cook"}]},
    ),
    "item put in front": Case({"queue": ["z", "a", "b"]}, {"queue": ["a", "b", "z"]}),
    "two of a kind": Case(
        {"log": [{"text": "opened"}, {"text": "sold"}, {"text": "sold"}]},
        {"log": [{"text": "opened"}, {"text": "sold"}]},
    ),
    "one new record refers to another": Case(
        {
            "boats": {"B1": SKUA, "B2": ALK, "x7": {"name": "Tern", "tags": NO_TAGS}},
            "bookings": {"K1": BOOKED, "y8": {**NEW, "boat": "x7"}},
        },
        {"bookings": {"K1": BOOKED, "y8": {**NEW, "boat": "B2"}}},
        made=("x7", "y8"),
    ),
}
NOTHING: dict[str, object] = {}
EXTRA_CALL: dict[str, object] = {
    "bookings": NOTHING,
    "boats": NOTHING,
    "prices": NOTHING,
    "log": NO_TAGS,
    "crew": NO_TAGS,
    "queue": NO_TAGS,
    "open": None,
}


def state(**attributes: object) -> JsonObject:
    return cast("JsonObject", tag({**START, **attributes}))


def changes_in(case: Case) -> tuple[Change, ...]:
    after = {**START, **case.right}
    other_run = {**after, **(case.other_run or {})}
    return find_changes(START, after, other_run, frozenset(case.made))


def renamed(case: Case) -> JsonObject:
    """Return the right state with other made-up keys."""
    text = json.dumps(state(**case.right))
    for key in case.made:
        text = text.replace(f'"{key}"', f'"other-{key}"')
    return cast("JsonObject", json.loads(text))


Said = dict[str, list[VerdictKind]]


@pytest.fixture(scope="module")
def said() -> dict[str, Said]:
    """Ask the goals of all cases about the start, the right end, its like, and the wrong one."""

    async def run(sandbox: Sandbox) -> dict[str, Said]:
        async def ask(checks: Sequence[Check], end: JsonObject) -> list[VerdictKind]:
            found = await sandbox.run_checks(checks, state(), end, Clock())
            return [verdict.kind for verdict in found]

        answers: dict[str, Said] = {}
        for name, case in CASES.items():
            goals = tuple(goal.check for goal in goals_of(changes_in(case)))
            found = changes_in(case)
            guard, whole = closed_world([Outcome(found, spared_by(found))])
            answers[name] = {
                "start": await ask(goals, state()),
                "right": await ask(goals, state(**case.right)),
                "renamed": await ask(goals, renamed(case)),
                "wrong": await ask(goals, state(**{**case.right, **case.wrong})),
                "guard at the start": await ask([guard], state()),
                "guard after": await ask([guard], renamed(case)),
                "guard after an extra call": await ask([guard], state(**EXTRA_CALL)),
                "guard after a new attribute": await ask([guard], state(**case.right, extra=1)),
                "whole at the start": await ask([whole], state()),
                "whole after": await ask([whole], renamed(case)),
                "whole after the wrong end": await ask(
                    [whole], state(**{**case.right, **case.wrong})
                ),
            }
        return answers

    return in_sandbox(load_settings(None, ()), run)


@pytest.mark.parametrize("name", CASES)
def test_goals_are_false_before_and_true_after(said: dict[str, Said], name: str) -> None:
    assert set(said[name]["start"]) == {VerdictKind.FAILED}
    assert set(said[name]["right"]) == {VerdictKind.PASSED}


@pytest.mark.parametrize("name", CASES)
def test_goals_do_not_hang_on_what_a_tool_made_up(said: dict[str, Said], name: str) -> None:
    assert set(said[name]["renamed"]) == {VerdictKind.PASSED}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_end_fails_a_goal_and_breaks_none(said: dict[str, Said], name: str) -> None:
    assert VerdictKind.FAILED in said[name]["wrong"]
    assert set(said[name]["wrong"]) <= {VerdictKind.PASSED, VerdictKind.FAILED}


@pytest.mark.parametrize("name", CASES)
def test_the_guard_holds_until_something_else_changes(said: dict[str, Said], name: str) -> None:
    assert said[name]["guard at the start"] == [VerdictKind.PASSED]
    assert said[name]["guard after"] == [VerdictKind.PASSED]
    assert said[name]["guard after an extra call"] == [VerdictKind.FAILED]


@pytest.mark.parametrize("name", CASES)
def test_an_attribute_that_appears_breaks_the_guard(said: dict[str, Said], name: str) -> None:
    assert said[name]["guard after a new attribute"] == [VerdictKind.FAILED]


@pytest.mark.parametrize("name", CASES)
def test_one_goal_can_ask_for_the_whole_end(said: dict[str, Said], name: str) -> None:
    assert said[name]["whole at the start"] == [VerdictKind.FAILED]
    assert said[name]["whole after"] == [VerdictKind.PASSED]
    assert said[name]["whole after the wrong end"] == [VerdictKind.FAILED]


def test_goals_pass_the_lint_of_checks() -> None:
    goals = [goal for case in CASES.values() for goal in goals_of(changes_in(case))]

    assert [finding for goal in goals for finding in lint_check(goal.check.source)] == []


def test_a_question_says_what_has_to_be_done() -> None:
    case = CASES["field"]

    [goal] = goals_of(changes_in(case))

    assert goal.check.item == "Has the status of booking K1 become 'off'?"


def test_goals_that_show_what_was_given_come_first() -> None:
    derived = Change(ChangeKind.SET, ("log",), "x")
    asked = Change(ChangeKind.SET, ("bookings", "K1", "status"), "off")

    goals = goals_of([derived, asked], {"off"})

    assert [goal.changes for goal in goals] == [(asked,), (derived,)]


def test_long_values_are_written_over_several_lines() -> None:
    assert write({"a": ["x" * 40, "y" * 40]}) == (
        "{\n    'a': [\n        '" + "x" * 40 + "',\n        '" + "y" * 40 + "',\n    ],\n}"
    )


def test_a_number_that_cannot_be_written_is_left_open() -> None:
    assert write({"a": float("nan"), "b": 1.5}) == "{'a': ..., 'b': 1.5}"
