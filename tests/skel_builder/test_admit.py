"""Counting verdicts, and admitting environments."""

from typing import Literal

import pytest

from envscaler.config import Settings, SkelBuilderSettings
from envscaler.errors import RejectedError
from envscaler.records import (
    Call,
    Case,
    Counts,
    Finding,
    Observation,
    ObservationKind,
    QualityReport,
)
from envscaler.skel_builder.admit import Admission, admit, summarise, tally
from tests.skel_builder.live import make_finding, make_skeleton

Verdict = Literal["pass", "warning", "fail"]
SKELETON = make_skeleton()


def make_case(tool: str, verdict: Verdict) -> Case:
    return Case(
        round=0,
        call=Call(name=tool, arguments={}),
        case_type="positive",
        purpose="Try it.",
        observation=Observation(kind=ObservationKind.OK, value=None),
        changes={},
        verdict=verdict,
        reason="So it is.",
    )


def outcome(cases: list[Case], *findings: Finding) -> Admission:
    return Admission(tally(cases), QualityReport(findings=findings), None)


def at_least(score: float, settings: Settings) -> SkelBuilderSettings:
    return settings.skel_builder.model_copy(update={"min_score": score})


def test_warnings_count_as_passed_in_the_score() -> None:
    verdicts: list[Verdict] = ["pass", "warning", "fail", "pass"]
    cases = [make_case("get_umbrella", verdict) for verdict in verdicts]

    summary = summarise(SKELETON, outcome(cases))

    assert summary.score == 0.75
    assert summary.counts == Counts(passed=2, warned=1, failed=1)


def test_tools_without_a_call_are_listed_with_zeros() -> None:
    summary = summarise(SKELETON, outcome([make_case("get_umbrella", "pass")]))

    assert summary.tools["return_umbrella"] == Counts()


def test_no_case_scores_zero() -> None:
    assert summarise(SKELETON, outcome([])).score == 0


def test_score_at_the_limit_is_admitted_with_its_counts(settings: Settings) -> None:
    cases = [make_case("get_umbrella", "pass"), make_case("return_umbrella", "fail")]

    environment = admit(SKELETON, summarise(SKELETON, outcome(cases)), at_least(0.5, settings))

    assert environment.assessment
    assert environment.assessment.counts == Counts(passed=1, failed=1)
    assert environment.source == SKELETON.source
    assert environment.provenance.parents[0] == SKELETON.id


def test_two_answers_to_one_task_are_two_environments(settings: Settings) -> None:
    summary = summarise(SKELETON, outcome([make_case("get_umbrella", "pass")]))
    other = SKELETON.model_copy(update={"source": SKELETON.source + "\n"})

    first, again, second = (
        admit(row, summary, settings.skel_builder) for row in (SKELETON, SKELETON, other)
    )

    assert first.id == again.id != second.id
    assert first.origin == second.origin


def test_score_below_the_limit_is_rejected_and_the_failing_tools_are_named(
    settings: Settings,
) -> None:
    cases = [make_case("get_umbrella", "pass"), make_case("return_umbrella", "fail")]

    with pytest.raises(RejectedError, match=r"failed calls: return_umbrella \(1 of 1\)") as caught:
        admit(SKELETON, summarise(SKELETON, outcome(cases)), at_least(0.51, settings))

    assert caught.value.kind == "assessment"


def test_an_open_serious_finding_keeps_an_environment_out(settings: Settings) -> None:
    found = outcome([make_case("get_umbrella", "pass")], make_finding("serious"))

    with pytest.raises(RejectedError, match="get_umbrella: uncaught_exception") as caught:
        admit(SKELETON, summarise(SKELETON, found), at_least(0.5, settings))

    assert caught.value.kind == "findings"


def test_a_minor_finding_stays_with_the_environment(settings: Settings) -> None:
    found = outcome([make_case("get_umbrella", "pass")], make_finding("minor"))

    environment = admit(SKELETON, summarise(SKELETON, found), at_least(0.5, settings))

    assert environment.assessment
    assert environment.assessment.quality.findings == (make_finding("minor"),)
