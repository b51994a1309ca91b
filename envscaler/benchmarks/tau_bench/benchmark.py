"""tau-bench as a benchmark."""

from collections.abc import Iterator, Sequence
from typing import cast

from envscaler.benchmarks.benchmark import Choice, Played, Score
from envscaler.benchmarks.bundle import bundle
from envscaler.benchmarks.checkout import Checkout
from envscaler.benchmarks.conversation import Heard, Rules, User, World
from envscaler.benchmarks.guests import Guest, GuestWorld, open_guest
from envscaler.benchmarks.tau_bench.tasks import (
    LAST_TOOLS,
    TauTask,
    open_checkout,
    read_tasks,
)
from envscaler.benchmarks.tau_bench.users import check_strategy, make_user
from envscaler.benchmarks.users import published
from envscaler.chat import Prompt
from envscaler.interact.scripted import SolvedTurn
from envscaler.interact.tool_format import ToolFormat
from envscaler.llm.calls import Calls
from envscaler.prompt_text import function_line
from envscaler.prompts import render
from envscaler.records import JsonValue, Message, StopReason, Verdict, VerdictKind
from envscaler.sandbox import Sandbox

_STEPS = 30


class TauBenchmark:
    """The test tasks of both domains."""

    name = "tau-bench"
    rules = Rules(steps=_STEPS, one_call=True, last_tools=frozenset(LAST_TOOLS))

    def __init__(self) -> None:
        self._checkout: Checkout | None = None
        self._strategy = ""
        self._sources: dict[str, str] = {}

    def load(self, choice: Choice) -> Sequence[TauTask]:
        """Read the tasks; see `Benchmark.load`."""
        self._strategy = check_strategy(choice.user_strategy)
        self._checkout = open_checkout(choice.data)
        tasks = read_tasks(self._checkout, choice.groups)
        domains = {task.domain.name: task.domain for task in tasks}
        self._sources = {
            name: bundle(domain.modules, "tau_bench", "TauTask") for name, domain in domains.items()
        }
        return tasks

    def opening(self, task: TauTask, tool_format: ToolFormat) -> Prompt:
        """Tell the policy, and how tools are called where they are not sent."""
        if tool_format.offered(task.tools):
            return published(task.domain.wiki)
        tools = list(map(function_line, task.tools))
        return render("benchmarks/tau_text", wiki=task.domain.wiki, tools=tools)

    async def open(self, task: TauTask, sandbox: Sandbox) -> World:
        """Have fresh tables in the sandbox, and the tools."""
        guest = Guest("TauTask", self._sources[task.domain.name])
        return await open_guest(sandbox, guest, task.start)

    def user(self, task: TauTask, calls: Calls | None, *, sample: int, written: bool) -> User:  # noqa: ARG002
        """Let a model play the user, by the strategy that was chosen."""
        if calls is None or self._checkout is None:
            return _Patient(task.instruction)
        return make_user(self._checkout, task.instruction, self._strategy, calls, sample=sample)

    async def score(self, task: TauTask, played: Played, world: World) -> Score:
        """Compare the tables with those of the solution, and look for what has to be said."""
        if played.stop_reason is not StopReason.FINISHED:
            return _score([_verdict("the conversation was ended", str(played.stop_reason))])
        actions: JsonValue = [
            {"name": action.name, "arguments": action.arguments} for action in task.actions
        ]
        equal = await cast("GuestWorld", world).ask("judge", {"actions": actions})
        tables = _verdict("the tables are those of the solution", "" if equal else "they differ")
        return _score([tables, *_said(task.outputs, played.messages)])

    def solution(self, task: TauTask) -> tuple[SolvedTurn, ...]:
        """Return the published actions, and what has to be said."""
        return task.solution


class _Patient:
    """Tells all at once, has the agent go on once, and ends: for controls."""

    messages: tuple[Message, ...] = ()

    def __init__(self, instruction: str) -> None:
        self._left = [instruction, "Yes, please."]

    async def begin(self) -> Heard:
        return self._next()

    async def answer(self, message: str) -> Heard:  # noqa: ARG002
        return self._next()

    def _next(self) -> Heard:
        return Heard(self._left.pop(0) if self._left else None)


def _said(outputs: Sequence[str], messages: Sequence[Message]) -> Iterator[Verdict]:
    """Look for each output in what the agent said to the user, commas and case aside."""
    said = [
        message.content.lower().replace(",", "")
        for message in messages
        if message.role == "assistant" and not message.tool_calls
    ]
    for output in outputs:
        found = any(output.lower() in text for text in said)
        yield _verdict(f"the agent said {output!r}", "" if found else "it did not")


def _verdict(item: str, problem: str) -> Verdict:
    kind = VerdictKind.FAILED if problem else VerdictKind.PASSED
    return Verdict(item=item, kind=kind, message=problem)


def _score(verdicts: Sequence[Verdict]) -> Score:
    return Score(
        passed=all(each.kind is VerdictKind.PASSED for each in verdicts), verdicts=tuple(verdicts)
    )
