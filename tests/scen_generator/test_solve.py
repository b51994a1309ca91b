"""The task-first strategy: execution answers the model, and the task decides disagreements."""

from collections.abc import Sequence

import pytest

from envscaler.config import Settings
from envscaler.errors import RejectedError, ReplyError
from envscaler.records import Call, Check, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.task_first.solve import Prover, read_ruling
from tests.fakes import Scripted, ScriptedModel
from tests.scen_generator.checks import BOOKED, KEPT, NEVER, SOUND
from tests.scen_generator.example import REFERENCE, TASK
from tests.scen_generator.running import (
    calls_to,
    code_reply,
    in_sandbox,
    json_reply,
    make_scenario,
    make_task_in_state,
    question,
)

SHORT = REFERENCE[:-1]
AT_START = {**dict.fromkeys((check.item for check in SOUND), False), KEPT.item: True}


def solution(calls: Sequence[Call], objection: str | None = None) -> str:
    return json_reply({"calls": [call.model_dump() for call in calls], "objection": objection})


def ruling(decision: str, **more: object) -> str:
    return json_reply({"reason": "The task says so.", "decision": decision, **more})


def prove(settings: Settings, *checks: Check, model: ScriptedModel, rounds: int = 2) -> Scenario:
    """Prove the harbour scenario with `checks`, whose first verdicts are known."""
    judged = [
        each.model_copy(update={"initially_true": AT_START.get(each.item, False)})
        for each in checks
    ]
    section = settings.scen_generator.model_copy(update={"solve_rounds": rounds})

    async def use(sandbox: Sandbox) -> Scenario:
        prover = Prover(make_task_in_state(), calls_to(model), sandbox, section)
        return await prover.prove(make_scenario(*judged))

    return in_sandbox(settings, use)


def proven(scenario: Scenario) -> bool:
    return scenario.proof is not None and scenario.proof.proven


def scripted(
    *solutions: Scripted, ruling: Scripted | None = None, check: Scripted | None = None
) -> ScriptedModel:
    by_prompt: dict[str, Scripted | tuple[Scripted, ...]] = {"scen_generator/solve": solutions}
    if ruling is not None:
        by_prompt["scen_generator/arbitrate"] = ruling
    if check is not None:
        by_prompt["scen_generator/check"] = check
    return ScriptedModel(by_prompt=by_prompt)


def authored(scenario: Scenario) -> list[Check]:
    """Return the checks that a model wrote."""
    return [check for check in scenario.checks if not check.by_code]


def test_a_right_solution_proves_the_scenario_at_once(settings: Settings) -> None:
    model = scripted(solution(REFERENCE))

    scenario = prove(settings, *SOUND, model=model)

    assert proven(scenario)
    assert scenario.task == TASK
    assert model.prompts == ["scen_generator/solve"]


def test_the_solver_sees_code_state_task_and_checks(settings: Settings) -> None:
    model = scripted(solution(REFERENCE))

    prove(settings, *SOUND, model=model)

    text = question(model.asked[0].prompt)
    assert "def move_booking(self" in text
    assert '"name": "Albatros"' in text
    assert TASK in text
    assert BOOKED.source.strip() in text


def test_what_execution_showed_goes_back_to_the_solver(settings: Settings) -> None:
    wrong = [*SHORT, REFERENCE[-1].model_copy(update={"arguments": {"boat_id": "BT-004"}})]
    model = scripted(solution(wrong), solution(REFERENCE))

    scenario = prove(settings, *SOUND, model=model)

    assert proven(scenario)
    told = str(model.asked[1].prompt.messages[-1].get("content"))
    assert "book_berth needs the argument 'berth_id'" in told
    assert "failed (refused), changed nothing" in told
    assert f"- failed: {BOOKED.item}" in told
    assert f"- passed: {KEPT.item}" in told


def test_only_so_many_rounds_are_played(settings: Settings) -> None:
    model = scripted(*[solution(SHORT)] * 6, ruling=ruling("calls"))

    scenario = prove(settings, *SOUND, model=model, rounds=2)

    assert not proven(scenario)
    assert model.prompts.count("scen_generator/solve") == 6
    assert model.prompts.count("scen_generator/arbitrate") == 1


def test_a_check_that_contradicts_the_task_is_rewritten(settings: Settings) -> None:
    wanted = BOOKED.model_copy(update={"item": "Has the Albatros been booked on A1?"})
    model = scripted(
        solution(REFERENCE, "BK-003 has nothing to do with the task."),
        ruling=ruling("checks", checks=[{"item": NEVER.item, "instead": wanted.item}]),
        check=code_reply(wanted.source),
    )

    scenario = prove(settings, *SOUND[:3], NEVER, KEPT, model=model)

    assert proven(scenario)
    assert [check.item for check in authored(scenario)] == [
        *(check.item for check in SOUND[:3]),
        wanted.item,
        KEPT.item,
    ]
    assert model.prompts.count("scen_generator/solve") == 1


def test_a_guard_that_is_rewritten_stays_a_guard(settings: Settings) -> None:
    wanted = KEPT.model_copy(update={"item": "Has the Skua II stayed where it is?"})
    model = scripted(
        solution(REFERENCE, "The guard is about the wrong boat."),
        ruling=ruling("checks", checks=[{"item": KEPT.item, "instead": wanted.item}]),
        check=code_reply(wanted.source),
    )

    scenario = prove(settings, *SOUND, model=model)

    assert proven(scenario)
    assert authored(scenario)[-1].item == wanted.item
    assert "Write the check for this guard" in question(model.asked[2].prompt)


def test_a_check_may_be_left_out(settings: Settings) -> None:
    model = scripted(
        solution(REFERENCE, "Nothing says B9."),
        ruling=ruling("checks", checks=[{"item": NEVER.item, "instead": None}]),
    )

    scenario = prove(settings, *SOUND, NEVER, model=model)

    assert proven(scenario)
    assert len(authored(scenario)) == len(SOUND)


def test_an_amended_task_is_solved_anew(settings: Settings) -> None:
    amended = f"{TASK} Jon Aker's boat stays where it is."
    model = scripted(
        solution(REFERENCE, "It does not say which boat stays."),
        solution(REFERENCE),
        ruling=ruling("task", task=amended),
    )

    scenario = prove(settings, *SOUND, model=model)

    assert proven(scenario)
    assert scenario.task == amended
    text = question(model.asked[2].prompt)
    assert amended in text
    assert "and the task was amended since" in text
    assert "\n> The task says so.\n" in text


def test_what_was_amended_is_named(settings: Settings) -> None:
    amended = f"{TASK} Jon Aker's boat stays where it is."
    model = scripted(
        solution(REFERENCE, "It does not say which boat stays."),
        solution(REFERENCE),
        ruling=ruling("task", task=amended, checks=[{"item": NEVER.item, "instead": None}]),
    )

    prove(settings, *SOUND, NEVER, model=model)

    assert "and the task and the checks were amended since" in question(model.asked[2].prompt)


def test_a_wrong_solution_is_sought_again(settings: Settings) -> None:
    model = scripted(
        solution(SHORT, "No berth is free."), solution(REFERENCE), ruling=ruling("calls")
    )

    assert proven(prove(settings, *SOUND, model=model))
    text = question(model.asked[2].prompt)
    assert "decided that a better solution exists.\n\n> The task says so.\n" in text
    assert "amended" not in text
    assert '1. `find_boats({"text": "lind"})` changed nothing: ' in text
    assert "2. `cancel_booking(" in text


def test_a_scenario_that_is_not_worth_saving_is_dropped(settings: Settings) -> None:
    model = scripted(solution(SHORT, "It cannot be done."), ruling=ruling("drop"))

    with pytest.raises(RejectedError, match="The task says so") as caught:
        prove(settings, *SOUND, model=model)

    assert caught.value.kind == "unsolvable"


def test_what_stays_unproven_keeps_its_reasons(settings: Settings) -> None:
    model = scripted(solution(SHORT), solution(SHORT), ruling=ruling("calls"))

    scenario = prove(settings, *SOUND, model=model, rounds=0)

    assert scenario.proof is not None
    assert scenario.proof.reasons == (
        f"{BOOKED.item!r} is false even after the reference solution",
    )


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (ruling("checks"), "Say under `checks`"),
        (ruling("task"), "Write the whole new text"),
        (
            ruling("checks", checks=[{"item": "Has it?", "instead": None}]),
            "There is no item 'Has it",
        ),
    ],
)
def test_a_ruling_that_cannot_be_carried_out_is_refused(reply: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_ruling(reply, frozenset({KEPT.item}))
