"""In which order the calls of an intention are made: nothing is done before it is known to what."""

from envscaler.records import Call, JsonValue
from envscaler.scen_generator.solution_first.intentions.meaning import Act
from envscaler.scen_generator.solution_first.intentions.orders import orders


def _list(room: str) -> Call:
    return Call(name="list_bookings", arguments={"room_id": room})


def _cancel(booking: str) -> Act:
    return Act("cancel_booking", (("booking_id", booking),))


def _said(
    told: str, shown: list[list[Call]], done: list[list[Act]], answers: dict[str, JsonValue]
) -> list[str]:
    """Return each order as one line: what is asked in small letters, what is done in capitals."""
    return [
        " ".join(
            f"CANCEL {each.arguments[0][1]}"
            if isinstance(each, Act)
            else f"list {each.arguments['room_id']}"
            for each in made
        )
        for made in orders(told, shown, done, answers)
    ]


def test_what_is_found_one_after_the_other_may_be_done_one_after_the_other() -> None:
    shown = [[], [_list("R1"), _list("R2")]]
    answers: dict[str, JsonValue] = {repr(_list("R1")): ["B1"], repr(_list("R2")): ["B2"]}

    found = _said("R1 R2", shown, [[], [_cancel("B1"), _cancel("B2")]], answers)

    assert found == [
        "list R1 list R2 CANCEL B1 CANCEL B2",
        "list R1 list R2 CANCEL B1 CANCEL B2",
        "list R1 CANCEL B1 list R2 CANCEL B2",
    ]


def test_each_step_may_be_looked_up_when_it_is_reached() -> None:
    shown = [[], [_list("R1")], [_list("R1"), _list("R2")]]
    done = [[], [_cancel("B1")], [_cancel("B2")]]
    answers: dict[str, JsonValue] = {repr(_list("R1")): ["B1"], repr(_list("R2")): ["B2"]}

    found = _said("R1 R2", shown, done, answers)

    assert "list R1 CANCEL B1 list R2 CANCEL B2" in found


def test_a_query_that_shows_who_is_not_meant_comes_before_all_that_is_done() -> None:
    shown = [[], [_list("R1"), _list("R2")]]
    answers: dict[str, JsonValue] = {repr(_list("R1")): ["B1", "B2"], repr(_list("R2")): ["B9"]}

    found = _said("", shown, [[], [_cancel("B1"), _cancel("B2")]], answers)

    assert {*found} == {"list R1 list R2 CANCEL B1 CANCEL B2"}


def test_what_leads_to_a_query_comes_before_it() -> None:
    shown = [[], [_list("R1"), _list("R2")]]
    answers: dict[str, JsonValue] = {repr(_list("R1")): ["R2"], repr(_list("R2")): ["B1", "B2"]}

    *_, singly = _said("R1", shown, [[], [_cancel("B1"), _cancel("B2")]], answers)

    assert singly == "list R1 list R2 CANCEL B1 CANCEL B2"
