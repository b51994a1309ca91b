"""Assess an environment: it is tested by code, then by a tester and a judge, and repaired."""

from dataclasses import dataclass
from typing import Literal

from envscaler.chat import Prompt
from envscaler.config import SkelBuilderSettings
from envscaler.llm.calls import Calls
from envscaler.prompts import render
from envscaler.records import (
    Assessment,
    Case,
    Clock,
    ObservationKind,
    Record,
    Skeleton,
    row_id,
)
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.asking import all_of
from envscaler.skel_builder.events import CaseJudged, Listener, Mended, StateMade, silent
from envscaler.skel_builder.mend import RepairLoop, UnderTest
from envscaler.skel_builder.repair import faults_of_cases, repair
from envscaler.skel_builder.states import make_state
from envscaler.skel_builder.trials import Trial, repeat_trials, run_trials
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


class CaseVerdict(Record):
    """What the judge says of one call."""

    reason: str
    verdict: Literal["pass", "warning", "fail"]


def assessment_id(skeleton: Skeleton) -> str:
    """Return the id of the assessment of a skeleton."""
    return row_id("assess", skeleton.id)


async def assess(
    skeleton: Skeleton,
    calls: Calls,
    sandbox: Sandbox,
    settings: SkelBuilderSettings,
    listener: Listener = silent,
) -> Assessment:
    """Test a skeleton with code, then with calls that a tester proposes and a judge decides on.

    What is found goes back to the model, and is tested again. The tester does not see verdicts,
    so all calls are judged at once when all are made.

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
    repair_loop = RepairLoop(state, calls, sandbox, settings, listener)
    under_test = await repair_loop.mend(skeleton)
    trials = await run_trials(under_test.skeleton, state, calls, sandbox, settings)
    cases = await all_of(judge(under_test.skeleton, trial, calls, listener) for trial in trials)
    clinic = CaseRepair(repair_loop, trials, cases)
    under_test, cases = await clinic.mend(under_test)
    return Assessment(
        id=assessment_id(skeleton),
        provenance=calls.provenance(skeleton.id),
        initial_state=state,
        cases=tuple(cases),
        quality=under_test.quality,
        repaired=under_test.skeleton.source if under_test.skeleton is not skeleton else None,
    )


@dataclass
class CaseRepair:
    """Has failed test calls repaired, and makes all test calls again after each repair."""

    repair_loop: RepairLoop
    trials: list[Trial]
    cases: list[Case]

    async def mend(self, under_test: UnderTest) -> tuple[UnderTest, list[Case]]:
        """Repair and try again until nothing fails or the rounds are used up."""
        settings, calls = self.repair_loop.settings, self.repair_loop.calls
        before = under_test
        for round_ in range(settings.repair_rounds):
            faults = faults_of_cases(self.cases)
            if not faults:
                break
            repaired = await repair(
                under_test.skeleton, faults, round_, calls, self.repair_loop.sandbox
            )
            self.repair_loop.listener(Mended(repairs=repaired.repairs))
            unchanged = repaired.skeleton is under_test.skeleton
            under_test = under_test.with_repairs(repaired.skeleton, repaired.repairs)
            if unchanged:
                break
            await self._again(under_test.skeleton)
        if settings.examine and under_test.skeleton is not before.skeleton:
            under_test = await self.repair_loop.examine(under_test, under_test.quality.invariants)
        return under_test, self.cases

    async def _again(self, skeleton: Skeleton) -> None:
        """Make the calls on the repaired class; only what went differently is judged anew."""
        repair_loop = self.repair_loop
        trials = await repeat_trials(skeleton, repair_loop.state, self.trials, repair_loop.sandbox)
        self.cases = await all_of(
            self._case(skeleton, old, new, case)
            for old, new, case in zip(self.trials, trials, self.cases, strict=True)
        )
        self.trials = trials

    async def _case(self, skeleton: Skeleton, old: Trial, new: Trial, case: Case) -> Case:
        if old == new:
            return case
        return await judge(skeleton, new, self.repair_loop.calls, self.repair_loop.listener)


async def judge(
    skeleton: Skeleton, trial: Trial, calls: Calls, listener: Listener = silent
) -> Case:
    """Ask for the verdict on one call.

    Raises:
        ReplyError: The reply has not the shape that the prompt asks for.
    """
    said = await calls.ask(
        "judge",
        wanting(CaseVerdict, verdict_prompt(skeleton, trial)),
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
    planned = {operation.name: operation.description for operation in skeleton.operations}
    return render(
        "skel_builder/judge_call",
        skeleton=skeleton,
        planned=planned[proposal.tool],
        now=Clock().start.isoformat(),
        method_source=method_excerpt(skeleton.source, skeleton.class_name, proposal.tool),
        state=state_text(trial.before),
        proposal=proposal,
        arguments=value_text(proposal.arguments),
        outcome=_OUTCOMES[trial.observation.kind],
        result=value_text(trial.observation.value),
        changes=difference_lines(trial.changes),
    )
