"""A period both of whose ends count is the sum of its two parts."""

import pytest

from envscaler.check_env.detectors.split_periods import split_periods
from envscaler.inputs.texts import is_told_as_day
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Meters:
    def __init__(self):
        self.water = []

    def get_used(self, first: str, last: str) -> dict:
        """{said}"""
        return {"success": True, "data": 0}
'''
STATE: JsonObject = {
    "water": [
        {"day": "2026-03-01", "litres": 200},
        {"day": "2026-03-04", "litres": 45},
        {"day": "2026-03-09", "litres": 10},
    ]
}
BOTH = "Litres from the day `first` to the day `last`, both included."


def used(state: JsonObject, arguments: JsonObject, *, last_too: bool) -> JsonObject:
    water, total = state["water"], 0
    assert isinstance(water, list)
    first, last = str(arguments["first"]), str(arguments["last"])
    for one in water:
        assert isinstance(one, dict)
        day = str(one["day"])
        within = first <= day < last or (last_too and day == last)
        total += int(str(one["litres"])) if within else 0
    return {"success": True, "data": total}


def with_the_last(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return used(state, arguments, last_too=True)


def without_the_last(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return used(state, arguments, last_too=False)


@pytest.mark.parametrize(
    ("said", "answer", "claims"),
    [
        (BOTH, without_the_last, 1),
        (BOTH, with_the_last, 0),
        ("Litres from `first` until `last`, exclusive.", without_the_last, 0),
        ("Average litres from `first` to `last`, both included.", without_the_last, 0),
    ],
)
def test_parts_that_do_not_add_up_to_the_whole_are_claimed(
    said: str, answer: Tool, claims: int
) -> None:
    found = claimed(
        split_periods,
        {"get_used": answer},
        STATE,
        call("get_used", first="2026-02-01", last="2026-04-01"),
        source=SOURCE.replace("{said}", said),
    )

    assert len(found) == claims


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("first", BOTH, True),
        ("last", BOTH, True),
        ("first", "The first name of a guest.", False),
        ("plot", "A plot on a day.", False),
    ],
)
def test_a_parameter_is_a_day_where_the_description_says_so(
    name: str, said: str, *, told: bool
) -> None:
    assert is_told_as_day(name, said) == told


def test_what_stands_at_the_end_of_a_period_is_not_added_up() -> None:
    def closing(state: JsonObject, arguments: JsonObject) -> JsonObject:
        whole = used(state, {**arguments, "first": "0001-01-01"}, last_too=True)
        return {"success": True, "data": {"closing": whole["data"]}}

    period = call("get_used", first="2026-02-01", last="2026-04-01")
    source = SOURCE.replace("{said}", BOTH)

    assert claimed(split_periods, {"get_used": closing}, STATE, period, source=source) == []


def test_minutes_that_are_whole_numbers_are_parted_too() -> None:
    rows: JsonObject = {"water": [{"day": day, "litres": day + 1} for day in (3, 10, 25, 40)]}

    def total(state: JsonObject, arguments: JsonObject, *, last_too: bool) -> JsonObject:
        water, found = state["water"], 0
        assert isinstance(water, list)
        for one in water:
            assert isinstance(one, dict)
            day, first, last = (int(str(n)) for n in (one["day"], *arguments.values()))
            found += day if first <= day < last or (last_too and day == last) else 0
        return {"success": True, "data": found}

    def right(state: JsonObject, arguments: JsonObject) -> JsonObject:
        return total(state, arguments, last_too=True)

    def wrong(state: JsonObject, arguments: JsonObject) -> JsonObject:
        return total(state, arguments, last_too=False)

    source = SOURCE.replace("{said}", BOTH).replace(": str", ": int")
    period = call("get_used", first=0, last=50)

    assert claimed(split_periods, {"get_used": right}, rows, period, source=source) == []
    assert len(claimed(split_periods, {"get_used": wrong}, rows, period, source=source)) == 1
