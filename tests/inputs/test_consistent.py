"""Fields that have to go together."""

import pytest

from envscaler.inputs.consistent import addressed, consistent, fits, in_tone
from envscaler.inputs.sentences import BLAME, MIXED, PRAISE
from envscaler.records import JsonObject


@pytest.mark.parametrize(("stars", "said"), [(5, PRAISE), (4.0, PRAISE), (3, MIXED), (1, BLAME)])
@pytest.mark.parametrize("text", [PRAISE[-1], BLAME[0], "Something else."])
def test_a_review_says_what_its_stars_say(stars: float, said: tuple[str, ...], text: str) -> None:
    found = in_tone({"rating": stars, "comment": text})["comment"]

    assert found in said or found == text == "Something else."


def test_an_address_is_of_the_person_it_is_given_for() -> None:
    values: JsonObject = {"contact_info": "ada.hall7@example.org, +1-555-0102", "floor": 2}

    found = addressed(values, "Morton O'Neil")

    assert found == {"contact_info": "m.oneil@example.org, +1-555-0102", "floor": 2}
    assert addressed(values, "") == values


@pytest.mark.parametrize(
    ("word", "kind", "may"),
    [
        ("discharged", "patient", True),
        ("discharged", "payment", False),
        ("resolved", "support_ticket", True),
        ("cancelled", "employee", False),
        ("cancelled", "order", True),
        ("anything", "order", True),
    ],
)
def test_a_status_is_one_of_such_records(word: str, kind: str, may: bool) -> None:  # noqa: FBT001
    assert fits(word, kind) is may


def test_the_least_is_not_above_the_most() -> None:
    record: JsonObject = {"min_age": 60, "max_age": 20, "amount_due": 5, "amount_paid": 9}

    found = consistent(record)

    assert found == {"min_age": 20, "max_age": 60, "amount_due": 5, "amount_paid": 5}
