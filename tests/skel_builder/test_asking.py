"""Asking until the sandbox accepts, and asking for many things at once."""

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from envscaler.errors import BudgetError, GuestError, PendingError, ReplyError
from envscaler.prompts import render
from envscaler.skel_builder.asking import all_of, ask_and_try
from tests.fakes import ScriptedModel
from tests.skel_builder.makers import make_calls

PROMPT = render("skel_builder/judge_task", task="x")


async def refuse_bad(text: str) -> None:
    if text.startswith("bad"):
        raise GuestError(f"NameError in {text!r}")


def ask(model: ScriptedModel, tries: int = 3) -> str:
    calls = make_calls(model)
    return asyncio.run(ask_and_try(calls, "coder", PROMPT, str, refuse_bad, tries=tries))


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
    return await all_of(waiting)
