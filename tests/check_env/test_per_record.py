"""Totals that leave out what a few records hold, and answers that are no mirrors."""

import pytest

from envscaler.check_env.detectors.mirrored import mirrors
from envscaler.check_env.detectors.per_record import odd_one, stated_amounts
from envscaler.records import FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined

KENNEL = '''
class Kennel:
    def __init__(self):
        self.dogs = {}
        self.games = []

    def daily_food(self) -> dict:
        """How many grams all dogs eat a day: the ration of each times its meals."""
        return {"success": True, "data": sum(d["ration"] * d["meals"] for d in self.dogs.values())}

    def head_to_head(self, first: str, second: str) -> dict:
        """Count the races that a dog has won and lost against another one.

        Args:
            first (str): A dog.
            second (str): Another one.
        """
        if first not in self.dogs or second not in self.dogs or first == second:
            return {"success": False, "error": "two dogs are needed"}
        games = [one for one in self.games if {first, second} == {one["one"], one["two"]}]
        winners = [one["won"] for one in games]
        told = {"won": winners.count(first), "lost": winners.count(second)}
        return {"success": True, "data": told}
'''
STATE: JsonObject = {
    "dogs": {
        "Rex": {"ration": 300, "meals": 1},
        "Ida": {"ration": 250, "meals": 3},
        "Bob": {"ration": 400, "meals": 2},
        "Kim": {"ration": 120, "meals": 1},
    },
    "games": [
        {"game_id": 1, "one": "Rex", "two": "Ida", "won": "Rex"},
        {"game_id": 2, "one": "Ida", "two": "Rex", "won": "Ida"},
        {"game_id": 3, "one": "Rex", "two": "Bob", "won": "Bob"},
    ],
}


def wrong(source: str) -> dict[str, str]:
    found = examined(source, STATE).findings
    return {one.tool: one.message for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_totals_that_add_up_and_mirrors_are_fine() -> None:
    assert wrong(KENNEL) == {}


def test_what_is_left_out_and_what_is_seen_from_one_side_only_is_found() -> None:
    source = (
        KENNEL.replace('d["meals"] for d', '(d["meals"] if d["meals"] != 2 else 1) for d')
        .replace("{first, second} ==", "[first, second] ==")
        .replace('{one["one"], one["two"]}', '[one["one"], one["two"]]')
    )

    found = wrong(source)

    assert (
        "dogs['Bob'] adds 400 to the answer, and its ration times meals is 800"
        in found["daily_food"]
    )
    assert "one is not the mirror of the other" in found["head_to_head"]


@pytest.mark.parametrize(
    ("drops", "odd"),
    [
        ({"a": 5.0, "b": 7.0, "c": 9.0}, None),
        ({"a": 5.0, "b": 7.0, "c": 4.0}, "c"),
        ({"a": 5.0, "b": 7.0, "c": 0.0}, None),
        ({"a": 1.0, "b": 1.0, "c": 9.0}, None),
    ],
)
def test_a_record_is_odd_where_most_add_what_they_hold(
    drops: dict[str, float], odd: str | None
) -> None:
    assert odd_one(drops, {"a": 5.0, "b": 7.0, "c": 9.0}) == odd


def test_amounts_are_the_fields_that_a_description_names() -> None:
    records: list[JsonObject] = [{"name": "Rex", "ration": 3, "meals": 2, "age": 4}]

    assert stated_amounts("the ration of each times its meals", records) == ("ration", "meals")
    assert stated_amounts("ration, meals and age", records) == ()


ANSWERS: tuple[tuple[JsonValue, JsonValue, bool | None], ...] = (
    ({"wins": 2, "losses": 1, "draws": 3}, {"wins": 1, "losses": 2, "draws": 3}, True),
    ({"wins": 2, "losses": 1, "draws": 3}, {"wins": 2, "losses": 1, "draws": 3}, False),
    (12.5, 12.5, True),
    (["a"], [], False),
    ([], [], None),
)


@pytest.mark.parametrize(("one", "two", "mirror"), ANSWERS)
def test_answers_from_two_sides_are_mirrors(
    one: JsonValue, two: JsonValue, *, mirror: bool | None
) -> None:
    assert mirrors(one, two) is mirror
