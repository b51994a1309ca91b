"""Responses: from what endpoints answer to a `Reply`."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.chat import Reply
from envscaler.errors import ProviderError
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
    with pytest.raises(ProviderError, match="max_tokens"):
        read("<think>six times", "length")


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
def test_an_empty_reply_is_an_error(content: str | None) -> None:
    with pytest.raises(MalformedError, match="empty reply"):
        read(content)


def test_an_empty_reply_that_was_cut_off_says_what_to_raise() -> None:
    with pytest.raises(ProviderError, match=r"raise models\.<role>\.max_tokens") as caught:
        read(None, "length", reasoning_content="hmm")

    assert caught.value.kind == "max_tokens"


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
    with contextlib.suppress(MalformedError, ProviderError):
        reply = read_reply(normalise(orjson.dumps(value)), "m")
        assert reply.content or reply.tool_calls


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
