"""Test calls, their verdicts, and what the judge is shown."""

from envscaler.config import Settings
from envscaler.records import Assessment
from envscaler.skel_builder.assess import assess
from envscaler.skel_builder.events import CaseJudged, Event, StateMade
from tests.fakes import ScriptedModel
from tests.skel_builder.live import in_sandbox, make_skeleton
from tests.skel_builder.makers import STATE, as_json, make_calls
from tests.skel_builder.test_trials import BACK, BACK_AGAIN, LOOK

SKELETON = make_skeleton()
PASS = as_json({"reason": "As described.", "verdict": "pass"})
FAIL = as_json({"reason": "Wrong.", "verdict": "fail"})


def make_model(*verdicts: str) -> ScriptedModel:
    return ScriptedModel(
        by_prompt={
            "skel_builder/make_state": as_json({"initial_state": STATE}),
            "skel_builder/propose_call": (BACK, BACK_AGAIN, LOOK),
            "skel_builder/judge_call": verdicts,
        }
    )


def run(settings: Settings, model: ScriptedModel, events: list[Event] | None = None) -> Assessment:
    heard = [] if events is None else events
    limited = settings.skel_builder.model_copy(
        update={"rounds_per_env": 3, "examine": False, "repair_rounds": 0}
    )
    return in_sandbox(
        settings,
        lambda sandbox: assess(SKELETON, make_calls(model), sandbox, limited, heard.append),
    )


def test_every_case_is_kept_in_order_with_its_verdict(settings: Settings) -> None:
    assessment = run(settings, make_model(PASS, FAIL, PASS))

    assert [(case.round, case.call.name, case.verdict) for case in assessment.cases] == [
        (0, "return_umbrella", "pass"),
        (1, "return_umbrella", "fail"),
        (2, "get_umbrella", "pass"),
    ]
    assert assessment.initial_state == STATE


def test_case_keeps_the_state_difference(settings: Settings) -> None:
    first = run(settings, make_model(PASS, PASS, PASS)).cases[0]

    assert first.changes["changed"] == {
        "umbrellas.U-2.member": ["Ines", None],
        "umbrellas.U-2.status": ["lent", "free"],
    }


def test_judge_sees_source_call_result_and_difference(settings: Settings) -> None:
    model = make_model(PASS, PASS, PASS)

    run(settings, model)

    asked = next(asked for asked in model.asked if asked.prompt.name == "skel_builder/judge_call")
    sent = str(asked.prompt.messages[-1].get("content"))
    for part in (
        "def return_umbrella(self, umbrella_id: str) -> dict:",
        '{"umbrella_id": "U-2"}',
        "Umbrella U-2 is free",
        'umbrellas.U-2.status: "lent" → "free"',
        "the tool returned",
    ):
        assert part in sent
    assert "def get_umbrella" not in sent


def test_listener_hears_the_state_and_then_the_cases(settings: Settings) -> None:
    events: list[Event] = []

    run(settings, make_model(PASS, PASS, PASS), events)

    assert [type(event) for event in events] == [StateMade, CaseJudged, CaseJudged, CaseJudged]
