"""ACEBench's agent tasks as a benchmark."""

from collections.abc import Iterator, Sequence
from typing import cast

from envscaler.benchmarks.acebench.stones import share_of
from envscaler.benchmarks.acebench.tasks import (
    FINISHED,
    AceTask,
    modules,
    open_checkout,
    read_tasks,
)
from envscaler.benchmarks.benchmark import Choice, Played, Score
from envscaler.benchmarks.bundle import bundle
from envscaler.benchmarks.checkout import Checkout
from envscaler.benchmarks.conversation import Heard, Rules, User, World
from envscaler.benchmarks.guests import Guest, GuestWorld, open_guest
from envscaler.benchmarks.users import ModelUser, OneMessageUser, published
from envscaler.chat import Prompt
from envscaler.interact.scripted import PlainCall, SolvedTurn
from envscaler.interact.tool_format import ToolFormat
from envscaler.llm.calls import Calls
from envscaler.prompt_text import function_line
from envscaler.prompts import render
from envscaler.records import JsonObject, JsonValue, Message, Verdict, VerdictKind
from envscaler.sandbox import Sandbox

_STEPS = 20
"""The official loop stops after 40 messages, of which every second is the agent's."""
_AGENT = "model_inference/multi_turn/APIModel_agent.py"
_USER = "model_inference/multi_turn/APIModel_user.py"
_ASKED = "Is there anything you need help with today?"


class AceBenchmark:
    """The agent tasks, multi-step and multi-turn."""

    name = "acebench"
    rules = Rules(steps=_STEPS)

    def __init__(self) -> None:
        self._checkout: Checkout | None = None
        self._source = ""

    def load(self, choice: Choice) -> Sequence[AceTask]:
        """Read the tasks; see `Benchmark.load`."""
        self._checkout = open_checkout(choice.data)
        self._source = bundle(modules(self._checkout), "acebench", "AceTask")
        return read_tasks(self._checkout, choice)

    def opening(self, task: AceTask, tool_format: ToolFormat) -> Prompt:
        """Tell how to work, and of the scene what the published prompt tells."""
        written = not tool_format.offered(task.tools)
        return render(
            "benchmarks/ace_agent",
            tools=list(map(function_line, task.tools)) if written else [],
            alone=task.group == "multi_step",
            scene=self._scene(task),
        )

    def _scene(self, task: AceTask) -> str:
        if self._checkout is None or task.group == "multi_step":
            return ""
        names = [("Travel", "TRAVEL_PROMPT_EN"), ("BaseApi", "BASE_PROMPT_EN")]
        found = [name for owner, name in names if owner in task.classes]
        return "\n".join(str(self._checkout.constant(_AGENT, name)) for name in found).strip()

    async def open(self, task: AceTask, sandbox: Sandbox) -> World:
        """Make the instances of the task's classes in the sandbox."""
        return await open_guest(sandbox, Guest("AceTask", self._source), task.start)

    def user(self, task: AceTask, calls: Calls | None, *, sample: int, written: bool) -> User:  # noqa: ARG002
        """Let nobody answer, or a model play the user with the published prompt."""
        if task.group == "multi_step":
            return _Nobody(task.question)
        if calls is None or self._checkout is None:
            return OneMessageUser(task.question)
        name = "SYSTEM_PROMPT_BASE_EN" if "BaseApi" in task.classes else "SYSTEM_PROMPT_TRAVEL_EN"
        text = str(self._checkout.constant(_USER, name)).format(instruction=task.question)
        return ModelUser(
            calls, published(text, _ASKED), ends=FINISHED, sample=sample, agent_ends=True
        )

    async def score(self, task: AceTask, played: Played, world: World) -> Score:
        """Compare the attributes that the answer names, and count milestones."""
        state = cast("dict[str, JsonObject]", await cast("GuestWorld", world).ask("judge", {}))
        errors = [*_errors(task, state if played.steps else {})]
        passed = not errors
        share = max(share_of(way, _made(played)) for way in task.stones)
        verdicts = (
            Verdict(
                item="end to end: attributes of every class",
                kind=VerdictKind.PASSED if passed else VerdictKind.FAILED,
                message="; ".join(errors),
            ),
            *(
                Verdict(
                    item=f"{name} of the answer matches no class",
                    kind=VerdictKind.ERROR,
                    message="the official code leaves it unchecked",
                )
                for name in task.unmatched
            ),
        )
        return Score(passed=passed, verdicts=verdicts, process=1.0 if passed else round(share, 3))

    def solution(self, task: AceTask) -> tuple[SolvedTurn, ...]:
        """Return the milestones, each a message."""
        return task.solution


class _Nobody:
    """Gives a task and answers nothing, until the agent says that it is done."""

    messages: tuple[Message, ...] = ()

    def __init__(self, question: str) -> None:
        self._question = question

    async def begin(self) -> Heard:
        return Heard(self._question)

    async def answer(self, message: str) -> Heard:
        if FINISHED in message:
            return Heard(None)
        [notice] = render("benchmarks/ace_go_on").messages
        return Heard(notice.get("content"))


def _made(played: Played) -> list[list[PlainCall]]:
    return [
        [PlainCall(call.name, call.arguments) for call in message.tool_calls
         if isinstance(call.arguments, dict)]
        for message in played.messages
        if message.tool_calls
    ]  # fmt: skip


def _errors(task: AceTask, state: dict[str, JsonObject]) -> Iterator[str]:
    """Say what is wrong, by the rules of the official checker.

    Every attribute that is scored has to be in the answer. Of a dict the answer's keys are
    compared and others may be there too; anything else has to be equal.
    """
    if len(task.answer) != len(state):
        yield f"{len(state)} classes were used, the answer has {len(task.answer)}"
        return
    for name, expected in task.answer:
        for attribute, value in state.get(name, {}).items():
            if attribute not in expected:
                yield f"{name}.{attribute} is not in the answer"
            else:
                yield from _differences(f"{name}.{attribute}", value, expected[attribute])


def _differences(where: str, value: JsonValue, expected: JsonValue) -> Iterator[str]:
    if not isinstance(expected, dict):
        if value != expected:
            yield f"{where} is not as expected"
        return
    there = value if isinstance(value, dict) else {}
    for key, item in expected.items():
        if key not in there:
            yield f"{where} has no {key}"
        elif there[key] != item:
            yield f"{where}.{key} is not as expected"
