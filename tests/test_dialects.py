"""Tool calls in text: every way of writing is read whole, or named as what it is."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.dialects.tool_calls import plain_name, read_tool_calls, written_call
from envscaler.errors import ReplyError
from envscaler.records import JsonObject, ToolCall
from tests.growth import growth

TOOLS = ("find", "list", "note")
CALL = '{"name": "find", "arguments": {"id": "O1"}}'

ONE_CALL = {
    "Hermes, Qwen": f"<tool_call>\n{CALL}\n</tool_call>",
    "on Windows": f"<tool_call>\r\n{CALL}\r\n</tool_call>\r\n",
    "no closing mark, where a server stops at it": f"<tool_call>\n{CALL}",
    "an opening mark to close it": f"<tool_call>\n{CALL}\n<tool_call>\n{CALL}</tool_call>",
    "no opening mark, where a template has it": f"{CALL}\n</tool_call>",
    "in a fence": f"```json\n<tool_call>\n{CALL}\n</tool_call>\n```",
    "a fence in it": f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>",
    "a fence of its own": f"```tool_call\n{CALL}\n```",
    "a brace too many": f"<tool_call>{CALL}}}</tool_call>",
    "the mark in an argument": (
        '<tool_call>{"name": "find", "arguments": {"id": "O1", "mark": "</tool_call>"}}</tool_call>'
    ),
    "a line break in a string": (
        '<tool_call>{"name": "find", "arguments": {"id": "O1", "text": "a\nb"}}</tool_call>'
    ),
    "arguments in a string (Granite 4)": (
        r'<tool_call>{"name": "find", "arguments": "{\n  \"id\": \"O1\"\n}"}</tool_call>'
    ),
    "a string of a string": (
        r'<tool_call>{"name": "find", "arguments": "\"{\\\"id\\\": \\\"O1\\\"}\""}</tool_call>'
    ),
    "parameters": '<tool_call>{"name": "find", "parameters": {"id": "O1"}}</tool_call>',
    "args": '<tool_call>{"tool": "find", "args": {"id": "O1"}}</tool_call>',
    "OpenAI's envelope": f'<tool_call>{{"type": "function", "function": {CALL}}}</tool_call>',
    "Jamba, Hunyuan": f"<tool_calls>[{CALL}]</tool_calls>",
    "Granite 3": f"<|tool_call|>[{CALL}]",
    "Phi 4 mini": f"<|tool_call|>[{CALL}]<|/tool_call|>",
    "Phi 4 mini, by its words": f"functools[{CALL}]",
    "Nemotron": f"<TOOLCALL>[{CALL}]</TOOLCALL>",
    "Mistral": f"[TOOL_CALLS][{CALL}]",
    "Mistral, later": '[TOOL_CALLS]find{"id": "O1"}',
    "Mistral, later still": '[TOOL_CALLS]find[ARGS]{"id": "O1"}',
    "Mistral, with an id": '[TOOL_CALLS]find[CALL_ID]a1b2c3d4e[ARGS]{"id": "O1"}',
    "Llama 3": (
        '<|python_tag|>{"type": "function", "name": "find", "parameters": {"id": "O1"}}<|eom_id|>'
    ),
    "Llama 3, bare": '{"name": "find", "parameters": {"id": "O1"}}',
    "Qwen Coder by Ollama": f"```json\n{CALL}\n```",
    "Llama 3.1, Functionary": '<function=find>{"id": "O1"}</function>',
    "Llama 3.2": '[find(id="O1")]',
    "Llama 4": "<|python_start|>[find(id='O1')]<|python_end|>",
    "LFM 2": '<|tool_call_start|>[find(id="O1")]<|tool_call_end|>',
    "Gemma 3": "```tool_code\nfind(id='O1')\n```",
    "Olmo 3": '<function_calls>find(id="O1")\n</function_calls>',
    "Python in Hermes marks": '<tool_call>find(id="O1")</tool_call>',
    "InternLM": (
        '<|action_start|><|plugin|>\n{"name": "find", "parameters": {"id": "O1"}}<|action_end|>'
    ),
    "Command R": (
        '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "find", "parameters": {"id": "O1"}}]'
        "<|END_ACTION|>"
    ),
    "Apertus": '<|tools_prefix|>[{"find": {"id": "O1"}}]<|tools_suffix|>',
    "Kimi K2": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.find:0"
        '<|tool_call_argument_begin|>{"id": "O1"}<|tool_call_end|><|tool_calls_section_end|>'
    ),
    "DeepSeek 3": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>find\n"
        '```json\n{"id": "O1"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ),
    "DeepSeek 3.1": (
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>find<｜tool▁sep｜>{"id": "O1"}'
        "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    ),
    "gpt-oss": (
        '<|channel|>commentary to=functions.find <|constrain|>json<|message|>{"id": "O1"}<|call|>'
    ),
    "gpt-oss, the other way round": (
        '<|start|>assistant to=functions.find<|channel|>commentary json<|message|>{"id": "O1"}'
    ),
    "LongCat": f"<longcat_tool_call>{CALL}</longcat_tool_call>",
}


@pytest.mark.parametrize("reply", ONE_CALL.values(), ids=ONE_CALL.keys())
def test_a_call_is_read_in_each_dialect(reply: str) -> None:
    text, calls = read_tool_calls(reply, TOOLS)

    assert text == ""
    assert {plain_name(call.name, TOOLS) for call in calls} == {"find"}
    arguments = [call.arguments for call in calls]
    assert all(isinstance(each, dict) and each["id"] == "O1" for each in arguments)


def test_a_text_that_a_compiler_warns_of_is_an_argument() -> None:
    _, (call,) = read_tool_calls(r"<tool_call>find(id='\d+')</tool_call>", TOOLS)

    assert call.arguments == {"id": r"\d+"}


SEVERAL = {
    "blocks": f'<tool_call>{CALL}</tool_call>\n<tool_call>{{"name": "list"}}</tool_call>',
    "in one block": f'<tool_call>\n{CALL}\n{{"name": "list"}}\n</tool_call>',
    "a list": f'<tool_calls>[{CALL}, {{"name": "list", "arguments": {{}}}}]</tool_calls>',
    "Llama 3": f'<|python_tag|>{CALL}; {{"name": "list", "parameters": {{}}}}',
    "bare": f'{CALL}\n{{"name": "list", "arguments": null}}',
    "Mistral": '[TOOL_CALLS]find[ARGS]{"id": "O1"}[TOOL_CALLS]list[ARGS]{}',
    "Python": '[find(id="O1"), list()]',
    "Python lines": "<function_calls>find(id='O1')\nlist()\n</function_calls>",
}


@pytest.mark.parametrize("reply", SEVERAL.values(), ids=SEVERAL.keys())
def test_several_calls_come_in_their_order(reply: str) -> None:
    _, calls = read_tool_calls(reply, TOOLS)

    assert calls == (
        ToolCall(id="call_0", name="find", arguments={"id": "O1"}),
        ToolCall(id="call_1", name="list", arguments={}),
    )


def test_the_text_around_calls_stays() -> None:
    text, calls = read_tool_calls(f"I look first.\n<tool_call>{CALL}</tool_call>\nThen I act.")

    assert text == "I look first.\n\nThen I act."
    assert len(calls) == 1


REFUSED = {
    "Qwen Coder": (
        "<tool_call>\n<function=find>\n<parameter=id>\nO1\n</parameter>\n</function>\n</tool_call>",
        "is written with <parameter> marks",
    ),
    "MiniMax": (
        '<minimax:tool_call><invoke name="find"><parameter name="id">O1</parameter></invoke>',
        "is written with <parameter> marks",
    ),
    "DeepSeek 3.2": (
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="find">\n'
        '<｜DSML｜parameter name="id" string="true">O1</｜DSML｜parameter>',
        "is written with <parameter> marks",
    ),
    "GLM": (
        "<tool_call>find\n<arg_key>id</arg_key>\n<arg_value>O1</arg_value>\n</tool_call>",
        "is written with <arg_key> marks",
    ),
    "Gemma 4": ('<|tool_call>call:find{id:<|"|>O1<|"|>}<tool_call|>', "written as call:name"),
    "Python without names": ('<tool_call>find("O1")</tool_call>', "written as a Python call"),
    "Python that calls": ("<tool_call>find(id=open('x'))</tool_call>", "written as a Python call"),
    "arguments beside the name": (
        '<tool_call>{"name": "find", "id": "O1"}</tool_call>',
        'has id outside of "arguments"',
    ),
    "an argument beside the others": (
        '<tool_call>{"name": "find", "arguments": {"id": "O1"}, "all": true}</tool_call>',
        'has all outside of "arguments"',
    ),
    "two kinds of arguments": (
        '<tool_call>{"name": "find", "arguments": {}, "parameters": {"id": "O1"}}</tool_call>',
        "arguments under arguments and parameters",
    ),
    "one argument twice": (
        '<tool_call>{"name": "find", "arguments": {"id": "O1", "id": "O2"}}</tool_call>',
        "the key 'id' stands twice",
    ),
    "a list of arguments": (
        '<tool_call>{"name": "find", "arguments": ["O1"]}</tool_call>',
        "arguments must be an object: .* got a list",
    ),
    "not a number": (
        '<tool_call>{"name": "find", "arguments": {"amount": NaN}}</tool_call>',
        "NaN is no JSON",
    ),
    "no number any more": (
        '<tool_call>{"name": "find", "arguments": {"amount": 1e999}}</tool_call>',
        "1e999 is too large",
    ),
    "digits": (
        '<tool_call>{"name": "find", "arguments": {"a": %s}}</tool_call>' % ("9" * 5000),
        "has 5000 digits",
    ),
    "levels": (
        '<tool_call>{"name": "find", "arguments": {"a": %s}}</tool_call>' % ("[" * 300 + "]" * 300),
        "more than 64 levels",
    ),
    "levels without end": ("<tool_call>" + "[" * 100_000, "more than 64 levels"),
    "in the midst of words": (f"I call it:\n```json\n{CALL}\n```", "without marks"),
    "an invented tool, bare": ('{"name": "burn", "arguments": {"id": "O1"}}', "without marks"),
    "a mark without a call": ("<tool_call>", "is not JSON"),
    "a closing mark": ("Done.</tool_call>", "no matching mark"),
    "cut off": ('<tool_call>{"name": "find", "arguments": {"id": ', "Expecting value"),
    "a brace too few": (
        '<tool_call>{"name": "find", "arguments": {"id": "{"}\n</tool_call>',
        "the object is not closed: a } is missing at the end",
    ),
}


@pytest.mark.parametrize(("reply", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_named_as_what_it_is(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_tool_calls(reply, TOOLS)


@pytest.mark.parametrize(
    "text",
    [
        "The order O1 has been sent.",
        '{"name": "Ada", "age": 36}',
        '```json\n{"status": "sent"}\n```',
        "I used find(id='O1') to look it up.",
        "[1, 2]",
        "{",
        "Use a < b, not <tool>.",
    ],
)
def test_an_answer_without_a_call_stays_as_it_is(text: str) -> None:
    assert read_tool_calls(text, TOOLS) == (text, ())
    assert written_call(text, TOOLS) is None


@pytest.mark.parametrize("reply", ONE_CALL.values(), ids=ONE_CALL.keys())
def test_a_call_in_a_text_that_should_have_none_is_seen(reply: str) -> None:
    assert written_call(reply, TOOLS) is not None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("find", "find"),
        ("functions.find", "find"),
        ("functions.find:3", "find"),
        ("default_api.find", "find"),
        ("default_api:find", "find"),
        ("find<|channel|>commentary", "find"),
        ("find_all", "find_all"),
        ("multi_tool_use.parallel", "multi_tool_use.parallel"),
        ("", ""),
    ],
)
def test_a_name_loses_only_what_servers_put_around_it(name: str, meant: str) -> None:
    assert plain_name(name, TOOLS) == meant


ARGUMENTS: st.SearchStrategy[JsonObject] = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
PIECES = st.sampled_from(
    [
        "<tool_call>",
        "</tool_call>",
        "<tool_calls>",
        "[TOOL_CALLS]",
        "<function=",
        "```json\n",
        "```\n",
        "```tool_code\n",
        "\n",
        "find",
        "(id='O1')",
        '{"name": "find"',
        ', "arguments": ',
        "{}",
        "}",
        "[",
        "]",
        '"',
        "\\",
        "<|python_tag|>",
        "\ud83d",
        "9" * 400,
        "NaN",
        "1e999",
    ]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_readers_raise_nothing_but_reply_errors(text: str) -> None:
    with suppress(ReplyError):
        read_tool_calls(text, TOOLS)
    written_call(text, TOOLS)


REPEATED: dict[str, Callable[[int], str]] = {
    "opening marks": lambda count: "<tool_call>" * count,
    "closing marks": lambda count: "</tool_call>" * count,
    "calls": lambda count: f"<tool_call>{CALL}</tool_call>" * count,
    "calls that are not closed": lambda count: f"<tool_call>{CALL}\n" * count,
    "Python calls that are not closed": lambda count: "<tool_call>[find(id=1)]" * count,
    "objects that are not closed": lambda count: '{"name": ' * count,
    "names that are not closed": lambda count: "[TOOL_CALLS]find" * count,
    "spaces": lambda count: "<tool_call>find" + " " * (count * 10),
    "fences": lambda count: "```json\n" * count + "<tool_call>",
    "fences before a call": lambda count: "```json\n" * count + f"<tool_call>{CALL}",
    "brackets": lambda count: "<tool_call>" + "[" * (count * 10),
    "empty strings": lambda count: (
        '<tool_call>{"name":"find","arguments":"%s"}' % (r"\"\"" * count)
    ),
    "quotes": lambda count: '<tool_call>{"name": "find"}["' * count,
}


@pytest.mark.parametrize("text_of", REPEATED.values(), ids=REPEATED.keys())
def test_time_grows_with_the_text_and_not_with_its_square(text_of: Callable[[int], str]) -> None:
    def read(text: str) -> None:
        with suppress(ReplyError):
            read_tool_calls(text, TOOLS)
        written_call(text, TOOLS)

    assert growth(read, text_of) < 2
