"""Decide which assessed skeletons become environments."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from envscaler.config import SkelBuilderSettings
from envscaler.errors import RejectedError
from envscaler.records import (
    Assessment,
    AssessmentSummary,
    Case,
    Counts,
    Environment,
    Provenance,
    QualityReport,
    Skeleton,
    content_id,
    row_id,
)
from envscaler.skel_builder.assess import assessment_id

Tally = Counter[tuple[str, str]]
"""(Tool, verdict) → how often."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What admission needs of an assessment."""

    tally: Tally
    quality: QualityReport
    repaired: str | None


def outcome_of(assessment: Assessment) -> Admission:
    """Leave out the cases themselves."""
    return Admission(tally(assessment.cases), assessment.quality, assessment.repaired)


def environment_id(skeleton: Skeleton) -> str:
    """Return under which name an environment is known before it is there: its origin."""
    return row_id("env", skeleton.id)


def tally(cases: Iterable[Case]) -> Tally:
    """Count the verdicts of each tool."""
    return Counter((case.call.name, case.verdict) for case in cases)


def summarise(skeleton: Skeleton, outcome: Admission) -> AssessmentSummary:
    """Put the verdicts together, for each tool and in all. No case at all scores 0."""
    tools, verdicts = skeleton.tools, outcome.tally
    counts = {tool.name: _counts(verdicts, {tool.name}) for tool in tools}
    total = _counts(verdicts, counts.keys())
    score = round((total.passed + total.warned) / total.total, 4) if total.total else 0.0
    return AssessmentSummary(score=score, counts=total, tools=counts, quality=outcome.quality)


def admit(
    skeleton: Skeleton, summary: AssessmentSummary, settings: SkelBuilderSettings
) -> Environment:
    """Make an environment of a skeleton that did well enough.

    Raises:
        RejectedError: Its score is too low, or too many serious findings are open; names them.
    """
    _refuse_findings(skeleton, summary.quality, settings.max_findings)
    _refuse_score(skeleton, summary, settings.min_score)
    made: dict[str, object] = {
        "id": content_id(skeleton),
        "provenance": Provenance(parents=(skeleton.id, assessment_id(skeleton))),
        "assessment": summary,
    }
    return Environment.model_validate(dict(skeleton) | made)


def _refuse_findings(skeleton: Skeleton, quality: QualityReport, most: int) -> None:
    if len(quality.serious) > most:
        found = "; ".join(f"{one.tool}: {one.kind}" for one in quality.serious)
        raise RejectedError(
            "findings",
            f"{skeleton.summary!r} has {len(quality.serious)} serious findings that no repair "
            f"removed, {most} may stay open: {found}",
        )


def _refuse_score(skeleton: Skeleton, summary: AssessmentSummary, least: float) -> None:
    if summary.score < least:
        failing = ", ".join(
            f"{name} ({counts.failed} of {counts.total})"
            for name, counts in summary.tools.items()
            if counts.failed
        )
        raise RejectedError(
            "assessment",
            f"{skeleton.summary!r} scores {summary.score:.2f}, {least:.2f} is asked for; "
            f"failed calls: {failing or 'none were made'}",
        )


def _counts(verdicts: Tally, names: Collection[str]) -> Counts:
    def count(verdict: Literal["pass", "warning", "fail"]) -> int:
        return sum(verdicts[name, verdict] for name in names)

    return Counts(passed=count("pass"), warned=count("warning"), failed=count("fail"))
