"""Calls: asking again until a reply can be read, and what is kept about it."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace

import pytest

from envscaler.chat import Prompt, Reply
from envscaler.errors import BudgetError, GuestError, PendingError, ProviderError, ReplyError
from envscaler.llm.calls import Calls, gather_all
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


async def refuse_bad(reply: Reply) -> str:
    if reply.content.startswith("bad"):
        raise GuestError(f"NameError in {reply.content!r}")
    if reply.content.startswith("odd"):
        raise ReplyError(f"Expected something else than {reply.content!r}")
    return reply.content


def ask(model: ScriptedModel) -> str:
    return asyncio.run(make_calls(model).ask_and_try("coder", PROMPT, refuse_bad))


def test_first_reply_that_loads_is_taken() -> None:
    model = ScriptedModel("good", "never asked")

    assert ask(model) == "good"
    assert len(model.asked) == 1


def test_what_the_sandbox_said_goes_back_with_the_reply() -> None:
    model = ScriptedModel("bad one", "good")

    assert ask(model) == "good"
    *_, said, asked_again = model.asked[1].prompt.messages
    assert said.get("content") == "bad one"
    assert "NameError in 'bad one'" in str(asked_again.get("content"))


def test_last_refusal_is_raised() -> None:
    model = ScriptedModel("bad 1", "bad 2", "bad 3", "good")

    with pytest.raises(GuestError, match="bad 3"):
        ask(model)


def test_both_kinds_of_trouble_share_one_dialogue_and_one_count() -> None:
    model = ScriptedModel("odd 1", "bad 2", "odd 3", "good")

    with pytest.raises(ReplyError, match="odd 3"):
        ask(model)

    assert [len(asked.prompt.messages) for asked in model.asked] == [1, 3, 5]


def test_a_trial_may_have_a_number_of_tries_of_its_own() -> None:
    calls = make_calls(ScriptedModel("bad", "good"), tries=1)

    assert asyncio.run(calls.ask_and_try("coder", PROMPT, refuse_bad, tries=2)) == "good"


@pytest.mark.parametrize("first", ["bad", "odd"])
def test_provenance_names_the_prompt_of_every_second_try(first: str) -> None:
    calls = make_calls(ScriptedModel(first, "good"))

    asyncio.run(calls.ask_and_try("coder", PROMPT, refuse_bad))

    assert list(calls.provenance().prompts) == ["common/ask_again", "stage/step"]


def test_a_reply_cut_off_in_thought_is_not_tried() -> None:
    model = ScriptedModel(replace(make_reply(reasoning="Seven is"), finish_reason="length"))

    with pytest.raises(ProviderError, match="max_tokens"):
        ask(model)


async def after(ticks: int, result: str | Exception) -> str:
    for _ in range(ticks):
        await asyncio.sleep(0)
    if isinstance(result, Exception):
        raise result
    return result


def test_results_come_in_the_order_asked() -> None:
    waiting = [after(3, "a"), after(1, "b")]

    assert asyncio.run(_gather(waiting)) == ["a", "b"]


def test_one_failure_cuts_no_other_short() -> None:
    finished: list[str] = []

    async def slow() -> str:
        finished.append(await after(5, "slow"))
        return "slow"

    with pytest.raises(PendingError):
        asyncio.run(_gather([after(0, PendingError("waits")), slow()]))

    assert finished == ["slow"]


def test_lost_row_is_told_before_a_pending_request() -> None:
    waiting = [after(0, PendingError("waits")), after(2, ReplyError("no code"))]

    with pytest.raises(ReplyError, match="no code"):
        asyncio.run(_gather(waiting))


def test_what_stops_the_run_is_told_first() -> None:
    waiting = [after(0, ReplyError("no code")), after(2, BudgetError("spent"))]

    with pytest.raises(BudgetError):
        asyncio.run(_gather(waiting))


async def _gather(waiting: Sequence[Awaitable[str]]) -> list[str]:
    return await gather_all(waiting)
