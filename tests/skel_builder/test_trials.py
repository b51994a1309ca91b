"""Test calls: which tools may be chosen, when the state is set back, what is kept."""

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.errors import ReplyError
from envscaler.records import JsonValue, ObservationKind
from envscaler.skel_builder.trials import Trial, allowed_tools, read_proposal, run_trials
from tests.fakes import ScriptedModel
from tests.one_sandbox import end_sandboxes
from tests.skel_builder.live import in_sandbox, make_skeleton
from tests.skel_builder.makers import STATE, as_json, make_calls

SKELETON = make_skeleton()


def proposal(tool: str, case_type: str = "positive", **arguments: JsonValue) -> str:
    return as_json(
        {
            "tool": tool,
            "arguments": arguments,
            "case_type": case_type,
            "purpose": "Try it.",
            "expected": "It works.",
        }
    )


BACK = proposal("return_umbrella", umbrella_id="U-2")
BACK_AGAIN = proposal("return_umbrella", "negative", umbrella_id="U-2")
LOOK = proposal("get_umbrella", umbrella_id="U-2")


def run(settings: Settings, model: ScriptedModel, **changes: JsonValue) -> list[Trial]:
    skel_builder = settings.skel_builder.model_copy(update=changes)
    return in_sandbox(
        settings,
        lambda sandbox: run_trials(SKELETON, STATE, make_calls(model), sandbox, skel_builder),
    )


def last_message(prompt: Prompt) -> str:
    return str(prompt.messages[-1].get("content"))


def test_call_runs_and_its_state_difference_is_kept(settings: Settings) -> None:
    (trial,) = run(settings, ScriptedModel(BACK), rounds_per_env=1)

    assert trial.observation.kind is ObservationKind.OK
    assert trial.before == STATE
    assert trial.changes.changed == {
        "umbrellas.U-2.status": ("lent", "free"),
        "umbrellas.U-2.member": ("Ines", None),
    }


def test_each_call_meets_the_state_that_the_last_one_left(settings: Settings) -> None:
    _, again = run(settings, ScriptedModel(BACK, BACK_AGAIN), rounds_per_env=2)

    assert again.observation.value == {"success": False, "error": "Umbrella 'U-2' is not lent"}
    assert not again.changes


def test_state_is_set_back_every_few_rounds(settings: Settings) -> None:
    model = ScriptedModel(BACK, LOOK, BACK, LOOK)

    trials = run(settings, model, rounds_per_env=4, reset_every=2)

    assert [trial.before == STATE for trial in trials] == [True, False, True, False]
    told = ["just set back" in last_message(asked.prompt) for asked in model.asked]
    assert told == [False, False, True, False]


def test_rounds_end_at_the_limit(settings: Settings) -> None:
    assert len(run(settings, ScriptedModel(LOOK, LOOK, LOOK), rounds_per_env=3)) == 3


def test_rounds_end_when_no_tool_may_be_called_any_more(settings: Settings) -> None:
    model = ScriptedModel(LOOK, BACK)

    assert len(run(settings, model, rounds_per_env=9, rounds_per_tool=1)) == 2


def test_tester_is_told_counts_closed_tools_and_recent_calls(settings: Settings) -> None:
    model = ScriptedModel(LOOK, BACK)

    run(settings, model, rounds_per_env=2, rounds_per_tool=1)

    sent = last_message(model.asked[1].prompt)
    assert "- get_umbrella: 1, 0\n- return_umbrella: 0, 0" in sent
    assert "may not be used: get_umbrella" in sent
    assert 'positive: `get_umbrella({"umbrella_id": "U-2"})` → ok {"success": true' in sent


def test_tester_sees_the_state_of_the_moment(settings: Settings) -> None:
    model = ScriptedModel(BACK, LOOK)

    run(settings, model, rounds_per_env=2)

    seen = [last_message(asked.prompt) for asked in model.asked]
    assert ['"member": "Ines"' in text for text in seen] == [True, False]


def test_prompts_are_the_same_in_every_run(settings: Settings) -> None:
    models = [ScriptedModel(BACK, LOOK), ScriptedModel(BACK, LOOK)]

    for model in models:
        run(settings, model, rounds_per_env=2)
        end_sandboxes()

    first, second = ([asked.prompt for asked in model.asked] for model in models)
    assert first == second


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (proposal("lend_umbrella"), "'lend_umbrella' cannot be chosen; choose one of"),
        (proposal("get_umbrella"), "refused before get_umbrella runs"),
        (proposal("get_umbrella", umbrella_id=3), "refused before get_umbrella runs"),
        (proposal("get_umbrella", "neutral", umbrella_id="U-1"), "case_type"),
        (as_json({"tool": "get_umbrella", "arguments": [1]}), "arguments"),
    ],
)
def test_call_that_cannot_be_made_is_refused(reply: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_proposal(reply, SKELETON.tools)


def test_tool_at_its_limit_cannot_be_chosen(settings: Settings) -> None:
    trials = run(settings, ScriptedModel(LOOK), rounds_per_env=1)

    allowed = allowed_tools(SKELETON, trials, most=1)

    assert [tool.name for tool in allowed] == ["return_umbrella"]
    with pytest.raises(ReplyError, match="choose one of: return_umbrella"):
        read_proposal(LOOK, allowed)
