"""Requests: what is sent, and the key under which its answer is kept."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.errors import ProviderError
from envscaler.llm.keys import key_of
from envscaler.llm.requests import Request, chat_request, embedding_request
from envscaler.records import JsonObject, JsonValue, Tool
from tests.llm.builders import make_model_settings, make_prompt

TOOL = Tool(
    name="find",
    description="Find.",
    parameters={"type": "object", "properties": {"z": {"type": "string"}, "a": {}}},
)

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcde"), inner),
    max_leaves=12,
)


def reversed_keys(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: reversed_keys(item) for key, item in reversed(value.items())}
    if isinstance(value, list):
        return [reversed_keys(item) for item in value]
    return value


def make(sample: int = 0, seed: int = 0, **changes: object) -> Request:
    return chat_request(make_model_settings(**changes), make_prompt(), (), sample, seed)


def body_of(request: Request) -> JsonObject:
    body: JsonObject = orjson.loads(request.body)
    return body


@given(json_values)
def test_the_order_of_keys_does_not_change_the_key(body: JsonValue) -> None:
    assert key_of(body, sample=0, seed=0) == key_of(reversed_keys(body), sample=0, seed=0)


@given(json_values, json_values)
def test_different_bodies_have_different_keys(one: JsonValue, other: JsonValue) -> None:
    same = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        other, option=orjson.OPT_SORT_KEYS
    )

    assert (key_of(one, sample=0, seed=0) == key_of(other, sample=0, seed=0)) == same


def test_the_order_of_messages_changes_the_key() -> None:
    assert key_of(["a", "b"], sample=0, seed=0) != key_of(["b", "a"], sample=0, seed=0)


def test_every_sample_and_every_seed_has_its_own_key() -> None:
    keys = {make(sample, seed).key for sample in range(12) for seed in range(12)}

    assert len(keys) == 144


def test_a_seed_that_is_not_sent_still_tells_requests_apart() -> None:
    one, other = make(seed=1, send_seed=False), make(seed=2, send_seed=False)

    assert one.body == other.body
    assert one.key != other.key


def test_address_and_key_of_the_endpoint_are_no_part_of_the_key() -> None:
    here = make(base_url="http://here/v1", api_key_env="HERE")

    assert here.key == make(base_url="http://there/v1", api_key_env="THERE").key


def test_the_body_holds_model_messages_and_sampling_parameters() -> None:
    body = body_of(make(seed=7, temperature=0.5, top_p=0.9, max_tokens=100))

    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "seed": 7,
    }


def test_what_is_not_set_is_not_sent() -> None:
    body = body_of(make(temperature=None, top_p=None, max_tokens=None, send_seed=False))

    assert set(body) == {"model", "messages"}


def test_extra_fields_are_sent_and_change_the_key() -> None:
    request = make(extra_body={"chat_template_kwargs": {"enable_thinking": False}})

    assert body_of(request)["chat_template_kwargs"] == {"enable_thinking": False}
    assert request.key != make().key


def test_tools_are_sent_as_functions_with_their_schema_as_written() -> None:
    request = chat_request(make_model_settings(), make_prompt(), (TOOL,), 0, 0)

    function = {"name": "find", "description": "Find.", "parameters": TOOL.parameters}
    assert body_of(request)["tools"] == [{"type": "function", "function": function}]
    assert request.body.index(b'"z"') < request.body.index(b'"a"')


def test_half_a_surrogate_costs_the_row_and_not_the_run() -> None:
    with pytest.raises(ProviderError, match="prompt 'stage/step' cannot be written as JSON"):
        chat_request(make_model_settings(), make_prompt("\ud800"), (), 0, 0)


def test_embeddings_are_asked_for_by_model_and_texts() -> None:
    request = embedding_request("e", ["one", "two"])

    assert (request.path, body_of(request)) == (
        "/embeddings",
        {"model": "e", "input": ["one", "two"]},
    )


def test_fields_that_are_named_like_a_secret_are_sent_and_not_kept() -> None:
    extra: JsonObject = {"api_key": "sk-1", "top_k": 5, "auth": {"token": "t"}}
    request = chat_request(make_model_settings(extra_body=extra), make_prompt(), (), 0, 0)

    assert b"sk-1" not in request.body
    assert orjson.loads(request.sent) == orjson.loads(request.body) | {
        "api_key": "sk-1",
        "auth": {"token": "t"},
    }
    assert request.key == key_with({"top_k": 5})


def key_with(extra: JsonObject) -> str:
    return chat_request(make_model_settings(extra_body=extra), make_prompt(), (), 0, 0).key


@pytest.mark.parametrize("name", ["max_completion_tokens", "keyword", "thinking_token_budget"])
def test_fields_that_only_sound_like_a_secret_are_part_of_the_request(name: str) -> None:
    assert key_with({name: 1}) != key_with({})


def test_tools_that_are_written_once_give_the_key_and_the_body_of_all_written_anew() -> None:
    tools = (TOOL, TOOL.model_copy(update={"name": "other"}))

    again = [
        chat_request(make_model_settings(), make_prompt(), given, 0, 0) for given in (tools, tools)
    ]
    [anew] = [chat_request(make_model_settings(), make_prompt(), [*tools], 0, 0)]

    assert {request.key for request in again} == {anew.key}
    assert {request.body for request in again} == {anew.body}
    functions = [tool.as_function() for tool in tools]
    body = {**orjson.loads(anew.body), "tools": functions}
    assert key_of(body, sample=0, seed=0) == anew.key
    assert orjson.dumps(functions) in anew.body
