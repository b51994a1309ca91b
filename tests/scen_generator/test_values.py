"""Which values an argument may take: from the schema, from ids, from fields of the same name."""

import pytest

from envscaler.environment.arguments import check_arguments
from envscaler.records import JsonObject, JsonValue
from envscaler.scen_generator.values import MOST_VALUES, calls_of, other_values, values_for
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT

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
    assert values_for(name, schema, STATE) == values


def test_what_a_text_mentions_comes_first() -> None:
    assert values_for("boat_id", TEXT, STATE, "about BT-003")[0] == "BT-003"


def test_only_so_many_values_are_listed() -> None:
    state: JsonObject = {"boats": {f"BT-{n}": {"x": 1} for n in range(50)}}

    assert len(values_for("boat_id", TEXT, state)) == MOST_VALUES


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
    others = other_values(name, schema, STATE, value)

    assert others[0] == other
    assert value not in others


def test_a_date_that_nothing_else_holds_moves_by_a_day() -> None:
    assert "2026-01-01T10:00" in other_values("until", TEXT, STATE, "2025-12-31T10:00")


def test_a_value_that_is_no_plain_one_has_no_neighbours() -> None:
    assert other_values("extra", {"type": "object"}, STATE, {"a": 1}) == []


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_proposed_calls_fit_the_schema(name: str) -> None:
    calls = calls_of(TOOLS[name], STATE, "", 6)

    assert calls
    assert len(calls) <= 6
    assert [check_arguments(TOOLS[name], arguments)[1] for arguments in calls] == [None] * len(
        calls
    )


def test_calls_differ_and_begin_with_the_best_values() -> None:
    calls = calls_of(TOOLS["cancel_booking"], STATE, "BK-002 and BK-003", 6)

    assert calls == [{"booking_id": f"BK-00{number}"} for number in (2, 3, 1)]
