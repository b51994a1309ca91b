"""Repairs: what the model is told, and what becomes of its reply."""

from envscaler.config import Settings
from envscaler.errors import ReplyError
from envscaler.skel_builder.repair import (
    RepairRound,
    faults_of_cases,
    faults_of_findings,
    repair,
)
from tests.fakes import ScriptedModel
from tests.skel_builder.live import in_sandbox, make_finding, make_skeleton
from tests.skel_builder.makers import GET_UMBRELLA, RETURN_UMBRELLA, as_code, make_calls
from tests.skel_builder.test_admit import make_case

SKELETON = make_skeleton()
BETTER = RETURN_UMBRELLA.replace("is not lent", "is not lent to anybody")


def run_repair(settings: Settings, model: ScriptedModel) -> RepairRound:
    faults = {"return_umbrella": ("It says too little.",)}
    return in_sandbox(
        settings, lambda sandbox: repair(SKELETON, faults, 0, make_calls(model), sandbox)
    )


def test_the_new_method_takes_the_place_of_the_old(settings: Settings) -> None:
    repaired = run_repair(settings, ScriptedModel(as_code(BETTER)))

    assert "is not lent to anybody" in repaired.skeleton.source
    assert [tool.name for tool in repaired.skeleton.tools] == ["get_umbrella", "return_umbrella"]
    assert [(one.tool, one.problem) for one in repaired.repairs] == [("return_umbrella", "")]


def test_the_model_sees_the_method_and_its_faults_only(settings: Settings) -> None:
    model = ScriptedModel(as_code(BETTER))

    run_repair(settings, model)

    sent = str(model.asked[0].prompt.messages[-1].get("content"))
    assert "1. It says too little." in sent
    assert "def return_umbrella" in sent
    assert "def get_umbrella" not in sent


def test_without_a_usable_reply_the_method_stays_and_the_reason_is_kept(
    settings: Settings,
) -> None:
    repaired = run_repair(settings, ScriptedModel(ReplyError("Nonsense")))

    assert repaired.skeleton is SKELETON
    assert [one.problem for one in repaired.repairs] == ["Nonsense"]


def test_a_reply_that_is_another_method_is_no_repair(settings: Settings) -> None:
    repaired = run_repair(settings, ScriptedModel(as_code(GET_UMBRELLA)))

    assert repaired.skeleton is SKELETON
    assert "return_umbrella" in repaired.repairs[0].problem


def test_tools_with_minor_findings_only_are_left_alone() -> None:
    assert faults_of_findings([make_finding("minor")]) == {}
    assert len(faults_of_findings([make_finding("minor"), make_finding("serious")])) == 1


def test_failed_cases_tell_what_the_judge_said() -> None:
    cases = [make_case("get_umbrella", "pass"), make_case("return_umbrella", "fail")]

    faults = faults_of_cases(cases)

    assert list(faults) == ["return_umbrella"]
    assert "A judge says: So it is." in faults["return_umbrella"][0]
