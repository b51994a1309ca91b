"""The reward as code: a checklist, and a function for each of its items."""

from dataclasses import dataclass
from typing import Literal, TypeVar

from envscaler.chat import Prompt, Reply
from envscaler.environment.code.lint import lint_check
from envscaler.environment.state.collections import emptied
from envscaler.errors import RejectedError, ReplyError
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompt_text import class_outline, state_text, tools_text
from envscaler.prompts import render
from envscaler.records import Check, Record, Verdict, VerdictKind
from envscaler.replies import read_code, read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state import InitialState

ItemKind = Literal["goal", "guard"]
T = TypeVar("T")


class Checklist(Record):
    """What the prompt `scen_generator/checklist` asks for."""

    goals: tuple[str, ...]
    """Questions whose answer has to turn from no to yes."""
    guards: tuple[str, ...] = ()
    """Questions whose answer has to stay yes."""

    @property
    def items(self) -> tuple[tuple[str, ItemKind], ...]:
        return (
            *((goal, "goal") for goal in self.goals),
            *((item, "guard") for item in self.guards),
        )


@dataclass(frozen=True, slots=True)
class TaskInState:
    """A task in a state: what checks are written for."""

    spec: ScenarioSpec
    state: InitialState
    task: str


async def make_checklist(
    in_state: TaskInState, calls: Calls, *, least: int, most: int
) -> Checklist:
    """Ask for the items of a reward, `least` to `most` of them.

    Raises:
        ReplyError: No checklist came in the asked shape.
    """
    return await calls.ask(
        "check_writer",
        wanting(Checklist, checklist_prompt(in_state, least, most)),
        lambda reply: read_checklist(reply.content, least, most),
        sample=in_state.spec.index,
    )


def checklist_prompt(in_state: TaskInState, least: int, most: int) -> Prompt:
    """Render the question for a checklist."""
    return render(
        "scen_generator/checklist",
        environment=in_state.spec.environment,
        tools=tools_text(in_state.spec.environment.tools),
        state=state_text(in_state.state.written),
        task=in_state.task,
        least=least,
        most=most,
    )


def read_checklist(text: str, least: int, most: int) -> Checklist:
    """Read a checklist.

    Raises:
        ReplyError: Too few or too many items, one twice, or one that is no question.
    """
    checklist = read_json(text, Checklist)
    items = [item for item, _ in checklist.items]
    if not checklist.goals:
        raise ReplyError("There are no goals; at least one item has to become true")
    if not least <= len(items) <= most:
        raise ReplyError(f"There are {len(items)} items; write {least} to {most}")
    for item in items:
        if not item.startswith(("Has ", "Have ")) or not item.endswith("?"):
            raise ReplyError(f"{item!r} is no question of the form 'Has …?' or 'Have …?'")
        if items.count(item) > 1:
            raise ReplyError(f"{item!r} stands there twice")
    return checklist


@dataclass(frozen=True, slots=True)
class CheckWriter:
    """Writes the functions of one checklist."""

    in_state: TaskInState
    checklist: Checklist
    calls: Calls
    sandbox: Sandbox
    tries: int
    """How many functions are tried for one item."""

    async def write_all(self) -> tuple[Check, ...]:
        """Write a function for each item, all at once.

        Raises:
            RejectedError: An item for which no function stood the trial, with the reason.
        """
        return tuple(
            await gather_all(self.write(item, kind) for item, kind in self.checklist.items)
        )

    async def write(self, item: str, kind: ItemKind) -> Check:
        """Write the function of one item.

        Raises:
            RejectedError: None stood the trial, with the reason.
        """

        async def trial(reply: Reply) -> Check:
            check = Check(item=item, source=read_check(reply.content))
            return await try_check(check, kind, self.in_state, self.sandbox)

        prompt = check_prompt(self.in_state, self.checklist, item, kind)
        sample = self.in_state.spec.index
        try:
            return await self.calls.ask_and_try(
                "check_writer", prompt, trial, tries=self.tries, sample=sample
            )
        except ReplyError as error:
            raise RejectedError("check", f"No check for {item!r}: {error}") from error


def check_prompt(in_state: TaskInState, checklist: Checklist, item: str, kind: ItemKind) -> Prompt:
    """Render the question for one check function."""
    environment = in_state.spec.environment
    return render(
        "scen_generator/check",
        environment=environment,
        head=class_outline(environment.source, environment.class_name),
        state=state_text(in_state.state.written),
        task=in_state.task,
        checklist=checklist,
        item=item,
        kind=kind,
    )


def read_check(text: str) -> str:
    """Read a check function.

    Raises:
        ReplyError: It does not parse, or does what no check may do; with line numbers.
    """
    source = read_code(text)
    findings = lint_check(source)
    if findings:
        told = "\n".join(f"- line {finding.line}: {finding.message}" for finding in findings)
        raise ReplyError(f"The function has problems:\n{told}")
    return source


async def try_check(check: Check, kind: ItemKind, in_state: TaskInState, sandbox: Sandbox) -> Check:
    """Run a check before anything happened, and on a state where every record is gone.

    Returns:
        The check with `initially_true` filled in.

    Raises:
        ReplyError: It broke, or its answer at the start is not that of its kind.
    """
    state, clock = in_state.state, in_state.spec.clock
    [verdict] = await sandbox.run_checks([check], state.whole, state.loaded, clock)
    if _broke(verdict):
        raise ReplyError(f"On the data at the start, check_func broke: {_reason(verdict)}")
    initially_true = verdict.kind is VerdictKind.PASSED
    if initially_true and kind == "goal":
        raise ReplyError(
            "check_func answers True on the data at the start, before anything was done. The item"
            " is a goal, so something of it is still missing there: ask for exactly that"
        )
    if not initially_true and kind == "guard":
        raise ReplyError(
            "check_func answers False on the data at the start. The item is a guard, so it holds"
            " there: compare with initial_state, and mind how the data is laid out"
        )
    [verdict] = await sandbox.run_checks([check], state.whole, emptied(state.loaded), clock)
    if _broke(verdict):
        raise ReplyError(
            f"On data whose collections are all empty, check_func broke: {_reason(verdict)}."
            " Any record may be missing; return True or False then"
        )
    return check.model_copy(update={"initially_true": initially_true})


def _broke(verdict: Verdict) -> bool:
    return verdict.kind not in {VerdictKind.PASSED, VerdictKind.FAILED}


def _reason(verdict: Verdict) -> str:
    return f"{verdict.kind.replace('_', ' ')}: {verdict.message}"
