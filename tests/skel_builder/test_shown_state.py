"""A long state is cut to what calls are about."""

from envscaler.inputs.session import CallRecord
from envscaler.records import FindingCall, JsonObject, JsonValue, Observation, ObservationKind
from envscaler.sandbox import ProbeResult
from envscaler.skel_builder.shown_state import named_rows, state_about

ROWS: list[JsonValue] = [
    {"loan_id": f"L{place}", "reader_id": f"R{place % 90}", "days": place} for place in range(200)
]
LOANS: JsonObject = {
    "readers": {f"R{place}": {"name": f"Reader {place}"} for place in range(90)},
    "loans": ROWS,
    "fee": 3,
}


def called(
    arguments: JsonObject, before: JsonObject = LOANS, after: JsonObject | None = None
) -> CallRecord:
    result = ProbeResult(Observation(kind=ObservationKind.OK, value={"success": True}))
    call = FindingCall(tool="give_back", arguments=arguments)
    return CallRecord(0, (), call, before, before if after is None else after, result)


def shown(arguments: JsonObject, most: int = 900, after: JsonObject | None = None) -> str:
    return state_about(LOANS, [[called(arguments, after=after)]], most)


def test_a_short_state_is_shown_whole() -> None:
    text = shown({"loan_id": "L7"}, 100_000)

    assert text.count("'loan_id'") == 200


def test_a_record_that_the_call_names_is_shown_however_far_behind_it_stands() -> None:
    text = shown({"loan_id": "L187"})

    assert "{'loan_id': 'L187', 'reader_id': 'R7', 'days': 187}" in text
    assert "'R7': {'name': 'Reader 7'}" in text, "the record that it refers to"
    assert "of 200 are shown" in text
    assert "fee = 3" in text
    assert len(text) < 1_200


def test_others_are_shown_in_their_order_while_there_is_room() -> None:
    text = shown({"loan_id": "L187"})

    assert text.index("'L0'") < text.index("'L1'") < text.index("'L187'")


def test_a_record_that_the_call_changed_is_shown() -> None:
    after: JsonObject = {**LOANS, "loans": [*ROWS[:150], *ROWS[151:]]}

    assert "'L150'" in shown({"word": "oldest"}, after=after)
    assert "'L150'" not in shown({"word": "oldest"})


def test_a_number_names_only_records_of_its_own_kind() -> None:
    state: JsonObject = {
        "reels": {"$dict": [[1, {"title": "Snow"}], [2, {"title": "Ferry"}]]},
        "cells": {"$dict": [[1, {"name": "North"}], [2, {"name": "South"}]]},
    }

    assert named_rows(called({"reel_id": 2}, state), 500) == "reels: 2: {'title': 'Ferry'}"


def test_one_record_stands_in_a_line_whatever_holds_the_collections() -> None:
    state: JsonObject = {"data": {"loans": ROWS[:2], "readers": {"R1": {"name": "Bo"}}}}

    text = state_about(state, [[called({"loan_id": "L0"}, state)]], 2_000)

    assert "\n    {'loan_id': 'L1', 'reader_id': 'R1', 'days': 1}," in text
    assert "are shown" not in text


def test_an_attribute_that_holds_all_collections_is_opened() -> None:
    text = state_about({"data": LOANS}, [[called({"loan_id": "L187"}, {"data": LOANS})]], 900)

    assert "data.loans = [" in text
    assert "'L187'" in text
