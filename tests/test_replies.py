"""Reading replies: what is accepted, and what the model is told when it is not."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.errors import ReplyError
from envscaler.records import Judgement
from envscaler.replies import cut_blocks, read_code, read_json, split_reasoning
from tests.growth import growth

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


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ('{"reasoning": NaN, "stateful": true}', "NaN is no JSON"),
        ('{"reasoning": %s}' % ("9" * 5000), "5000 digits"),
        ("{" + '"a": {' * 300, "nested more than 64 levels|does not parse|empty|Expected"),
        ('{"a": %s}' % ("[" * 300 + "]" * 300), "more than 64 levels"),
    ],
)
def test_json_beyond_the_limits_is_refused(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_json(reply, Judgement)


@pytest.mark.parametrize(
    "reply",
    [
        "```Python\nx = 1\n```",
        "```python\r\nx = 1\r\n```\r\n",
        "```py title=app.py\nx = 1\n```",
        "~~~python\nx = 1\n~~~",
        "````python\nx = 1\n````",
        "1. Like this:\n   ```python\n   x = 1\n   ```",
        "```python\nx = 1\n```   ",
    ],
)
def test_code_is_found_in_every_kind_of_fence(reply: str) -> None:
    assert read_code(reply) == "x = 1\n"


def test_json_is_found_behind_windows_line_ends() -> None:
    assert read_json(f"```JSON\r\n{YES_JSON}\r\n```\r\n", Judgement) == YES


def test_blocks_are_taken_out_and_an_open_one_goes_to_the_end() -> None:
    assert cut_blocks("a<t>b</t>c<t>d", "<t>", "</t>") == ("ac", ["b", "d"], True)


REPEATED: dict[str, Callable[[int], str]] = {
    "fences that are not closed": lambda count: "```python\nx = 1\n" * count,
    "closed fences": lambda count: "```python\nx = 1\n```\n" * count,
    "spaces behind a fence": lambda count: "```" + " " * (count * 10) + "`\n",
    "thoughts that are not closed": lambda count: "<think>" * count,
    "thoughts that are not opened": lambda count: "</think>" * count,
    "thoughts": lambda count: "<think>a</think>" * count,
    "braces": lambda count: "{" * (count * 10),
    "objects": lambda count: "```json\n{}\n```\n" * count,
}


@pytest.mark.parametrize("text_of", REPEATED.values(), ids=REPEATED.keys())
def test_time_grows_with_the_reply_and_not_with_its_square(text_of: Callable[[int], str]) -> None:
    def read(text: str) -> None:
        split_reasoning(text)
        cut_blocks(text, "<think>", "</think>")
        for reader in (read_code, read_judgement):
            with suppress(ReplyError):
                reader(text)

    assert growth(read, text_of) < 2


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


@pytest.mark.parametrize(
    ("text", "reasoning", "visible"),
    [
        ("Hello", None, "Hello"),
        ("<think>So.</think>\n\nHello", "So.", "Hello"),
        ("So.</think>Hello", "So.", "Hello"),
        ("<think></think>Hello", None, "Hello"),
        ("<think>cut off", "cut off", ""),
        ("<think>a</think>Done.<think>b</think> Bye.", "a\n\nb", "Done. Bye."),
        ("Done.<think>cut off", "cut off", "Done."),
        ("[THINK]So.[/THINK]Hello", "So.", "Hello"),
        ("<seed:think>So.</seed:think>Hello", "So.", "Hello"),
    ],
)
def test_reasoning_is_set_apart(text: str, reasoning: str | None, visible: str) -> None:
    assert split_reasoning(text) == (reasoning, visible)


def read_judgement(reply: str) -> Judgement:
    return read_json(reply, Judgement)


@pytest.mark.parametrize("read", [read_judgement, read_code, split_reasoning])
@given(reply=st.text(alphabet="`{}[]\"':,abc<>/think_tool_call\n ", max_size=80))
def test_readers_raise_nothing_but_reply_errors(read: Callable[[str], object], reply: str) -> None:
    with suppress(ReplyError):
        read(reply)
