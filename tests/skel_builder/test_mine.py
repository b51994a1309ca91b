"""Judging a task and inferring its environment."""

import asyncio

import pytest

from envscaler.errors import ReplyError
from envscaler.records import Candidate, Task
from envscaler.skel_builder.events import Event, Inferred, Judged
from envscaler.skel_builder.mine import mine
from tests.fakes import ScriptedModel
from tests.skel_builder.makers import as_json, make_calls

TASK = Task(id="task-1", text="Return umbrella U-2.", source="x")
STATEFUL = as_json({"reasoning": "Rentals are kept.", "stateful": True})
STATELESS = as_json({"reasoning": "General knowledge.", "stateful": False})
INFERENCE = as_json(
    {
        "reasoning": "A lending system.",
        "summary": "Umbrella rental",
        "introduction": "It lends umbrellas.",
        "usefulness": 8,
        "modelability": 9,
    }
)


def run_mine(model: ScriptedModel, events: list[Event] | None = None) -> Candidate:
    heard = [] if events is None else events
    return asyncio.run(mine(TASK, make_calls(model), heard.append))


def test_stateful_task_gets_its_environment_inferred() -> None:
    candidate = run_mine(ScriptedModel(STATEFUL, INFERENCE))

    assert candidate.judgement.reasoning == "Rentals are kept."
    assert candidate.inference
    assert candidate.inference.summary == "Umbrella rental"


def test_task_without_state_is_kept_with_the_reasoning_and_asks_no_more() -> None:
    model = ScriptedModel(STATELESS)

    candidate = run_mine(model)

    assert candidate.inference is None
    assert candidate.judgement.reasoning == "General knowledge."
    assert model.prompts == ["skel_builder/judge_task"]


def test_both_prompts_hold_the_task() -> None:
    model = ScriptedModel(STATEFUL, INFERENCE)

    run_mine(model)

    assert [TASK.text in str(asked.prompt.messages[-1]) for asked in model.asked] == [True, True]


def test_listener_hears_judgement_and_inference_in_order() -> None:
    events: list[Event] = []

    run_mine(ScriptedModel(STATEFUL, INFERENCE), events)

    assert [type(event) for event in events] == [Judged, Inferred]


def test_provenance_names_task_prompts_and_usage() -> None:
    provenance = run_mine(ScriptedModel(STATEFUL, INFERENCE)).provenance

    assert provenance.parents == ("task-1",)
    assert list(provenance.prompts) == ["skel_builder/infer_environment", "skel_builder/judge_task"]
    assert provenance.usage.calls == 2


def test_score_beyond_the_scale_is_no_answer() -> None:
    model = ScriptedModel(STATEFUL, INFERENCE.replace("9", "11"))

    with pytest.raises(ReplyError, match="modelability"):
        run_mine(model)
