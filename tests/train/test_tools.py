"""Tools as function objects and as a part of the system text."""

import json

from envscaler.prompts import render
from envscaler.train.tools import tools_column, with_tools, without_tools
from tests.train.factory import LAMPS, SWITCH, prompt_mode_system

HERMES = """\
You look after a house.

# Tools

You may call one or more functions.

Their signatures stand within <tools></tools> XML tags:
<tools>
{"type": "function", "function": {"name": "lamps"}}
</tools>

For each call, return an object within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>"""


def test_the_column_is_a_json_string_of_function_objects() -> None:
    assert json.loads(tools_column((SWITCH, LAMPS))) == [SWITCH.as_function(), LAMPS.as_function()]


def test_a_system_text_gets_every_tool_on_a_line() -> None:
    text = with_tools("You look after a house.", (SWITCH, LAMPS))

    lines = text.splitlines()
    opened, closed = lines.index("<tools>"), lines.index("</tools>")
    assert text.startswith("You look after a house.\n\n")
    assert [json.loads(line) for line in lines[opened + 1 : closed]] == [
        SWITCH.as_function(),
        LAMPS.as_function(),
    ]


def test_a_text_that_describes_the_tools_already_stays_as_it_is() -> None:
    assert with_tools(prompt_mode_system(), (SWITCH,)) == prompt_mode_system()


def test_without_tools_nothing_is_said_of_tools() -> None:
    assert with_tools("You look after a house.", ()) == "You look after a house."


def test_tools_can_be_all_that_a_system_text_says() -> None:
    assert with_tools("", (LAMPS,)).startswith("The tools")


def test_taking_the_tools_out_undoes_putting_them_in() -> None:
    assert without_tools(with_tools("You look after a house.", (SWITCH,))) == (
        "You look after a house."
    )


def test_only_the_tools_are_taken_out_of_our_own_prompt() -> None:
    text = without_tools(prompt_mode_system())

    kept = [line for line in prompt_mode_system().splitlines() if line and line in text]
    assert "<tools>" not in text
    assert "reserve_seat" not in text
    assert "For several calls" not in text
    assert kept[0].startswith("You work in a system")
    assert "\n\nHow to work:\n- Find out" in text


def test_hermes_style_tools_are_taken_out_with_their_heading() -> None:
    assert without_tools(HERMES) == "You look after a house."


def test_a_text_without_tools_stays_as_it_is() -> None:
    assert without_tools("Use <tools> well.\n\n# Tools\nNone.") == (
        "Use <tools> well.\n\n# Tools\nNone."
    )


def test_native_trajectories_are_told_of_tools_as_agents_with_text_calls_are() -> None:
    section = render("train/tools", tools=["{}"]).messages[0].get("content")

    assert section is not None
    assert section in prompt_mode_system()
