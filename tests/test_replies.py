"""Reading replies: what is accepted, and what the model is told when it is not."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.errors import ReplyError
from envscaler.records import Judgement, ToolCall
from envscaler.replies import read_code, read_json, read_tool_calls, split_reasoning

YES = Judgement(reasoning="It books a seat.", stateful=True)
YES_JSON = '{"reasoning": "It books a seat.", "stateful": true}'


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{YES_JSON}\n```",
        f"Let me see.\n\n```json\n{YES_JSON}\n```\nDone.",
        f"```\n{YES_JSON}\n```",
        YES_JSON,
        f"Sure: {YES_JSON}",
        f'A draft:\n```json\n{{"stateful": 1}}\n```\nBetter:\n```json\n{YES_JSON}\n```',
        f'```python\nx = {{"a": 1}}\n```\n```json\n{YES_JSON}\n```',
    ],
)
def test_the_answer_is_found_wherever_it_stands(reply: str) -> None:
    assert read_json(reply, Judgement) == YES


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "got an empty reply"),
        ("I cannot do that.", "Expected a ```json block"),
        ("```json\n[1]\n```", "Expected a JSON object, got list"),
        ('```json\n{"reasoning": "x", }\n```', "does not parse"),
        ('{"reasoning": "x"}', "stateful: Field required"),
        ('{"reasoning": "x", "stateful": "perhaps"}', "stateful: Input should be"),
        ('{"reasoning": "x", "stateful": true, "mood": 1}', "mood: Extra inputs"),
    ],
)
def test_a_json_reply_of_another_shape_is_refused(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_json(reply, Judgement)


def test_code_comes_without_its_fence() -> None:
    reply = 'Here it is.\n```python\ndef f():\n    return "```"\n```\nEnjoy.'

    assert read_code(reply) == 'def f():\n    return "```"\n'


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("def f(): ...", "Expected a ```python block"),
        ("```python\ndef f():", "cut off"),
        ("```python\n\n```", "empty"),
        ("```python\na = 1\n```\n```python\nb = 2\n```", "got 2"),
    ],
)
def test_a_reply_without_one_block_of_code_is_refused(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_code(reply)


def test_tool_calls_are_taken_out_of_the_text() -> None:
    reply = (
        "I look first.\n<tool_call>\n"
        '{"name": "get", "arguments": {"id": "O1"}}\n</tool_call>\n'
        '<tool_call>{"name": "list"}</tool_call>'
    )

    text, calls = read_tool_calls(reply)

    assert text == "I look first."
    assert calls == (
        ToolCall(id="call_0", name="get", arguments={"id": "O1"}),
        ToolCall(id="call_1", name="list", arguments={}),
    )


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ('<tool_call>{"name": "get"}', "no matching"),
        ("<tool_call>get(1)</tool_call>", "is not JSON"),
        (
            '<tool_call>{"name": "get", "arguments": {"id": "{"}\n</tool_call>',
            "the object is not closed: a } is missing at the end",
        ),
        ('<tool_call>{"name": "get", "arguments": {</tool_call>', "2 } are missing at the end"),
        ('<tool_call>{"name": "get", "arguments": {"id": </tool_call>', "Expecting value"),
        ('<tool_call>{"tool": "get"}</tool_call>', "must be an object like"),
        ('<tool_call>{"name": "get", "arguments": "{}"}</tool_call>', "must be an object"),
    ],
)
def test_a_malformed_tool_call_is_refused(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_tool_calls(reply)


@pytest.mark.parametrize(
    ("text", "reasoning", "visible"),
    [
        ("Hello", None, "Hello"),
        ("<think>So.</think>\n\nHello", "So.", "Hello"),
        ("So.</think>Hello", "So.", "Hello"),
        ("<think></think>Hello", None, "Hello"),
        ("<think>cut off", None, "<think>cut off"),
    ],
)
def test_reasoning_is_set_apart(text: str, reasoning: str | None, visible: str) -> None:
    assert split_reasoning(text) == (reasoning, visible)


def read_judgement(reply: str) -> Judgement:
    return read_json(reply, Judgement)


@pytest.mark.parametrize("read", [read_judgement, read_code, read_tool_calls])
@given(reply=st.text(alphabet="`{}[]\"':,abc<>/think_tool_call\n ", max_size=80))
def test_readers_raise_nothing_but_reply_errors(read: Callable[[str], object], reply: str) -> None:
    with suppress(ReplyError):
        read(reply)
