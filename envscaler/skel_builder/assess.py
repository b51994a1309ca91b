"""Assess an environment: it is tested by code, then by a tester and a judge, and repaired."""

from dataclasses import dataclass, field
from typing import Literal

from envscaler.chat import Prompt
from envscaler.config import SkelBuilderSettings
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompt_text import (
    difference_lines,
    method_excerpt,
    state_text,
    value_text,
)
from envscaler.prompts import render
from envscaler.records import (
    Assessment,
    Case,
    Clock,
    JsonObject,
    ObservationKind,
    QualityReport,
    Record,
    Skeleton,
    row_id,
)
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.events import CaseJudged, Listener, StateMade, silent
from envscaler.skel_builder.invariants import write_invariants
from envscaler.skel_builder.referee import ModelReferee
from envscaler.skel_builder.repair import Faults, faults_of_cases
from envscaler.skel_builder.repair_loop import CodeTests, RepairLoop, UnderTest
from envscaler.skel_builder.states import make_state
from envscaler.skel_builder.trials import Trial, repeat_trials, run_trials

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
    repairs = RepairLoop(calls, sandbox, settings.repair_rounds, listener)
    by_code = CodeTests(state, sandbox, ModelReferee(calls), listener)
    tested = UnderTest(skeleton)
    if settings.examine:
        rules = bool(settings.invariants and skeleton.rules)
        invariants = await write_invariants(skeleton, calls) if rules else ()
        quality = QualityReport(initial_states=(state,), invariants=invariants)
        tested = await repairs.run(UnderTest(skeleton, quality), by_code.run)
    by_calls = CallTests(state, calls, sandbox, settings, listener)
    repaired = await repairs.run(tested, by_calls.run)
    if settings.examine and repaired.skeleton is not tested.skeleton:
        repaired, _ = await by_code.run(repaired)
    return Assessment(
        id=assessment_id(skeleton),
        provenance=calls.provenance(skeleton.id),
        initial_state=state,
        cases=tuple(by_calls.cases),
        quality=repaired.quality,
        repaired=repaired.skeleton.source if repaired.skeleton is not skeleton else None,
    )


@dataclass
class CallTests:
    """Tests an environment by calls that a tester proposes and a judge decides on."""

    state: JsonObject
    calls: Calls
    sandbox: Sandbox
    settings: SkelBuilderSettings
    listener: Listener = silent
    trials: list[Trial] = field(default_factory=list[Trial])
    cases: list[Case] = field(default_factory=list[Case])
    """Of the trials, as they went last."""

    async def run(self, under_test: UnderTest) -> tuple[UnderTest, Faults]:
        """Have calls proposed, or make those of before again on the repaired class."""
        skeleton = under_test.skeleton
        if self.trials:
            await self._repeat(skeleton)
        else:
            self.trials = await run_trials(
                skeleton, self.state, self.calls, self.sandbox, self.settings
            )
            self.cases = await gather_all(self._judge(skeleton, trial) for trial in self.trials)
        return under_test, faults_of_cases(self.cases)

    async def _repeat(self, skeleton: Skeleton) -> None:
        """Make the calls again; only what went differently is judged anew."""
        trials = await repeat_trials(skeleton, self.state, self.trials, self.sandbox)
        self.cases = await gather_all(
            self._judge(skeleton, new, None if old != new else case)
            for old, new, case in zip(self.trials, trials, self.cases, strict=True)
        )
        self.trials = trials

    async def _judge(self, skeleton: Skeleton, trial: Trial, known: Case | None = None) -> Case:
        return known or await judge(skeleton, trial, self.calls, self.listener)


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
        call=trial.proposal.call,
        case_type=trial.proposal.case_type,
        purpose=trial.proposal.purpose,
        expected=trial.proposal.expected,
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
