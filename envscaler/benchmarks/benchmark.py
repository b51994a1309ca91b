"""What a benchmark is: five functions, and the things that they hand over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from envscaler.benchmarks.conversation import Rules, User, World
from envscaler.chat import Prompt
from envscaler.interact.scripted import SolvedTurn
from envscaler.interact.tool_format import ToolFormat
from envscaler.llm.calls import Calls
from envscaler.records import Message, Step, StopReason, Tool, Verdict
from envscaler.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Score:
    """What a played task is worth in its benchmark's own terms."""

    passed: bool | None
    """None when it cannot be told, because something around the task broke."""
    verdicts: tuple[Verdict, ...] = ()
    """What was looked at, and how it ended."""
    process: float | None = None
    """Share of the milestones reached, where a benchmark has such."""
    problem: str = ""
    """Why it cannot be told."""


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in a task."""

    messages: tuple[Message, ...]
    """The dialogue behind the agent's opening."""
    steps: tuple[Step, ...]
    """Calls that reached the world, and what came back."""
    stop_reason: StopReason


class Task(Protocol):
    """One task of a benchmark. Each has a class of its own, with what its functions need."""

    @property
    def id(self) -> str:
        """Name in the benchmark, such as `multi_turn_base_7`."""
        ...

    @property
    def group(self) -> str:
        """Category or domain: a line of the table."""
        ...

    @property
    def environment(self) -> str:
        """What it plays in, such as the classes involved."""
        ...

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What the agent is offered at the start."""
        ...

    @property
    def text(self) -> str:
        """All words of the user that are known beforehand: what training data must not contain."""
        ...


TaskT = TypeVar("TaskT", bound=Task)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose of a benchmark."""

    data: Path | None = None
    """Where it was installed or checked out; None: where Python finds it."""
    groups: tuple[str, ...] = ()
    """Categories or domains; empty: all of them."""
    corrected: bool = False
    """With the corrections that the benchmark's module lists, instead of as published."""
    user_strategy: str | None = None
    """How the simulated user works, where there is a choice; None: the published default."""


class Benchmark(Protocol[TaskT]):
    """A benchmark that can be played."""

    @property
    def name(self) -> str:
        """Such as `bfcl`."""
        ...

    @property
    def rules(self) -> Rules:
        """What ends a task, and what becomes of messages that no official loop would take."""
        ...

    def load(self, choice: Choice) -> Sequence[TaskT]:
        """Read the tasks.

        Raises:
            ConfigError: They are not there, not whole, or of another version; one line that says
                what would be right.
        """
        ...

    def opening(self, task: TaskT, tool_format: ToolFormat) -> Prompt:
        """Write what the agent is told before the first word of the user."""
        ...

    async def open(self, task: TaskT, sandbox: Sandbox) -> World:
        """Bring the world of a task to life.

        Raises:
            GuestError: The benchmark's code does not start.
            SandboxError: The machinery failed.
        """
        ...

    def user(self, task: TaskT, calls: Calls | None, *, sample: int, written: bool) -> User:
        """Make the user.

        Args:
            task: What the user wants.
            calls: Asks the model that plays the user; None for the controls, which have no model.
            sample: Which trial it is.
            written: The agent reads tools as text, so that tools that come later are told so.
        """
        ...

    async def score(self, task: TaskT, played: Played, world: World) -> Score:
        """Decide as the official code decides.

        Raises:
            GuestError: The benchmark's code broke.
            SandboxError: The machinery failed.
        """
        ...

    def solution(self, task: TaskT) -> tuple[SolvedTurn, ...]:
        """Return the published solution, turn by turn."""
        ...


@dataclass(frozen=True, slots=True)
class Reference:
    """A model of the paper and what it reached, in per cent."""

    model: str
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    """Group → score; `overall` for all."""
