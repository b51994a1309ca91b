"""Checklists and check functions: what is kept, and what the model is told otherwise."""

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.errors import PendingError, ProviderError, RejectedError, ReplyError
from envscaler.records import Check
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.task_first.checks import (
    CheckWriter,
    ItemKind,
    read_checklist,
    try_check,
)
from tests.fakes import Scripted, ScriptedModel
from tests.scen_generator.checks import CANCELLED, KEPT, SOUND
from tests.scen_generator.running import (
    CHECKLIST,
    calls_to,
    checklist_reply,
    code_reply,
    in_sandbox,
    json_reply,
    make_task_in_state,
    question,
)

ANSWERS = {check.item: code_reply(check.source) for check in SOUND}


def answer(prompt: Prompt) -> str:
    """Write the sound check of the item that a prompt ends with."""
    first = question(prompt)
    return next(reply for item, reply in ANSWERS.items() if first.endswith(f"**{item}**"))


def write(settings: Settings, model: ScriptedModel, tries: int = 2) -> tuple[Check, ...]:
    async def use(sandbox: Sandbox) -> tuple[Check, ...]:
        writer = CheckWriter(make_task_in_state(), CHECKLIST, calls_to(model), sandbox, tries)
        return await writer.write_all()

    return in_sandbox(settings, use)


def put_to_trial(settings: Settings, source: str, kind: ItemKind = "goal") -> Check:
    async def use(sandbox: Sandbox) -> Check:
        return await try_check(
            Check(item="Has it?", source=source), kind, make_task_in_state(), sandbox
        )

    return in_sandbox(settings, use)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"goals": [], "guards": ["Has it?", "Has she?", "Has he?"]}, "There are no goals"),
        ({"goals": ["Has it?"]}, "There are 1 items; write 3 to 12"),
        ({"goals": ["Has it?", "Has she?", "Is he there?"]}, "'Is he there\\?' is no question"),
        ({"goals": ["Has it?", "Has she?", "Has he gone."]}, "'Has he gone.' is no question"),
        (
            {"goals": ["Has it?", "Has she?"], "guards": ["Has it?"]},
            "'Has it\\?' stands there twice",
        ),
    ],
)
def test_a_checklist_that_cannot_be_used_is_refused(value: dict[str, object], told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_checklist(json_reply(value), 3, 12)


def test_a_checklist_is_read_with_goals_before_guards() -> None:
    checklist = read_checklist(checklist_reply(), 3, 12)

    assert [kind for _, kind in checklist.items] == ["goal"] * 4 + ["guard"]


def test_every_item_gets_its_check_and_its_verdict_at_the_start(settings: Settings) -> None:
    checks = write(settings, ScriptedModel(answer))

    assert [(check.item, check.source) for check in checks] == [
        (check.item, check.source) for check in SOUND
    ]
    assert [check.initially_true for check in checks] == [False, False, False, False, True]


def test_the_scenario_is_the_sample(settings: Settings) -> None:
    model = ScriptedModel(answer)

    write(settings, model)

    assert {asked.sample for asked in model.asked} == {make_task_in_state().spec.index}


def test_the_prompt_shows_the_item_among_the_whole_checklist(settings: Settings) -> None:
    model = ScriptedModel(answer)

    write(settings, model)

    texts = [question(asked.prompt) for asked in model.asked]
    assert all(f"- goal: {CANCELLED.item}" in text for text in texts)
    assert sum("Write the check for this guard:" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return True", "answers True on the data at the start"),
        ("return final_state['ships'] == {}", "broke: error: .*'ships'"),
        ("return len(final_state['boats']) - 4", "broke: wrong type: it returned a int"),
        ("return final_state['boats']['BT-001']['owner'] == 'x'", "collections are all empty"),
        ("while True:\n        pass", "broke: timeout"),
    ],
)
def test_a_goal_that_fails_its_trial_is_refused(settings: Settings, body: str, told: str) -> None:
    short = settings.model_copy(
        update={"sandbox": settings.sandbox.model_copy(update={"check_time": 0.2})}
    )

    with pytest.raises(ReplyError, match=told):
        put_to_trial(short, f"def check_func(final_state):\n    {body}\n")


def test_a_guard_that_is_false_at_the_start_is_refused(settings: Settings) -> None:
    with pytest.raises(ReplyError, match="The item is a guard, so it holds there"):
        put_to_trial(settings, CANCELLED.source, "guard")


def test_a_check_sees_the_state_before(settings: Settings) -> None:
    source = "def check_func(final_state):\n    return final_state == initial_state\n"

    check = put_to_trial(settings, source, "guard")

    assert check.initially_true is True


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("I cannot.", "Expected a ```python block"),
        (code_reply("def check_func(final_state)\n    return True\n"), "line 1"),
        (code_reply("def other(final_state):\n    return True\n"), "check_func"),
        (code_reply("def check_func(final_state):\n    return eval('1')\n"), "line 2"),
        (code_reply("def check_func(final_state):\n    return True\n"), "answers True"),
    ],
)
def test_what_is_wrong_with_a_check_goes_back_to_the_model(
    settings: Settings, reply: str, told: str
) -> None:
    def stumble(prompt: Prompt) -> str:
        again = len(prompt.messages) > 2
        return answer(prompt) if again or CANCELLED.item not in ending(prompt) else reply

    model = ScriptedModel(stumble)

    checks = write(settings, model)

    assert len(checks) == len(SOUND)
    [again] = [asked.prompt for asked in model.asked if len(asked.prompt.messages) > 2]
    assert told in str(again.messages[-1])


def test_an_item_without_a_check_drops_the_scenario_with_its_reason(settings: Settings) -> None:
    def stubborn(prompt: Prompt) -> str:
        return "No." if KEPT.item in ending(prompt) else answer(prompt)

    with pytest.raises(RejectedError, match=r"No check for .Has booking BK-003") as caught:
        write(settings, ScriptedModel(stubborn))

    assert caught.value.kind == "check"


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [
        (PendingError("waits"), ProviderError("gone"), ProviderError),
        (ProviderError("gone"), PendingError("waits"), ProviderError),
    ],
)
def test_all_items_are_asked_for_even_when_one_waits(
    settings: Settings, first: Scripted, second: Scripted, raised: type[Exception]
) -> None:
    model = ScriptedModel(first, second, answer)

    with pytest.raises(raised):
        write(settings, model)

    assert len(model.asked) == len(SOUND)


def ending(prompt: Prompt) -> str:
    return question(prompt).splitlines()[-1]
