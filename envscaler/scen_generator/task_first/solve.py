"""The reference solution of a task: a model writes it, and execution answers."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from envscaler.chat import Prompt, Reply
from envscaler.config import ScenGeneratorSettings
from envscaler.errors import RejectedError, ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import executed_text, state_text
from envscaler.prompts import render
from envscaler.records import Call, Check, Record, RewardDefinition, Scenario, Verdict, VerdictKind
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.proof import prove
from envscaler.scen_generator.solution_first.trace import Trace, trace
from envscaler.scen_generator.task_first.checks import Checklist, CheckWriter, TaskInState

MOST_CALLS = 60


class SolveReply(Record):
    """What the prompt `scen_generator/solve` asks for."""

    calls: tuple[Call, ...] = Field(max_length=MOST_CALLS)
    objection: str | None = None
    """What in task and checks contradicts what; None when nothing does."""


class Replacement(Record):
    """An item of a checklist that has to change."""

    item: str
    instead: str | None
    """None: it is left out."""


class Ruling(Record):
    """What the prompt `scen_generator/arbitrate` asks for."""

    reason: str
    decision: Literal["checks", "task", "calls", "drop"]
    checks: tuple[Replacement, ...] = ()
    task: str | None = None


@dataclass(frozen=True, slots=True)
class SolutionAttempt:
    """A reference solution, what it did, and what the checks say to that."""

    calls: tuple[Call, ...]
    objection: str | None
    trace: Trace
    verdicts: tuple[Verdict, ...]

    @property
    def agrees(self) -> bool:
        """All checks pass, and the author of the solution is content with them."""
        passed = all(verdict.kind is VerdictKind.PASSED for verdict in self.verdicts)
        return passed and self.objection is None

    def lines(self) -> list[str]:
        """Write down each call and what came of it."""
        return [executed_text(call) for call in self.trace.calls]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the author of a solution is told of the one before."""

    reason: str
    """Of the ruling on it."""
    amended: str
    """What was amended since, with its verb, such as `task was`; empty when nothing was."""
    calls: tuple[str, ...]
    """Each with what came of it."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Finds a reference solution for one scenario and proves the scenario with it."""

    in_state: TaskInState
    calls: Calls
    sandbox: Sandbox
    settings: ScenGeneratorSettings
    definition: RewardDefinition = "goal"

    async def prove(self, scenario: Scenario) -> Scenario:
        """Return the scenario with its proof, or with the reasons why there is none.

        Where the solution and the checks disagree, the text of the task decides, once: checks are
        rewritten, the task is amended, or the solution is sought again.

        Raises:
            RejectedError: The scenario is not worth saving.
            RowError: A reply or a check could not be had.
        """
        attempt = await self._solve(scenario, None)
        if not attempt.agrees:
            ruling = await self._arbitrate(scenario, attempt)
            before, scenario = scenario, await self._apply(ruling, scenario)
            attempt = await self._try(scenario, attempt.calls, None)
            if not attempt.agrees or ruling.decision in {"task", "calls"}:
                earlier = Earlier(ruling.reason, _amended(before, scenario), tuple(attempt.lines()))
                attempt = await self._solve(scenario, earlier)
        environment = self.in_state.spec.environment
        return await prove(
            environment, scenario, [attempt.calls], self.sandbox, definition=self.definition
        )

    async def _solve(self, scenario: Scenario, earlier: Earlier | None) -> SolutionAttempt:
        """Ask for a solution until it agrees with the checks or its author objects."""
        prompt = wanting(SolveReply, solve_prompt(self.in_state, scenario, earlier))
        rounds, sample = self.settings.solve_rounds, self.in_state.spec.index
        while True:
            text, reply = await self.calls.ask("coder", prompt, _read_solution, sample=sample)
            attempt = await self._try(scenario, reply.calls, reply.objection)
            if attempt.agrees or attempt.objection or not rounds:
                return attempt
            rounds -= 1
            again = render(
                "scen_generator/solve_again", calls=attempt.lines(), verdicts=attempt.verdicts
            )
            prompt = prompt.then({"role": "assistant", "content": text}, *again.messages)

    async def _try(
        self, scenario: Scenario, calls: tuple[Call, ...], objection: str | None
    ) -> SolutionAttempt:
        executed = await trace(self.in_state.spec.environment, scenario, calls, self.sandbox)
        verdicts = await self.sandbox.run_checks(
            scenario.checks, scenario.initial_state, executed.state, scenario.clock
        )
        return SolutionAttempt(calls, objection, executed, verdicts)

    async def _arbitrate(self, scenario: Scenario, attempt: SolutionAttempt) -> Ruling:
        items = frozenset(check.item for check in scenario.checks)
        return await self.calls.ask(
            "judge",
            wanting(Ruling, arbitrate_prompt(self.in_state, scenario, attempt)),
            lambda reply: read_ruling(reply.content, items),
            sample=self.in_state.spec.index,
        )

    async def _apply(self, ruling: Ruling, scenario: Scenario) -> Scenario:
        if ruling.decision == "drop":
            raise RejectedError("unsolvable", ruling.reason)
        task = ruling.task or scenario.task
        instead = {change.item: change.instead for change in ruling.checks}
        checklist = _checklist(scenario.checks, instead)
        in_state = TaskInState(self.in_state.spec, self.in_state.state, task)
        writer = CheckWriter(
            in_state, checklist, self.calls, self.sandbox, self.settings.check_tries
        )
        kept = {check.item: check for check in scenario.checks if check.item not in instead}
        checks = [
            kept[item] if item in kept else await writer.write(item, kind)
            for item, kind in checklist.items
        ]
        return scenario.model_copy(update={"task": task, "checks": tuple(checks)})


def solve_prompt(in_state: TaskInState, scenario: Scenario, earlier: Earlier | None) -> Prompt:
    """Render the question for a reference solution, after an `earlier` one if there was one."""
    return render(
        "scen_generator/solve",
        environment=in_state.spec.environment,
        clock=scenario.clock.start.isoformat(),
        state=state_text(in_state.state.written),
        task=scenario.task,
        checks=scenario.checks,
        earlier=earlier,
    )


def arbitrate_prompt(in_state: TaskInState, scenario: Scenario, attempt: SolutionAttempt) -> Prompt:
    """Render the question which side of a disagreement is wrong."""
    return render(
        "scen_generator/arbitrate",
        environment=in_state.spec.environment,
        state=state_text(in_state.state.written),
        task=scenario.task,
        calls=attempt.lines(),
        objection=attempt.objection,
        judged=tuple(zip(scenario.checks, attempt.verdicts, strict=True)),
    )


def read_ruling(text: str, items: frozenset[str]) -> Ruling:
    """Read a ruling.

    Args:
        text: The reply.
        items: The checklist that it may change.

    Raises:
        ReplyError: It decides nothing that can be carried out.
    """
    ruling = read_json(text, Ruling)
    unknown = [change.item for change in ruling.checks if change.item not in items]
    if unknown:
        raise ReplyError(f"There is no item {unknown[0]!r}; copy the item as it stands")
    if ruling.decision == "checks" and not ruling.checks:
        raise ReplyError("Say under `checks` which items are wrong, and what they should ask")
    if ruling.decision == "task" and not ruling.task:
        raise ReplyError("Write the whole new text under `task`")
    return ruling


def _read_solution(reply: Reply) -> tuple[str, SolveReply]:
    return reply.content, read_json(reply.content, SolveReply)


def _amended(before: Scenario, after: Scenario) -> str:
    names = [name for name in ("task", "checks") if getattr(before, name) != getattr(after, name)]
    verb = "was" if names == ["task"] else "were"
    return f"{' and the '.join(names)} {verb}" if names else ""


def _checklist(checks: tuple[Check, ...], instead: dict[str, str | None]) -> Checklist:
    goals: list[str] = []
    guards: list[str] = []
    for check in checks:
        item = instead.get(check.item, check.item)
        if item is not None:
            (guards if check.initially_true else goals).append(item)
    if not goals:
        raise RejectedError("unsolvable", "The ruling leaves no check that has to become true")
    return Checklist(goals=tuple(goals), guards=tuple(guards))
