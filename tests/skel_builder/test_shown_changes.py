"""What a call changed is told by ids, not by places."""

import pytest

from envscaler.records import JsonObject, JsonValue
from envscaler.skel_builder.shown_changes import change_lines


def of_lists(before: list[JsonValue], after: list[JsonValue]) -> tuple[str, ...]:
    return change_lines({"loans": before}, {"loans": after})


def loan(number: JsonValue, days: int = 3, id_field: str = "loan_id") -> JsonObject:
    return {id_field: number, "reader_id": "R1", "days": days}


@pytest.mark.parametrize("id_field", ["id", "loan_id", "no", "code"])
def test_a_record_that_leaves_a_list_is_the_only_thing_that_changed(id_field: str) -> None:
    records: list[JsonValue] = [loan(number, id_field=id_field) for number in (1, 2, 3)]

    [line] = of_lists(records, records[1:])

    assert line.startswith(f'loans["{id_field}=1"]: removed')


def test_a_field_of_a_record_in_a_list_is_named_by_the_id() -> None:
    assert of_lists([loan(1), loan(2)], [loan(1), loan(2, 9)]) == (
        'loans["loan_id=2"].days: 3 → 9',
    )


def test_an_id_that_is_there_twice_afterwards_is_told() -> None:
    [line] = of_lists([loan(1), loan(2)], [loan(1), loan(2), loan(2, 5)])

    assert line.startswith('loans["loan_id=2 #2"]: added')


def test_another_order_is_told() -> None:
    [line] = of_lists([loan(1), loan(2)], [loan(2), loan(1)])

    assert "(order)" in line
    assert line.endswith("'loan_id=1, loan_id=2' → 'loan_id=2, loan_id=1'")


def test_lists_of_plain_values_are_told_by_place() -> None:
    assert of_lists(["a", "b"], ["a", "c"]) == ("loans[1]: 'b' → 'c'",)


def test_lists_inside_of_records_and_objects_are_told_by_id_too() -> None:
    def held(*days: int) -> JsonObject:
        rows: list[JsonValue] = [loan(place, one) for place, one in enumerate(days)]
        return {"desk": {"$dataclass": ["Desk", {"loans": rows}]}}

    assert change_lines(held(1, 2), held(1, 5)) == ('desk.loans["loan_id=1"].days: 2 → 5',)
