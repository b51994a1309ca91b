"""Assess an environment: test calls are made, judged, and counted."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Literal

from envscaler.config import SkelBuilderSettings
from envscaler.errors import RejectedError
from envscaler.llm.calls import Calls
from envscaler.llm.types import Prompt
from envscaler.prompts import render
from envscaler.records import (
    Assessment,
    AssessmentSummary,
    Case,
    Clock,
    Counts,
    Environment,
    ObservationKind,
    Provenance,
    Record,
    Skeleton,
    Tool,
    row_id,
)
from envscaler.replies import read_json
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.asking import all_of
from envscaler.skel_builder.events import CaseJudged, Listener, StateMade, silent
from envscaler.skel_builder.states import make_state
from envscaler.skel_builder.trials import Trial, run_trials
from envscaler.skel_builder.views import (
    difference_lines,
    method_excerpt,
    state_text,
    value_text,
)

_OUTCOMES = {
    ObservationKind.OK: "the tool returned",
    ObservationKind.REFUSED: "refused before the tool ran",
    ObservationKind.EXCEPTION: "the tool raised an exception",
    ObservationKind.TIMEOUT: "the tool took too long",
    ObservationKind.MEMORY: "the tool used too much memory",
    ObservationKind.UNSERIALISABLE: "the result cannot be written as JSON",
    ObservationKind.OVERSIZED: "the result is too large",
    ObservationKind.KILLED: "the tool brought its process down",
}


Tally = Counter[tuple[str, str]]
"""(Tool, verdict) → how often."""


class CaseVerdict(Record):
    """What the judge says of one call."""

    reason: str
    verdict: Literal["pass", "warning", "fail"]


def assessment_id(skeleton: Skeleton) -> str:
    """Return the id of the assessment of a skeleton."""
    return row_id("assess", skeleton.id)


def environment_id(skeleton: Skeleton) -> str:
    """Return the id of the environment that a skeleton becomes."""
    return row_id("env", skeleton.id)


async def assess(
    skeleton: Skeleton,
    calls: Calls,
    sandbox: Sandbox,
    settings: SkelBuilderSettings,
    listener: Listener = silent,
) -> Assessment:
    """Test a skeleton with calls that a tester proposes and a judge decides on.

    The tester does not see verdicts, so all calls are judged at once when all are made.

    Args:
        skeleton: What is tested.
        calls: The calls of the row.
        sandbox: Where the environment runs.
        settings: How many rounds there are, and when the state is set back.
        listener: Is told of the state and of each verdict.

    Raises:
        ReplyError: A reply has not the shape that its prompt asks for.
        GuestError: The class takes none of the states that were made for it.
        SandboxError: The environment cannot be run.
    """
    state = await make_state(skeleton, calls, sandbox)
    listener(StateMade(state=state))
    trials = await run_trials(skeleton, state, calls, sandbox, settings)
    cases = await all_of(judge(skeleton, trial, calls, listener) for trial in trials)
    return Assessment(
        id=assessment_id(skeleton),
        provenance=calls.provenance(skeleton.id),
        initial_state=state,
        cases=tuple(cases),
    )


async def judge(
    skeleton: Skeleton, trial: Trial, calls: Calls, listener: Listener = silent
) -> Case:
    """Ask for the verdict on one call.

    Raises:
        ReplyError: The reply has not the shape that the prompt asks for.
    """
    said = await calls.ask(
        "judge",
        verdict_prompt(skeleton, trial),
        lambda reply: read_json(reply.content, CaseVerdict),
    )
    case = Case(
        round=trial.round,
        **dict(trial.proposal),
        observation=trial.observation,
        changes=trial.changes.model_dump(mode="json"),
        verdict=said.verdict,
        reason=said.reason,
    )
    listener(CaseJudged(case=case))
    return case


def verdict_prompt(skeleton: Skeleton, trial: Trial) -> Prompt:
    """Render the question for the verdict on one call."""
    proposal = trial.proposal
    return render(
        "skel_builder/judge_call",
        skeleton=skeleton,
        now=Clock().start.isoformat(),
        method_source=method_excerpt(skeleton.source, skeleton.class_name, proposal.tool),
        state=state_text(trial.before),
        proposal=proposal,
        arguments=value_text(proposal.arguments),
        outcome=_OUTCOMES[trial.observation.kind],
        result=value_text(trial.observation.value),
        changes=difference_lines(trial.changes),
    )


def tally(cases: Iterable[Case]) -> Tally:
    """Count the verdicts of each tool."""
    return Counter((case.tool, case.verdict) for case in cases)


def summarise(tools: Iterable[Tool], verdicts: Tally) -> AssessmentSummary:
    """Put the verdicts together, for each tool and in all. No case at all scores 0."""
    counts = {tool.name: _counts(verdicts, {tool.name}) for tool in tools}
    total = _counts(verdicts, counts.keys())
    score = round((total.passed + total.warned) / total.total, 4) if total.total else 0.0
    return AssessmentSummary(score=score, counts=total, tools=counts)


def admit(skeleton: Skeleton, summary: AssessmentSummary, min_score: float) -> Environment:
    """Make an environment of a skeleton that did well enough.

    Raises:
        RejectedError: Its score is below `min_score`; names the tools that failed.
    """
    if summary.score < min_score:
        failing = ", ".join(
            f"{name} ({counts.failed} of {counts.total})"
            for name, counts in summary.tools.items()
            if counts.failed
        )
        raise RejectedError(
            "assessment",
            f"{skeleton.summary!r} scores {summary.score:.2f}, {min_score:.2f} is asked for; "
            f"failed calls: {failing or 'none were made'}",
        )
    made: dict[str, object] = {
        "id": environment_id(skeleton),
        "provenance": Provenance(parents=(skeleton.id, assessment_id(skeleton))),
        "assessment": summary,
    }
    return Environment.model_validate(dict(skeleton) | made)


def _counts(verdicts: Tally, names: Collection[str]) -> Counts:
    def count(verdict: Literal["pass", "warning", "fail"]) -> int:
        return sum(verdicts[name, verdict] for name in names)

    return Counts(passed=count("pass"), warned=count("warning"), failed=count("fail"))
