"""What testers and judges are shown."""

import pytest

from envscaler.environment.state.encoding import StateDiff
from envscaler.records import JsonObject, JsonValue, Tool
from envscaler.skel_builder.views import (
    STATE_CHARS,
    VALUE_CHARS,
    class_outline,
    difference_lines,
    method_excerpt,
    state_text,
    tool_signature,
    tool_text,
    value_text,
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
    assert text.startswith("// shortened: at most 20 of each collection are shown")
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


def test_tool_text_describes_tool_and_parameters() -> None:
    tool = make_tool(["a"], a={"type": "string", "description": "What to\n  find."})

    assert tool_text(tool) == (
        "find(a: string)\n  Find things.\n\n  Constraints:\n      - None.\n\n"
        "  Parameters:\n      - a: What to find."
    )
