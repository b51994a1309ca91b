"""What models are shown of states, tools, classes and calls."""

import json

import pytest

from envscaler.environment.state.difference import StateDiff
from envscaler.prompt_text import (
    STATE_CHARS,
    VALUE_CHARS,
    class_outline,
    difference_lines,
    executed_text,
    function_line,
    method_excerpt,
    state_text,
    tool_signature,
    tools_text,
    value_text,
)
from envscaler.records import (
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
    ReferenceCall,
    Tool,
)

MODULE = '''\
import math

LIMIT = 3


def _twice(number):
    return 2 * number


def _unused():
    return 0


class Shop:
    """A shop."""

    def __init__(self) -> None:
        self.items: dict[str, int] = {}  # id → price

    @staticmethod
    def price(item):
        return _twice(item)

    def _find(self, item_id):
        return self._find(item_id) or self.items.get(item_id)

    def get_item(self, item_id):
        return {"success": True, "data": self._find(item_id)}
'''


def make_tool(required: list[JsonValue], **properties: JsonValue) -> Tool:
    return Tool(
        name="find",
        description="Find things.\n\nConstraints:\n    - None.",
        parameters={"type": "object", "properties": properties, "required": required},
    )


def test_outline_keeps_all_but_the_methods() -> None:
    outline = class_outline(MODULE, "Shop")

    assert "self.items: dict[str, int] = {}  # id → price" in outline
    assert "LIMIT = 3" in outline
    assert "staticmethod" not in outline
    assert "get_item" not in outline


def test_excerpt_has_the_method_first_and_then_the_helpers_it_reaches() -> None:
    assert method_excerpt(MODULE, "Shop", "get_item") == (
        "def get_item(self, item_id):\n"
        '    return {"success": True, "data": self._find(item_id)}\n\n'
        "def _find(self, item_id):\n"
        "    return self._find(item_id) or self.items.get(item_id)"
    )


def test_excerpt_follows_functions_of_the_module() -> None:
    excerpt = method_excerpt(MODULE, "Shop", "price")

    assert "def _twice(number):" in excerpt
    assert "_unused" not in excerpt


def test_state_is_written_with_a_record_per_line() -> None:
    state: JsonObject = {"items": {"I-1": {"price": 3}}, "limit": 2, "log": []}

    assert state_text(state) == (
        '{\n"items": {\n  "I-1": {"price": 3}\n},\n"limit": 2,\n"log": []\n}'
    )


def test_long_state_is_shortened_and_says_so() -> None:
    state: JsonObject = {"items": {f"I-{n}": "x" * 500 for n in range(100)}, "limit": 2}

    text = state_text(state)

    assert len(text) < STATE_CHARS + 100
    assert text.startswith("// shortened: at most 40 of each collection are shown")
    assert '"limit": 2' in text


def test_state_of_one_huge_record_is_cut() -> None:
    text = state_text({"items": {"I-1": "x" * 2 * STATE_CHARS}})

    assert text.endswith("more characters)")
    assert len(text) < STATE_CHARS + 100


def test_long_value_says_how_much_is_missing() -> None:
    assert value_text("x" * VALUE_CHARS).endswith(" … (2 more characters)")


def test_differences_are_a_line_each() -> None:
    changes = StateDiff(added={"a.b": 1}, removed={"a.c": "x"}, changed={"d": (None, True)})

    assert difference_lines(changes) == ("a.b: added 1", 'a.c: removed "x"', "d: null → true")


def test_many_differences_are_counted() -> None:
    changes = StateDiff(
        added={f"items.I-{n}": "x" * 90 for n in range(100)}, removed={}, changed={}
    )

    lines = difference_lines(changes)

    assert sum(len(line) for line in lines[:-1]) <= VALUE_CHARS
    assert lines[-1] == f"… and {100 - (len(lines) - 1)} more differences"


def test_no_difference_is_no_line() -> None:
    assert difference_lines(StateDiff(added={}, removed={}, changed={})) == ()


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "enum": ["a", "b"]}, '"a" | "b"'),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({}, "any"),
    ],
)
def test_signature_has_the_type_of_each_parameter(schema: JsonValue, text: str) -> None:
    assert tool_signature(make_tool(["what"], what=schema)) == f"find(what: {text})"


def test_optional_parameters_are_marked() -> None:
    tool = make_tool(["a"], a={"type": "string"}, b={"type": "integer"})

    assert tool_signature(tool) == "find(a: string, b?: integer)"


def test_other_alphabets_stay_readable() -> None:
    assert "Ærø 港" in state_text({"name": "Ærø 港"})


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


def test_each_constraint_stands_on_its_own_line() -> None:
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
    assert tools_text((tool,), results=True) == (
        "- `close_berth()`: Close a berth, until it is opened. Takes a night.\n"
        '  - returns dict: {"success": True}, or an error.\n'
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

    assert executed_text(call) == (
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

    assert executed_text(call) == '`get_boat({})` failed, changed nothing: {"success": false}'


def test_a_long_result_is_cut() -> None:
    call = ReferenceCall(
        name="list_boats",
        arguments={},
        observation=Observation(kind=ObservationKind.TIMEOUT, value={"error": "x" * 9000}),
        succeeded=False,
        changed=False,
    )

    text = executed_text(call)

    assert "failed (timeout), changed nothing" in text
    assert text.endswith("… (7513 more characters)")


def test_a_function_line_is_what_function_calling_would_send() -> None:
    tool = make_tool(["a"], a={"type": "string", "description": "Ærø"})

    line = function_line(tool)

    assert json.loads(line) == tool.as_function()
    assert "Ærø" in line
