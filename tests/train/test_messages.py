"""Rows of chat messages."""

import json
from typing import cast

import jinja2
import pytest

from envscaler.records import JsonObject, ToolCall, Trajectory
from envscaler.train.dialogue import read_dialogue
from envscaler.train.messages import conversation_rows, turn_rows
from tests.train.factory import (
    LAMPS,
    SWITCH,
    call,
    calls,
    every_reply,
    make_trajectory,
    prompt_mode_system,
    result,
    says,
    user,
)

QWEN_STYLE = """\
{% if tools %}<|im_start|>system
{{ messages[0].content }}
<tools>{% for tool in tools %}{{ tool.function.name }} {% endfor %}</tools><|im_end|>
{% endif %}
{% for message in messages if message.role != 'system' %}
<|im_start|>{{ 'user' if message.role == 'tool' else message.role }}
{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}
{{ message.content }}
{% for call in message.tool_calls or [] %}
<tool_call>{{ call.function.name }}\
{% for name, value in call.function.arguments | items %} {{ name }}={{ value | tojson }}{% endfor %}
</tool_call>
{% endfor %}<|im_end|>
{% endfor %}"""
"""Walks arguments as items, as templates of newer reasoning models do; a string breaks it."""


def conversation_of(trajectory: Trajectory) -> JsonObject:
    [row] = conversation_rows(read_dialogue(trajectory))
    return row


def messages_of(row: JsonObject, column: str = "messages") -> list[JsonObject]:
    return cast("list[JsonObject]", row[column])


def unreadable_then_mended() -> Trajectory:
    return make_trajectory(
        user("Go."),
        calls(ToolCall(id="call_0", name="switch", arguments='{"room"')),
        result(0, '{"error": "not a JSON object"}'),
        calls(call(1, "switch", room="hall", on=True)),
    )


def test_a_conversation_ends_with_the_last_reply() -> None:
    roles = [message["role"] for message in messages_of(conversation_of(every_reply()))]

    assert roles == [
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
        "assistant",
        "tool",
        "assistant",
    ]


def test_arguments_are_objects() -> None:
    first_reply = messages_of(conversation_of(every_reply()))[2]

    assert first_reply["tool_calls"] == [
        {"type": "function", "id": "call_0", "function": {"name": "lamps", "arguments": {}}},
        {
            "type": "function",
            "id": "call_1",
            "function": {"name": "switch", "arguments": {"room": "hall", "on": False}},
        },
    ]


def test_reasoning_stands_beside_the_content_of_every_reply() -> None:
    messages = messages_of(conversation_of(every_reply()))

    assert [
        message["reasoning_content"] for message in messages if message["role"] == "assistant"
    ] == ["Look first.", "As JSON.", "All done."]


def test_results_name_their_call() -> None:
    messages = messages_of(conversation_of(every_reply()))

    assert [message.get("tool_call_id") for message in messages if message["role"] == "tool"] == [
        "call_0",
        "call_1",
        "call_2",
    ]


def test_no_key_is_null() -> None:
    row = conversation_of(make_trajectory(user("Go."), says("Done.")))

    assert [list(message) for message in messages_of(row)] == [["role", "content"]] * 3


def test_a_malformed_reply_and_its_notice_are_no_part_of_a_conversation() -> None:
    written = json.dumps(conversation_of(every_reply()))

    assert "<tool_call>" not in written
    assert "[Automatic notice]" not in written


def test_tools_are_a_json_string() -> None:
    row = conversation_of(every_reply())

    assert json.loads(str(row["tools"])) == [SWITCH.as_function(), LAMPS.as_function()]


def test_the_system_text_of_text_calls_does_not_describe_the_tools_again() -> None:
    row = conversation_of(make_trajectory(user("Go."), says("Done."), system=prompt_mode_system()))

    assert "<tools>" not in str(messages_of(row)[0]["content"])


def test_a_row_names_what_it_comes_from() -> None:
    row = conversation_of(make_trajectory(user("Go."), says("Done."), score=0.5))

    assert (row["trajectory_id"], row["env_id"], row["scenario_id"], row["score"]) == (
        "traj-env-1",
        "env-1",
        "scen-env-1",
        0.5,
    )


def test_a_trajectory_without_score_has_none_in_its_row() -> None:
    unscored = make_trajectory(user("Go."), says("Done.")).model_copy(update={"reward": None})

    assert conversation_of(unscored)["score"] is None


def test_every_well_formed_reply_is_the_completion_of_one_row() -> None:
    rows = list(turn_rows(read_dialogue(every_reply())))

    completions = [messages_of(row, "completion") for row in rows]
    assert [[reply["reasoning_content"] for reply in replies] for replies in completions] == [
        ["Look first."],
        ["As JSON."],
        ["All done."],
    ]


def test_a_prompt_has_the_replies_before_it_without_reasoning() -> None:
    *_, last = turn_rows(read_dialogue(every_reply()))

    prompt = messages_of(last, "prompt")
    assert [message["role"] for message in prompt].count("assistant") == 3
    assert not any("reasoning_content" in message for message in prompt)


def test_a_malformed_reply_stands_in_prompts() -> None:
    *_, last = turn_rows(read_dialogue(every_reply()))

    contents = [message["content"] for message in messages_of(last, "prompt")]
    assert "<tool_call>loft</tool_call>" in contents
    assert "[Automatic notice] It is not JSON." in contents


def test_unreadable_arguments_in_a_prompt_are_an_empty_object() -> None:
    [row] = turn_rows(read_dialogue(unreadable_then_mended()))

    [made] = cast("list[JsonObject]", messages_of(row, "prompt")[2]["tool_calls"])
    assert made["function"] == {"name": "switch", "arguments": {}}


def test_rows_of_one_trajectory_do_not_share_a_prompt() -> None:
    rows = list(turn_rows(read_dialogue(every_reply())))

    assert [len(messages_of(row, "prompt")) for row in rows] == [2, 7, 9]


@pytest.mark.parametrize("trajectory", [every_reply(), unreadable_then_mended()])
def test_a_chat_template_that_walks_arguments_renders_every_row(trajectory: Trajectory) -> None:
    template = jinja2.Environment(undefined=jinja2.ChainableUndefined).from_string(QWEN_STYLE)
    dialogue = read_dialogue(trajectory)

    for row in [*conversation_rows(dialogue), *turn_rows(dialogue)]:
        spoken = row.get("messages") or [
            *messages_of(row, "prompt"),
            *messages_of(row, "completion"),
        ]
        text = template.render(messages=spoken, tools=json.loads(str(row["tools"])))

        assert "<tools>switch lamps </tools>" in text
