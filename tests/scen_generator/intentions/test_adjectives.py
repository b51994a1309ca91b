"""How something is stands before its noun where it is an adjective there, and else behind it."""

from random import Random

import pytest

from envscaler.scen_generator.solution_first.intentions.adjectives import (
    before_noun,
    behind_noun,
    degree,
    done_by_itself,
    marked,
)
from envscaler.scen_generator.solution_first.intentions.spoken import Values


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("pending", "pending"),
        ("success", "successful"),
        ("in_progress", "in-progress"),
        ("overdue", "overdue"),
        ("arrived", None),
        ("pending_review", None),
        ("clinic_read", None),
        ("high", None),
    ],
)
def test_only_adjectives_stand_before_a_noun(value: str, said: str | None) -> None:
    assert before_noun(value) == said


def test_each_value_is_said_in_one_way() -> None:
    values = ("success", "in_progress", "pending_review", "arrived", "checked_out", "clinic_read")
    ways = (before_noun, behind_noun, done_by_itself, marked)

    said = {value: [words(value) for words in ways if words(value)] for value in values}

    assert said == {
        "success": ["successful"],
        "in_progress": ["in-progress"],
        "pending_review": ["pending review"],
        "arrived": ["arrived"],
        "checked_out": ["checked out"],
        "clinic_read": ["clinic read"],
    }
    assert behind_noun("pending_review")
    assert done_by_itself("arrived")
    assert marked("clinic_read")


def test_a_degree_names_what_it_is_a_degree_of() -> None:
    assert degree("high") == "high"
    assert degree("severe") is None


def test_what_is_only_a_name_for_something_is_quoted_and_read_back() -> None:
    values = Values([], ["clinic_read", "in_progress", "credit_card"])

    said = {each: values.say(each, Random(0)) for each in ("clinic_read", "in_progress")}

    assert said == {"clinic_read": '"clinic read"', "in_progress": "in progress"}
    assert all(
        (each, len(words)) in [*values.read(words, 0)]  # of all that may stand there
        for each, words in said.items()
    )
