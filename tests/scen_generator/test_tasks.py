"""Tasks: which are refused, and with what words."""

import asyncio

import pytest

from envscaler.errors import ReplyError
from envscaler.scen_generator.task_first.task import make_task, read_task
from tests.fakes import ScriptedModel
from tests.scen_generator.example import STATE, TASK
from tests.scen_generator.running import (
    ENVIRONMENT,
    STEPS,
    calls_to,
    json_reply,
    make_spec,
    question,
    task_reply,
)


@pytest.mark.parametrize(
    ("steps", "task", "told"),
    [
        (STEPS[:2], TASK, "takes 2 steps; make it one of at least 3"),
        (STEPS, "Cancel the booking.", "too short"),
        (STEPS, f"{TASK} Use cancel_booking.", "names the tools cancel_booking"),
    ],
)
def test_a_trivial_or_telltale_task_is_refused(steps: list[str], task: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_task(json_reply({"steps": steps, "task": task}), ENVIRONMENT.tools)


def test_the_task_is_read_without_its_steps() -> None:
    assert read_task(task_reply(f"\n{TASK} "), ENVIRONMENT.tools) == TASK


def test_a_tool_with_a_name_of_one_word_may_be_spoken_of() -> None:
    tool = ENVIRONMENT.tools[0].model_copy(update={"name": "note"})

    assert read_task(task_reply(), (tool,)) == TASK


def test_a_refused_task_is_asked_for_again() -> None:
    model = ScriptedModel(task_reply("Do it."), task_reply())

    task = asyncio.run(make_task(make_spec(), STATE, calls_to(model)))

    assert task == TASK
    assert "too short" in str(model.asked[1].prompt.messages[-1])


def test_the_prompt_shows_the_tools_and_the_whole_state() -> None:
    model = ScriptedModel(task_reply())

    asyncio.run(make_task(make_spec(), STATE, calls_to(model)))

    text = question(model.asked[0].prompt)
    assert "`move_booking(booking_id: string, berth_id: string)`" in text
    assert '"name": "Albatros"' in text
