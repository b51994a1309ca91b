"""Responses: from what endpoints answer to a `Reply`."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.chat import Reply
from envscaler.llm.responses import (
    MalformedError,
    normalise,
    read_embeddings,
    read_reply,
    usage_of,
)
from envscaler.records import JsonObject, JsonValue, ToolCall, Usage
from tests.llm.builders import make_response
from tests.stub_server import completion

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "<think>", "{}", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "tool_calls", "function", "arguments", "usage"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


def read(content: str | None = "hi", finish_reason: str = "stop", **message: object) -> Reply:
    extra: JsonObject = orjson.loads(orjson.dumps(message))
    body = completion({"role": "assistant", "content": content} | extra, finish_reason)
    return read_reply(orjson.dumps(body), "asked-for")


def make_tool_call(arguments: object, **changes: object) -> dict[str, object]:
    function = {"name": "find", "arguments": arguments}
    return {"id": "c1", "type": "function", "function": function, **changes}


def test_a_reply_has_content_model_and_usage() -> None:
    reply = read("hello")

    assert reply == Reply(
        content="hello",
        model="stub-model",
        usage=Usage(calls=1, prompt_tokens=100, completion_tokens=20, reasoning_tokens=7),
    )


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_read_from_the_field_that_the_endpoint_uses(field: str) -> None:
    reply = read("42", **{field: "six times seven"})

    assert (reply.reasoning, reply.content) == ("six times seven", "42")


@pytest.mark.parametrize(
    "content", ["<think>six times seven</think>\n42", "six times seven\n</think>\n\n42"]
)
def test_inline_reasoning_is_set_apart_also_without_its_opening_mark(content: str) -> None:
    reply = read(content)

    assert (reply.reasoning, reply.content) == ("six times seven", "42")


def test_a_thought_that_was_cut_off_is_no_content() -> None:
    reply = read("<think>six times", "length")

    assert (reply.reasoning, reply.content) == ("six times", "")


def test_every_thought_is_set_apart() -> None:
    reply = read("<think>a</think>Done.<think>b, nobody may see this</think> Bye.")

    assert (reply.reasoning, reply.content) == ("a\n\nb, nobody may see this", "Done. Bye.")


def test_thoughts_among_the_parts_of_a_content_are_reasoning() -> None:
    thought: JsonObject = {
        "type": "thinking",
        "thinking": [{"type": "text", "text": "six times seven"}],
    }
    body = completion({"content": [thought, {"type": "text", "text": "42"}]})

    reply = read_reply(orjson.dumps(body), "m")

    assert (reply.reasoning, reply.content) == ("six times seven", "42")


def test_a_refusal_is_what_the_model_says() -> None:
    assert read(None, refusal="I will not.").content == "I will not."


def test_a_content_in_parts_is_joined() -> None:
    body = completion({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})

    assert read_reply(orjson.dumps(body), "m").content == "ab"


def test_the_arguments_of_a_tool_call_are_parsed() -> None:
    reply = read(None, "tool_calls", tool_calls=[make_tool_call('{"id": "O1"}')])

    assert reply.tool_calls == (ToolCall(id="c1", name="find", arguments={"id": "O1"}),)


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ("", {}),
        (None, {}),
        ({"id": 1}, {"id": 1}),
        ('{"id": ', '{"id": '),
        ("[1]", "[1]"),
        ('{"x": NaN}', '{"x": NaN}'),
    ],
)
def test_arguments_that_are_no_object_stay_as_the_model_wrote_them(
    written: object, arguments: object
) -> None:
    reply = read(None, tool_calls=[make_tool_call(written)])

    assert reply.tool_calls[0].arguments == arguments


def test_a_tool_call_without_an_id_gets_one() -> None:
    reply = read(None, tool_calls=[make_tool_call("{}"), make_tool_call("{}", id=None)])

    assert [call.id for call in reply.tool_calls] == ["c1", "call_1"]


@pytest.mark.parametrize("content", ["", None, "  \n", "<think>hmm</think>"])
def test_a_reply_that_says_nothing_is_a_reply(content: str | None) -> None:
    assert read(content).content.strip() == ""


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ('{}""', {}),
        ("null", {}),
        (r'"{\"id\": \"O1\"}"', {"id": "O1"}),
        ('{}{"id": "O1"}', {"id": "O1"}),
        ('{"id": "O1"}{"id": "O1"}', {"id": "O1"}),
        ('{"id": 123456789012345678901}', {"id": 123456789012345678901}),
        (r'{"id": "\ud83d"}', {"id": "\ufffd"}),
    ],
)
def test_arguments_are_read_in_each_shape_that_servers_give_them(
    written: str, arguments: JsonObject
) -> None:
    reply = read(None, tool_calls=[make_tool_call(written)])

    assert reply.tool_calls[0].arguments == arguments


@pytest.mark.parametrize(
    "written",
    [
        '{"id": "O1"}{"id": "O2"}',
        '{"id": "O1", "id": "O2"}',
        "[" * 300 + "]" * 300,
        '{"a": %s}' % ("[" * 300 + "]" * 300),
        '{"a": %s}' % ("9" * 5000),
        '{"a": 1e999}',
    ],
)
def test_arguments_beyond_the_limits_stay_as_they_were_written(written: str) -> None:
    assert read(None, tool_calls=[make_tool_call(written)]).tool_calls[0].arguments == written


@pytest.mark.parametrize("levels", [65, 300, 900])
def test_an_object_that_is_too_deep_is_no_arguments(levels: int) -> None:
    deep = b'{"a": ' * levels + b"1" + b"}" * levels
    function = b'{"name": "find", "arguments": ' + deep + b"}"
    raw = b'{"choices": [{"message": {"tool_calls": [{"function": ' + function + b"}]}}]}"

    [call] = read_reply(normalise(raw), "m").tool_calls

    assert isinstance(call.arguments, str)


def test_large_integers_and_half_characters_survive_the_store() -> None:
    raw = rb'{"choices": [{"message": {"content": "\ud83d!", "tool_calls": [{"function": '
    raw += b'{"name": "find", "arguments": {"id": 123456789012345678901, "x": NaN}}}]}}]}'

    reply = read_reply(normalise(normalise(raw)), "m")

    assert reply.content == "\ufffd!"
    assert reply.tool_calls[0].arguments == {"id": 123456789012345678901, "x": None}


@pytest.mark.parametrize(
    "message",
    [
        {"function_call": {"name": "find", "arguments": '{"id": "O1"}'}},
        {"tool_calls": {"id": "c", "function": {"name": "find", "arguments": {"id": "O1"}}}},
        {"tool_calls": [{"id": "c", "name": "find", "arguments": '{"id": "O1"}'}]},
        {"tool_calls": [{"function": {"name": "find", "parameters": {"id": "O1"}}}]},
    ],
)
def test_calls_are_read_from_each_place_that_servers_put_them(message: JsonObject) -> None:
    body = completion({"role": "assistant", "content": None} | message)

    [call] = read_reply(orjson.dumps(body), "m").tool_calls

    assert (call.name, call.arguments) == ("find", {"id": "O1"})


def test_what_else_is_in_a_message_or_a_call_is_kept() -> None:
    signature: JsonObject = {"google": {"thought_signature": "c2lnbmF0dXJl"}}
    details: JsonValue = [{"type": "reasoning.encrypted", "data": "abc"}]

    reply = read(
        None,
        reasoning_details=details,
        annotations=[{"type": "url"}],
        audio=None,
        tool_calls=[make_tool_call("{}", extra_content=signature)],
    )

    assert reply.extra == {"reasoning_details": details}
    assert reply.tool_calls[0].extra == {"extra_content": signature}


def test_a_response_that_names_no_model_is_of_the_one_that_was_asked() -> None:
    body = {"choices": [{"message": {"content": "x"}}]}

    assert read_reply(orjson.dumps(body), "asked-for").model == "asked-for"


def test_missing_usage_counts_one_call_and_no_tokens() -> None:
    assert usage_of(b'{"usage": null}') == Usage(calls=1)


def test_what_differs_between_two_equal_answers_is_not_stored() -> None:
    one = make_response() | {"id": "a", "created": 1, "system_fingerprint": "x"}
    other = make_response() | {"id": "b", "created": 2}

    assert normalise(orjson.dumps(one)) == normalise(orjson.dumps(other))


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"choices": ['])
def test_a_body_that_is_no_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        normalise(raw)


@given(json_values)
def test_whatever_comes_the_reader_answers_or_says_that_it_is_malformed(value: JsonValue) -> None:
    with contextlib.suppress(MalformedError):
        read_reply(normalise(orjson.dumps(value)), "m")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_without_marks_is_read_as_it_is(text: str) -> None:
    content = f"said: {text}".replace("think>", "")

    assert read(content).content == content


def test_embeddings_are_in_the_order_of_the_texts() -> None:
    body = {"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [0.5, 0]}]}

    assert read_embeddings(orjson.dumps(body), 2) == [[0.5, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    "data", [None, [], [{"index": 0}], [{"embedding": ["x"]}], [{"embedding": [1]}] * 2]
)
def test_embeddings_must_be_one_vector_of_numbers_for_each_text(data: object) -> None:
    with pytest.raises(MalformedError):
        read_embeddings(orjson.dumps({"data": data}), 1)
