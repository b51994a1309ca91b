"""Scenarios made from intentions: proven, of the tier asked for, in the words of a person."""

import re
from pathlib import Path

from envscaler.errors import RejectedError
from envscaler.records import MutantKind, Scenario
from envscaler.scen_generator.solution_first.intentions.tiers import shape_of
from tests.one_sandbox import end_sandboxes
from tests.scen_generator.intentions.making import harbour, make
from tests.scen_generator.running import ENVIRONMENT

GOLDEN = Path(__file__).with_name("golden.txt")


def test_every_tier_that_was_asked_for_is_made() -> None:
    assert [tier for tier, _ in harbour()] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_every_scenario_is_proven() -> None:
    for _, row in harbour():
        assert row.proof is not None
        assert (row.proof.proven, row.proof.score, row.proof.noop_score) == (True, 1.0, 0.0)


def test_every_write_is_missed_when_it_is_left_out() -> None:
    for _, row in harbour():
        assert row.proof is not None
        writes = [at for at, call in enumerate(row.proof.reference) if call.changed]
        caught = [
            each.at
            for each in row.proof.mutants
            if each.kind is MutantKind.DROP_CALL and each.caught_by
        ]
        assert sorted(caught) == writes


def test_a_scenario_is_of_the_tier_that_its_reference_says() -> None:
    for tier, row in harbour():
        assert row.proof is not None
        assert row.shape is not None
        shape = row.shape
        counted = shape_of(row.task, row.proof.reference, shape.branches, shape.distractors)
        assert (shape.tier, counted) == (tier, shape)


def test_the_lowest_tier_is_one_write_after_one_look_up() -> None:
    shapes = [row.shape for tier, row in harbour() if tier == 1]

    assert [(each.writes, each.look_ups) for each in shapes if each] == [(1, 1)] * 3


def test_checks_are_as_many_as_the_settings_want() -> None:
    wanted = [(1, 1), *((3, index) for index in range(4))]

    rows = make(*wanted, min_checks=4, max_checks=5).values()

    made = [row for row in rows if isinstance(row, Scenario)]
    assert made
    for row in made:
        assert 4 <= len(row.checks) <= 5
        assert row.proof is not None
        assert row.proof.proven


def test_nothing_in_a_message_is_a_name_of_code() -> None:
    names = {tool.name for tool in ENVIRONMENT.tools if "_" in tool.name}
    names |= {name for tool in ENVIRONMENT.tools for name in tool.properties if "_" in name}

    for _, row in harbour():
        assert not [name for name in names if name in row.task]
        assert not re.search(r"\w_\w|^\d\.|\n", row.task)


def test_what_is_looked_up_is_not_told() -> None:
    for _, row in harbour():
        assert row.proof is not None
        seen = [
            value
            for call in row.proof.reference
            if call.changed
            for value in call.arguments.values()
            if isinstance(value, str) and value.startswith("BT-") and value not in row.task
        ]
        answers = str([call.observation for call in row.proof.reference])
        assert all(value in answers for value in seen)


def test_the_same_spec_gives_the_same_scenario() -> None:
    [row] = [row for tier, row in harbour() if tier == 2 and row.index == 1]
    end_sandboxes()

    again = make((2, 1))[2, 1]

    assert isinstance(again, Scenario)
    assert again.model_dump_json() == row.model_dump_json()


def test_an_environment_without_writers_is_exhausted() -> None:
    structure = ENVIRONMENT.structure.model_copy(update={"changes": ()})
    barren = ENVIRONMENT.model_copy(update={"structure": structure})

    found = make((1, 0), environment=barren, sequence_tries=1)[1, 0]

    assert isinstance(found, RejectedError)
    assert found.kind == "exhausted"


def test_a_search_that_found_nothing_says_that_its_budget_is_spent() -> None:
    found = make((1, 0), sequence_tries=1, min_checks=99, max_checks=99)[1, 0]

    assert isinstance(found, RejectedError)
    assert found.kind == "budget"
    assert "in 6 tries" in str(found)


def test_messages_stay_as_they_were() -> None:
    # Sentences may name people, and these are from a library.
    said = "".join(re.sub(r'"[^"]*\."', '"…"', f"{tier}: {row.task}\n") for tier, row in harbour())

    assert said == GOLDEN.read_text(encoding="utf-8"), f"make it again from:\n{said}"
