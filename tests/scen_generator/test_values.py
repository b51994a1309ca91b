"""Which values an argument may take: from the schema, from ids, from fields of the same name."""

import pytest

from envscaler.environment.schema.validate import check_arguments
from envscaler.records import JsonObject, JsonValue, Tool
from envscaler.scen_generator.solution_first.values import MOST_CHOICES, NOTHING, Values
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT

VALUES = Values(STATE)
TEXT: JsonObject = {"type": "string"}
TOOLS = {tool.name: tool for tool in ENVIRONMENT.tools}


@pytest.mark.parametrize(
    ("name", "schema", "values"),
    [
        ("status", {"type": "string", "enum": ["open", "closed"]}, ["open", "closed"]),
        ("berth_id", TEXT, ["A1", "B2", "A2", "B1"]),
        ("target_berth_id", TEXT, ["A1", "B2", "A2", "B1"]),
        ("berth_ids", {"type": "array", "items": TEXT}, [["A1"], ["B2"], ["A2"], ["B1"]]),
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
    topic = VALUES.topic("the Ternen of Marta Lind")

    assert VALUES.of("boat_id", TEXT, topic)[:2] == ["BT-003", "BT-001"]


def test_a_value_that_a_text_mentions_is_there_already_and_comes_last() -> None:
    schema: JsonObject = {"type": "string", "enum": ["open", "closed"]}

    assert VALUES.of("status", schema, VALUES.topic("is it open?")) == ["closed", "open"]


def test_a_record_that_a_text_names_comes_first() -> None:
    assert VALUES.of("boat_id", TEXT, VALUES.topic("about BT-003"))[0] == "BT-003"


def test_an_id_inside_another_word_is_not_named() -> None:
    values = Values({"boats": {"BT-1": {"x": 1}, "BT-10": {"x": 1}}})

    assert values.of("boat_id", TEXT, values.topic("about BT-10")) == ["BT-10", "BT-1"]


def test_records_around_the_named_one_come_next() -> None:
    topic = VALUES.topic("about BK-003")

    assert topic.named == {"BK-003"}
    assert topic.related == {"BT-002", "A2"}
    assert VALUES.of("boat_id", TEXT, topic)[0] == "BT-002"
    assert "BK-003" in VALUES.topic("about BT-002").related


def test_every_status_of_a_collection_comes_up_early() -> None:
    closed: JsonObject = {f"WAI-{n}": {"status": "closed"} for n in range(6)}
    values = Values({"entries": {**closed, "WAI-6": {"status": "waiting"}}})

    assert values.of("entry_id", TEXT)[:2] == ["WAI-0", "WAI-6"]


def test_a_large_collection_is_sampled_and_not_cut() -> None:
    state: JsonObject = {"boats": {f"BT-{n:02d}": {"x": 1} for n in range(50)}}

    ids = Values(state).of("boat_id", TEXT)

    assert len(ids) == MOST_CHOICES
    assert max(map(str, ids)) > "BT-30"
    assert Values(state).of("boat_id", TEXT) == ids


def test_a_field_is_looked_up_where_no_id_is_of_the_type() -> None:
    values = Values({"plots": {"PLT-1": {"plot_number": 7}}})

    assert values.of("plot_number", {"type": "integer"}) == [7]


def test_fields_are_sampled_from_the_first_to_the_last() -> None:
    state: JsonObject = {"shifts": {str(n): {"length": n} for n in range(10)}}

    assert Values(state).of("length", {"type": "integer"}) == [0, 3, 6, 9]


@pytest.mark.parametrize(
    ("name", "schema", "value", "other"),
    [
        ("berth_id", TEXT, "A1", "B2"),
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


@pytest.mark.parametrize(
    ("value", "others"),
    [(True, [False]), (False, [True]), (3, [4, 2]), (2.5, [3.5, 1.5]), ("a", ["a too"])],
)
def test_neighbours_of_a_value_are_of_its_own_type(
    value: JsonValue, others: list[JsonValue]
) -> None:
    found = Values({}).others("extra", {}, value)

    assert [(type(other), other) for other in found] == [(type(other), other) for other in others]


def test_a_value_that_is_no_plain_one_has_no_neighbours() -> None:
    assert VALUES.others("extra", {"type": "null"}, None) == []


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_proposed_calls_fit_the_schema(name: str) -> None:
    calls = [arguments for _, arguments in VALUES.calls(TOOLS[name], NOTHING, 6)]

    assert calls
    assert len(calls) <= 6
    assert [check_arguments(TOOLS[name], arguments)[1] for arguments in calls] == [None] * len(
        calls
    )


def test_calls_differ_and_begin_with_the_records_of_the_topic() -> None:
    calls = VALUES.calls(TOOLS["move_booking"], VALUES.topic("BK-003 on A2 stays"), 20)

    assert calls[0] == (0, {"booking_id": "BK-003", "berth_id": "A2"})
    assert [far for far, _ in calls] == [0] * 6 + [2] * 6
    assert all("BK-003" in call.values() or "A2" in call.values() for _, call in calls[:6])


def test_an_optional_argument_is_given_too_one_at_a_time() -> None:
    calls = [arguments for _, arguments in VALUES.calls(TOOLS["list_bookings"], NOTHING, 20)]

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

    assert len(Values({}).calls(tool, NOTHING, 10_000)) == 1 + 30 + 30 * 29 // 2


def test_an_object_with_known_properties_is_filled() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"pier": {"type": "string"}, "paid": {"type": "integer"}},
    }

    assert VALUES.of("berth", schema) == [{"pier": "A", "paid": 100}]


def test_a_free_object_gets_a_field_of_the_state_with_another_value_than_mentioned() -> None:
    topic = VALUES.topic("its status is open")

    values = VALUES.of("updates", {"type": "object"}, topic)

    assert values[0] == {"status": "closed"}
