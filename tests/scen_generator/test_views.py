"""How states and tools are shown to a model."""

import json

from envscaler.records import JsonObject, Observation, ObservationKind, ReferenceCall, Tool
from envscaler.scen_generator.views import call_text, cleared, state_text, tools_text
from tests.scen_generator.example import STATE


def test_a_state_is_shown_as_json_with_a_record_per_line() -> None:
    text = state_text(STATE)

    shown = text.removeprefix("```json\n").removesuffix("\n```")
    assert json.loads(shown) == STATE
    records = [line for line in shown.splitlines() if line.startswith("  ")]
    assert len(records) == sum(len(json.loads(json.dumps(STATE[name]))) for name in STATE)


def test_a_long_state_is_cut_and_says_so() -> None:
    state: JsonObject = {"boats": {str(n): {"name": "x" * 50} for n in range(100)}, "next": 7}

    text = state_text(state, max_chars=2000)

    assert text.startswith("(too long to show; the first 20 of each collection, there are more)")
    assert json.loads(text.partition("```json\n")[2].removesuffix("\n```"))["next"] == 7
    assert len(text) <= 2000


def test_other_alphabets_stay_readable() -> None:
    assert "Ærø 港" in state_text({"name": "Ærø 港"})


def test_a_cleared_state_keeps_its_attributes_and_loses_its_records() -> None:
    state: JsonObject = {"boats": {"B": {}}, "log": [1], "next": 7, "name": "x"}

    assert cleared(state) == {"boats": {}, "log": [], "next": 7, "name": "x"}


def test_a_tool_is_shown_as_a_signature() -> None:
    tool = Tool(
        name="list_berths",
        description="List berths\n  of a status.",
        parameters={
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["open", "closed"], "description": "Which."},
                "piers": {"type": "array", "items": {"type": "string"}, "description": ""},
                "length": {"type": "number", "description": "Metres.", "default": 0},
            },
            "required": ["status"],
        },
    )

    assert tools_text((tool,)) == (
        '- `list_berths(status: "open" | "closed", piers?: array of string, length?: number = 0)`:'
        " List berths of a status.\n"
        "  - `status`: Which.\n"
        "  - `length`: Metres."
    )


def test_results_are_left_out_and_each_constraint_stands_on_its_own_line() -> None:
    tool = Tool(
        name="close_berth",
        description="Close a berth,\nuntil it is opened.\n\nArgs:\n    berth_id: Which.\n\n"
        'Returns:\n    dict: {"success": True}, or\n        an error.\n\n'
        "Constraints:\n    - It has no\n      active bookings.\n    - It is open.\n\n"
        "Takes a night.",
        parameters={},
    )

    assert tools_text((tool,)) == (
        "- `close_berth()`: Close a berth, until it is opened. Takes a night.\n"
        "  - It has no active bookings.\n"
        "  - It is open."
    )


def test_an_executed_call_is_shown_with_its_effect() -> None:
    call = ReferenceCall(
        name="cancel_booking",
        arguments={"booking_id": "BK-001"},
        observation=Observation(kind=ObservationKind.OK, value={"success": True}),
        succeeded=True,
        changed=True,
    )

    assert call_text(call) == (
        '`cancel_booking({"booking_id": "BK-001"})` changed the data: {"success": true}'
    )


def test_a_call_that_its_tool_refused_just_failed() -> None:
    call = ReferenceCall(
        name="get_boat",
        arguments={},
        observation=Observation(kind=ObservationKind.OK, value={"success": False}),
        succeeded=False,
        changed=False,
    )

    assert call_text(call) == '`get_boat({})` failed, changed nothing: {"success": false}'


def test_a_long_result_is_cut() -> None:
    call = ReferenceCall(
        name="list_boats",
        arguments={},
        observation=Observation(kind=ObservationKind.TIMEOUT, value={"error": "x" * 9000}),
        succeeded=False,
        changed=False,
    )

    text = call_text(call)

    assert "failed (timeout), changed nothing" in text
    assert text.endswith("… (7513 more characters)")
