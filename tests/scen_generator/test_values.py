"""Which values an argument may take: from the schema, from ids, from fields of the same name."""

import pytest

from envscaler.environment.arguments import check_arguments
from envscaler.records import JsonObject, JsonValue, Tool
from envscaler.scen_generator.values import MOST_VALUES, Values
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT

VALUES = Values(STATE)
TEXT: JsonObject = {"type": "string"}
TOOLS = {tool.name: tool for tool in ENVIRONMENT.tools}


@pytest.mark.parametrize(
    ("name", "schema", "values"),
    [
        ("status", {"type": "string", "enum": ["open", "closed"]}, ["open", "closed"]),
        ("berth_id", TEXT, ["A1", "A2", "B1", "B2"]),
        ("target_berth_id", TEXT, ["A1", "A2", "B1", "B2"]),
        ("berth_ids", {"type": "array", "items": TEXT}, [["A1"], ["A2"], ["B1"], ["B2"]]),
        ("pier", TEXT, ["A", "B"]),
        ("new_pier", TEXT, ["A", "B"]),
        ("length_m", {"type": "number"}, [9.5, 11.0, 14.2, 7.8]),
        ("paid", {"type": "integer"}, [100]),
        ("owner", {"type": "integer"}, [1, 2]),
        ("urgent", {"type": "boolean"}, [True, False]),
        ("flag", {"type": "null"}, []),
    ],
)
def test_values_come_from_where_the_name_points(
    name: str, schema: JsonObject, values: list[JsonValue]
) -> None:
    assert VALUES.of(name, schema) == values


def test_records_that_a_text_describes_come_before_others() -> None:
    assert VALUES.of("boat_id", TEXT, "the Ternen of Marta Lind")[:2] == ["BT-003", "BT-001"]


def test_a_value_that_a_text_mentions_is_there_already_and_comes_last() -> None:
    schema: JsonObject = {"type": "string", "enum": ["open", "closed"]}

    assert VALUES.of("status", schema, "is it open?") == ["closed", "open"]


def test_a_record_that_a_text_names_comes_first() -> None:
    assert VALUES.of("boat_id", TEXT, "about BT-003")[0] == "BT-003"


def test_only_so_many_values_are_listed() -> None:
    state: JsonObject = {"boats": {f"BT-{n}": {"x": 1} for n in range(50)}}

    assert len(Values(state).of("boat_id", TEXT)) == MOST_VALUES


@pytest.mark.parametrize(
    ("name", "schema", "value", "other"),
    [
        ("berth_id", TEXT, "A1", "A2"),
        ("reason", TEXT, "storm", "something else"),
        ("arrival", TEXT, "2025-01-10", "2025-01-11"),
        ("until", TEXT, "2025-12-31T10:00", "something else"),
        ("amount", {"type": "integer"}, 120, 220),
        ("urgent", {"type": "boolean"}, True, False),
        ("status", {"type": "string", "enum": ["open", "closed"]}, "open", "closed"),
    ],
)
def test_another_value_is_never_the_same(
    name: str, schema: JsonObject, value: JsonValue, other: JsonValue
) -> None:
    others = VALUES.others(name, schema, value)

    assert others[0] == other
    assert value not in others


def test_a_date_that_nothing_else_holds_moves_by_a_day() -> None:
    assert "2026-01-01T10:00" in VALUES.others("until", TEXT, "2025-12-31T10:00")


def test_a_value_that_is_no_plain_one_has_no_neighbours() -> None:
    assert VALUES.others("extra", {"type": "null"}, None) == []


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_proposed_calls_fit_the_schema(name: str) -> None:
    calls = VALUES.calls(TOOLS[name], "", 6)

    assert calls
    assert len(calls) <= 6
    assert [check_arguments(TOOLS[name], arguments)[1] for arguments in calls] == [None] * len(
        calls
    )


def test_calls_differ_and_begin_with_the_best_values() -> None:
    calls = VALUES.calls(TOOLS["move_booking"], "BK-003 from A2 to B2", 4)

    assert calls == [
        {"booking_id": "BK-003", "berth_id": "A2"},
        {"booking_id": "BK-001", "berth_id": "A2"},
        {"booking_id": "BK-003", "berth_id": "B2"},
        {"booking_id": "BK-002", "berth_id": "A2"},
    ]


def test_an_optional_argument_is_given_too_one_at_a_time() -> None:
    calls = VALUES.calls(TOOLS["list_bookings"], "", 20)

    assert calls[:3] == [{}, {"boat_id": "BT-001"}, {"berth_id": "A1"}]
    assert all(len(arguments) <= 1 for arguments in calls)


def test_many_arguments_do_not_make_too_many_calls() -> None:
    names = [f"n{number}" for number in range(30)]
    properties: JsonObject = {name: {"type": "boolean"} for name in names}
    tool = Tool(
        name="set_all",
        description="",
        parameters={"type": "object", "properties": properties, "required": [*names]},
    )

    assert len(Values({}).calls(tool, "", 10_000)) == 1 + 30 + 30 * 29 // 2


def test_an_object_with_known_properties_is_filled() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"pier": {"type": "string"}, "paid": {"type": "integer"}},
    }

    assert VALUES.of("berth", schema) == [{"pier": "A", "paid": 100}]


def test_a_free_object_gets_a_field_of_the_state_with_another_value_than_mentioned() -> None:
    values = VALUES.of("updates", {"type": "object"}, "its status is open")

    assert values[0] == {"status": "closed"}
