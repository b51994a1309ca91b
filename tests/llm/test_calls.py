"""Calls: asking again until a reply can be read, and what is kept about it."""

import asyncio
from dataclasses import replace

import pytest

from envscaler.chat import Prompt, Reply
from envscaler.errors import ProviderError, ReplyError
from envscaler.llm.calls import Calls
from envscaler.records import Usage
from tests.fakes import ScriptedModel, make_call, make_reply, scripted_models

PROMPT = Prompt(
    name="stage/step", sha="0123456789ab", messages=({"role": "user", "content": "7?"},)
)


def read_number(reply: Reply) -> int:
    if not reply.content.isdigit():
        raise ReplyError(f"Expected a number, got {reply.content!r}")
    return int(reply.content)


def make_calls(model: ScriptedModel, tries: int = 3) -> Calls:
    return Calls(scripted_models(model), seed=5, tries=tries)


def test_a_readable_reply_is_asked_for_once() -> None:
    model = ScriptedModel("7")

    answer = asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))

    assert (answer, len(model.asked)) == (7, 1)


def test_a_bad_reply_is_asked_for_again_with_it_and_its_problem_behind_the_prompt() -> None:
    model = ScriptedModel("seven", "7")

    asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))

    first, bad, problem = model.asked[1].prompt.messages
    assert first == PROMPT.messages[0]
    assert bad == {"role": "assistant", "content": "seven"}
    assert "Expected a number, got 'seven'" in (problem.get("content") or "")


def test_every_bad_reply_stays_in_the_dialogue_so_that_no_request_repeats() -> None:
    model = ScriptedModel("bad", "bad", "7")

    asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))

    assert [len(asked.prompt.messages) for asked in model.asked] == [1, 3, 5]


def test_the_last_problem_is_raised_when_the_tries_are_used_up() -> None:
    model = ScriptedModel("one", "two", "three")

    with pytest.raises(ReplyError, match="got 'two'"):
        asyncio.run(make_calls(model, tries=2).ask("coder", PROMPT, read_number))


def test_an_empty_reply_is_not_sent_back_as_an_empty_turn() -> None:
    model = ScriptedModel(make_reply(tool_calls=(make_call("x"),)), "7")

    asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))

    assert model.asked[1].prompt.messages[1].get("content") == "(empty)"


def test_a_reply_that_was_cut_off_in_thought_says_what_to_raise_and_is_not_asked_again() -> None:
    model = ScriptedModel(replace(make_reply(reasoning="Seven is"), finish_reason="length"))

    with pytest.raises(ProviderError, match=r"raise models\.<role>\.max_tokens") as caught:
        asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))

    assert caught.value.kind == "max_tokens"


def test_a_provider_error_is_not_asked_again() -> None:
    model = ScriptedModel(ProviderError("down"), "7")

    with pytest.raises(ProviderError):
        asyncio.run(make_calls(model).ask("coder", PROMPT, read_number))


def test_the_seed_and_the_sample_reach_the_model() -> None:
    model = ScriptedModel("7")

    asyncio.run(make_calls(model).ask("coder", PROMPT, read_number, sample=2))

    assert (model.asked[0].seed, model.asked[0].sample) == (5, 2)


def test_provenance_sums_the_usage_of_bad_replies_too() -> None:
    calls = make_calls(ScriptedModel("bad", "7"))

    asyncio.run(calls.ask("coder", PROMPT, read_number))

    assert calls.provenance().usage == Usage(calls=2, prompt_tokens=20, completion_tokens=10)


def test_provenance_names_parents_prompts_models_and_seed() -> None:
    calls = make_calls(ScriptedModel("bad", "7"))

    asyncio.run(calls.ask("coder", PROMPT, read_number))
    provenance = calls.provenance("topic-1")

    assert provenance.parents == ("topic-1",)
    assert list(provenance.prompts) == ["common/ask_again", "stage/step"]
    assert (provenance.models, provenance.seed) == (("scripted",), 5)
