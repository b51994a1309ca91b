"""The two tool formats, from reply to message and back to the wire."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.chat import WireMessage
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormat
from envscaler.records import Message, ToolCall
from tests.fakes import make_call, make_reply
from tests.interact.fakes import TOOLS

NATIVE, PROMPT = TOOL_FORMATS["native"], TOOL_FORMATS["text"]
NAMES = [tool.name for tool in TOOLS]
BLOCK = '<tool_call>\n{"name": "lend", "arguments": {"book_id": "B2"}}\n</tool_call>'


def _sent_names(wire: WireMessage) -> list[str]:
    sent = json.loads(json.dumps(wire))
    return [call["function"]["name"] for call in sent["tool_calls"]]


def _result(text: str, call_id: str = "call_0") -> Message:
    return Message(role="tool", content=text, tool_call_id=call_id)


def test_native_keeps_the_ids_of_the_endpoint() -> None:
    reply = make_reply(tool_calls=(make_call("lend", book_id="B2"),))

    message = NATIVE.read(reply, ())

    assert [call.id for call in message.tool_calls] == ["call_lend"]


@pytest.mark.parametrize(
    ("ids", "taken", "expected"),
    [
        (["call_0", "call_1"], {"call_0", "call_1"}, ["call_2", "call_3"]),
        (["call_1"], {"call_1"}, ["call_2"]),
        (["same", "same"], set[str](), ["same", "call_1"]),
    ],
)
def test_native_renames_calls_whose_ids_come_again(
    ids: list[str], taken: set[str], expected: list[str]
) -> None:
    calls = tuple(ToolCall(id=name, name="lend", arguments={}) for name in ids)

    message = NATIVE.read(make_reply(tool_calls=calls), taken)

    assert [call.id for call in message.tool_calls] == expected


def test_native_refuses_a_call_written_as_text() -> None:
    message = NATIVE.read(make_reply(BLOCK), ())

    assert message.problem is not None
    assert message.content == BLOCK


def test_native_refuses_a_call_in_any_dialect_and_names_it() -> None:
    told = [
        NATIVE.read(make_reply(text), (), NAMES).problem
        for text in (
            '<|python_tag|>{"name": "lend", "parameters": {"book_id": "B2"}}',
            'I do.\n```json\n{"name": "lend", "arguments": {"book_id": "B2"}}\n```',
            "[lend(book_id='B2')]",
        )
    ]

    assert told == [
        "It has a tool call written as text, with <|python_tag|>; use function calling.",
        "It has a tool call written as text, as JSON; use function calling.",
        "It has a tool call written as text, as a Python call; use function calling.",
    ]


@pytest.mark.parametrize("tool_format", [NATIVE, PROMPT])
def test_names_lose_what_servers_put_around_them(tool_format: ToolFormat) -> None:
    calls = (ToolCall(id="c", name="functions.lend:0", arguments={}),)

    message = tool_format.read(make_reply(tool_calls=calls), (), NAMES)

    assert [call.name for call in message.tool_calls] == ["lend"]


def test_native_sends_no_name_that_endpoints_refuse_to_see_again() -> None:
    names = ["multi_tool_use.parallel", "", "x" * 80, "lend a book"]
    calls = tuple(ToolCall(id=name, name=name, arguments={}) for name in names)

    [wire] = NATIVE.write([Message(role="assistant", content="", tool_calls=calls)])

    assert [re.fullmatch("[a-zA-Z0-9_-]{1,64}", name) for name in _sent_names(wire)].count(
        None
    ) == 0


def test_native_sends_back_what_the_endpoint_put_beside_text_and_calls() -> None:
    call = ToolCall(id="c", name="lend", arguments={}, extra={"extra_content": {"signature": "s"}})
    message = NATIVE.read(
        replace(make_reply(tool_calls=(call,)), extra={"reasoning_details": [1]}), ()
    )

    [wire] = NATIVE.write([message])

    assert '"reasoning_details": [1]' in json.dumps(wire)
    assert '"extra_content": {"signature": "s"}' in json.dumps(wire)


@pytest.mark.parametrize("tool_format", [NATIVE, PROMPT])
@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_message_is_not_sent_back_as_an_empty_turn(
    tool_format: ToolFormat, content: str
) -> None:
    [wire] = tool_format.write([tool_format.read(make_reply(content, reasoning="Hm."), ())])

    assert wire.get("content") == "(empty)"


def test_native_writes_arguments_as_a_json_string() -> None:
    call = make_call("lend", book_id="Ä2")

    [wire] = NATIVE.write([Message(role="assistant", content="", tool_calls=(call,))])

    assert wire == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_lend",
                "type": "function",
                "function": {"name": "lend", "arguments": '{"book_id": "Ä2"}'},
            }
        ],
    }


def test_native_never_sends_arguments_that_no_server_could_parse() -> None:
    call = ToolCall(id="c", name="lend", arguments='{"book_id": ')

    [wire] = NATIVE.write([Message(role="assistant", content="", tool_calls=(call,))])

    assert '"arguments": "{}"' in json.dumps(wire)


def test_native_answers_a_call_by_its_id() -> None:
    [wire] = NATIVE.write([_result("done", "c9")])

    assert wire == {"role": "tool", "content": "done", "tool_call_id": "c9"}


def test_only_native_offers_tools_beside_the_messages() -> None:
    assert NATIVE.offered(TOOLS) == TOOLS
    assert PROMPT.offered(TOOLS) == ()


def test_prompt_reads_calls_and_numbers_them_across_the_episode() -> None:
    message = PROMPT.read(
        make_reply(f"I lend both.\n{BLOCK}\n{BLOCK}", reasoning="Two."), {"call_0", "call_1"}
    )

    assert message.content == "I lend both."
    assert message.reasoning == "Two."
    assert [call.id for call in message.tool_calls] == ["call_2", "call_3"]
    assert message.problem is None


def test_prompt_keeps_an_unreadable_reply_as_the_model_wrote_it() -> None:
    written = "<tool_call>{lend B2}</tool_call>"

    message = PROMPT.read(make_reply(written), ())

    assert message.content == written
    assert message.tool_calls == ()
    assert message.problem is not None
    assert "not JSON" in message.problem


def test_prompt_runs_nothing_of_a_reply_that_makes_up_results() -> None:
    invented = f"{BLOCK}\n<tool_response>\nlent\n</tool_response>\nDone."

    message = PROMPT.read(make_reply(invented), ())

    assert message.tool_calls == ()
    assert message.problem is not None


def test_prompt_writes_back_the_call_that_it_read() -> None:
    message = PROMPT.read(make_reply(f"I lend it.\n{BLOCK}"), ())

    [wire] = PROMPT.write([message])

    assert wire == {"role": "assistant", "content": f"I lend it.\n{BLOCK}"}


def test_prompt_puts_results_of_one_message_into_one_user_message() -> None:
    messages = [_result("one"), _result("two"), Message(role="assistant", content="Done.")]

    results, done = PROMPT.write(messages)

    assert results == {
        "role": "user",
        "content": "<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>",
    }
    assert done == {"role": "assistant", "content": "Done."}


_PARTS = st.sampled_from(
    [
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        '{"name": "lend"',
        ', "arguments": {}',
        "}",
        "```json\n",
        "\n```\n",
        "lend(book_id='B2')",
        "[TOOL_CALLS]",
        "<tool_",
        "call>",
        " ",
    ]
)


@given(st.lists(_PARTS | st.text(max_size=5), max_size=8).map("".join))
def test_any_reply_becomes_a_message_that_reads_the_same_again(text: str) -> None:
    message = PROMPT.read(make_reply(text), (), NAMES)

    [wire] = PROMPT.write([message])

    again = PROMPT.read(make_reply(wire.get("content") or ""), (), NAMES)
    assert again == message or not text.strip()
