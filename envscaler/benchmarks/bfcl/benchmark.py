"""BFCL as a benchmark: its worlds in the sandbox, its scripted users, its checks."""

from collections.abc import Sequence
from typing import cast

from pydantic import BaseModel

from envscaler.benchmarks.benchmark import Choice, Played, Score
from envscaler.benchmarks.bfcl.install import Install, find_install
from envscaler.benchmarks.bfcl.tasks import BfclTask, read_tasks
from envscaler.benchmarks.bundle import bundle
from envscaler.benchmarks.conversation import Heard, Rules, User, World
from envscaler.benchmarks.guests import Guest, GuestWorld, open_guest
from envscaler.chat import Prompt
from envscaler.interact.scripted import SolvedTurn
from envscaler.interact.tool_format import ToolFormat
from envscaler.llm.calls import Calls
from envscaler.prompt_text import function_line
from envscaler.prompts import render
from envscaler.records import JsonValue, Message, StopReason, Verdict, VerdictKind
from envscaler.sandbox import Sandbox

_STEPS = 21
"""The official loop stops a turn after more than 20 messages with calls, the 21st made."""


class BfclBenchmark:
    """The four multi-turn categories."""

    name = "bfcl"
    rules = Rules(steps=_STEPS, steps_are_of_a_turn=True)

    def __init__(self) -> None:
        self._install: Install | None = None
        self._sources: dict[bool, str] = {}

    def load(self, choice: Choice) -> Sequence[BfclTask]:
        """Read the tasks; see `Benchmark.load`."""
        self._install = find_install(choice.data)
        self._sources = {}
        tasks = read_tasks(self._install, choice.groups)
        self._source(with_mpmath=any("MathAPI" in task.classes for task in tasks))
        return tasks

    def _source(self, *, with_mpmath: bool) -> str:
        if with_mpmath not in self._sources and self._install is not None:
            modules = self._install.modules(with_mpmath=with_mpmath)
            self._sources[with_mpmath] = bundle(modules, "bfcl", "BfclTask", late=("mpmath",))
        return self._sources[with_mpmath]

    def opening(self, task: BfclTask, tool_format: ToolFormat) -> Prompt:
        """Say nothing with function calling, as the official code; else how tools are called."""
        if tool_format.offered(task.tools):
            return Prompt(name="benchmarks/none", sha="", messages=())
        return render("benchmarks/bfcl_text", tools=list(map(function_line, task.tools)))

    async def open(self, task: BfclTask, sandbox: Sandbox) -> World:
        """Make the instances of the task's classes in the sandbox."""
        source = self._source(with_mpmath="MathAPI" in task.classes)
        return await open_guest(sandbox, Guest("BfclTask", source), task.start)

    def user(self, task: BfclTask, calls: Calls | None, *, sample: int, written: bool) -> User:  # noqa: ARG002
        """Script the user: the questions in order, withheld functions when they are due."""
        return ScriptedUser(task, written=written)

    async def score(self, task: BfclTask, played: Played, world: World) -> Score:
        """Drive two sets of instances, with what was called and with what is published."""
        if played.stop_reason is not StopReason.FINISHED:
            verdict = _verdict("all turns were played", "force_terminated", played.stop_reason)
            return Score(passed=False, verdicts=(verdict,))
        turns = turns_of(played.messages)
        found = await cast("GuestWorld", world).ask(
            "judge",
            {"turns": cast("JsonValue", turns), "ground_truth": _listed(task.ground_truth)},
        )
        return _score(_Judgement.model_validate(found))

    def solution(self, task: BfclTask) -> tuple[SolvedTurn, ...]:
        """Return the published calls."""
        return task.solution


class ScriptedUser:
    """Says the questions of a task, one a turn."""

    messages: tuple[Message, ...] = ()

    def __init__(self, task: BfclTask, *, written: bool) -> None:
        self._task = task
        self._written = written
        self._turn = -1

    async def begin(self) -> Heard:
        """Ask the first question."""
        return self._next()

    async def answer(self, message: str) -> Heard:  # noqa: ARG002  (whatever is said, it goes on)
        """Ask the next question, or end."""
        return self._next()

    def _next(self) -> Heard:
        self._turn += 1
        if self._turn == len(self._task.questions):
            return Heard(None)
        came = self._turn in self._task.withheld
        return Heard(
            self._task.said_at(self._turn, written=self._written),
            tools=self._task.tools_at(self._turn) if came else None,
        )


class _Judgement(BaseModel):
    """What the guest answers."""

    error: str
    turn: int
    detail: str
    silent: list[int]
    results: list[list[str]]


def turns_of(messages: Sequence[Message]) -> list[list[list[dict[str, JsonValue]]]]:
    """Sort the calls of a dialogue by the user's turn and the message they are in.

    A message with a call that cannot be read counts as one without calls, as officially.
    """
    turns: list[list[list[dict[str, JsonValue]]]] = []
    for message in messages:
        if message.role == "user":
            turns.append([])
        calls = [
            {"name": call.name, "arguments": cast("JsonValue", call.arguments)}
            for call in message.tool_calls
            if isinstance(call.arguments, dict)
        ]
        if calls and len(calls) == len(message.tool_calls):
            turns[-1].append(calls)
    return turns


def _score(found: _Judgement) -> Score:
    right = _verdict("state and results of every turn", found.error, found.detail, found.turn)
    quiet = Verdict(
        item="no call where the ground truth has none (not part of the official score)",
        kind=VerdictKind.FAILED if found.silent else VerdictKind.PASSED,
        message=f"calls in turn {found.silent[0]}" if found.silent else "",
    )
    return Score(passed=not found.error, verdicts=(right, quiet))


def _verdict(item: str, error: str, detail: str, turn: int | None = None) -> Verdict:
    where = "" if turn is None else f" in turn {turn}"
    return Verdict(
        item=item,
        kind=VerdictKind.FAILED if error else VerdictKind.PASSED,
        message=f"multi_turn:{error}{where}: {detail}" if error else "",
    )


def _listed(turns: Sequence[Sequence[str]]) -> JsonValue:
    return [list(turn) for turn in turns]


BFCL = BfclBenchmark()
