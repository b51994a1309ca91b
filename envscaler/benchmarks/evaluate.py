"""`envscaler eval`: play every task of a benchmark, and keep each as a trajectory.

A model's trajectories go to `RUN/rollouts.jsonl`, where `calibrate` and `show` find them, those of
a control to `RUN/rollouts-<control>.jsonl`. The tasks of several benchmarks may share a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Generic, TypeVar

from envscaler.benchmarks.benchmark import Benchmark, Played, Score, Task
from envscaler.benchmarks.controls import ControlName, turns_of
from envscaler.benchmarks.conversation import Conversation, User
from envscaler.chat import Prompt
from envscaler.errors import GuestError, RejectedError
from envscaler.interact.agent import Actor, Agent
from envscaler.interact.scripted import Player
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormat, ToolFormatName
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.pipeline.run import Run
from envscaler.pipeline.shards import Planned, ShardPart
from envscaler.records import (
    Provenance,
    Reward,
    StopReason,
    Tool,
    Trajectory,
    row_id,
)
from envscaler.sandbox import Sandbox

TaskT = TypeVar("TaskT", bound=Task)


@dataclass(frozen=True, slots=True)
class Trial(Generic[TaskT]):
    """One play of one task."""

    task: TaskT
    scenario_id: str
    agent: ControlName | None
    """None: the model of the role `agent`."""
    tool_format: ToolFormatName
    number: int
    """From 0."""
    variant: str = ""
    """What differs from the benchmark as it is published."""

    @property
    def id(self) -> str:
        """Id of the trajectory it will become."""
        who = self.agent or "model"
        more = (self.variant,) if self.variant else ()
        return row_id("traj", self.scenario_id, who, self.tool_format, self.number, *more)


def scenario_id(benchmark: str, task: Task) -> str:
    """Name a task beside those of other benchmarks, with the line of the table it belongs to."""
    return f"{benchmark}/{task.group}/{task.id}"


def artifact(agent: ControlName | None) -> str:
    """Name the file for the trajectories of an agent."""
    return "rollouts" if agent is None else f"rollouts-{agent}"


async def evaluate(
    run: Run,
    benchmark: Benchmark[TaskT],
    tasks: Sequence[TaskT],
    *,
    agent: ControlName | None = None,
    count: int = 1,
    variant: str = "",
) -> list[Trajectory]:
    """Play tasks that were not played yet in this run.

    Args:
        run: Where the trajectories go; says which tool formats the model uses.
        benchmark: What is played.
        tasks: Of `benchmark.load`.
        agent: A control instead of a model, which plays each task once.
        count: Trials of each task.
        variant: What differs from the benchmark as it is published.

    Returns:
        All trajectories of these tasks by this agent, also those of earlier runs; of a shard its
        own.

    Raises:
        StopRunError: No further row can be made; see `Run.stage`.
    """

    async def play_one(trial: Trial[TaskT]) -> Trajectory:
        parts = (trial.scenario_id, trial.tool_format, trial.number)
        calls = run.calls("eval", *parts) if agent is None else None
        return await Match(benchmark, trial, calls, run).play()

    formats = run.settings.interact.tool_format if agent is None else ("native",)
    trials = count if agent is None else 1
    planned = [
        Trial(task, scenario_id(benchmark.name, task), agent, tool_format, number, variant)
        for task, tool_format, number in product(tasks, formats, range(trials))
    ]
    stage, out = f"eval-{benchmark.name}" + (f"-{agent}" if agent else ""), artifact(agent)
    if isinstance(run.part, ShardPart):
        run.part.plan(Planned(stage=stage, out=out, id=trial.id) for trial in planned)
    await run.stage(
        planned,
        play_one,
        name=stage,
        out=out,
        kind=Trajectory,
        id_of=lambda trial: trial.id,
        divided=True,
    )
    return _played(planned, run.path(out))


def _played(planned: Sequence[Trial[TaskT]], file: Path) -> list[Trajectory]:
    """Read the trajectories of trials, in their order.

    Rows stand in the file as they were done; a table must not hang on who was first.
    """
    place = {trial.id: number for number, trial in enumerate(planned)}
    played = (row for row in read_rows(file, Trajectory) if row.id in place)
    return sorted(played, key=lambda row: place[row.id])


@dataclass(frozen=True, slots=True)
class _Told(Generic[TaskT]):
    """What an agent starts with in a task."""

    benchmark: Benchmark[TaskT]
    task: TaskT

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.task.tools

    def prompt(self, tool_format: ToolFormat) -> Prompt:
        return self.benchmark.opening(self.task, tool_format)


class Match(Generic[TaskT]):
    """One trial being played.

    Args:
        benchmark: Whose task it is.
        trial: What is played.
        calls: Ask the models; None for a control.
        run: Its sandbox, and how reasoning is sent back.
    """

    def __init__(
        self, benchmark: Benchmark[TaskT], trial: Trial[TaskT], calls: Calls | None, run: Run
    ) -> None:
        self._benchmark = benchmark
        self._trial = trial
        self._calls = calls
        self._run = run

    @property
    def _sandbox(self) -> Sandbox:
        return self._run.sandbox

    async def play(self) -> Trajectory:
        """Play it and score what was played.

        Raises:
            RejectedError: The control has nothing to leave out in this task.
            ProviderError: A model gave no usable answer.
            GuestError: The benchmark's code does not start.
            SandboxError: The machinery failed; a later run tries again.
        """
        task, trial = self._trial.task, self._trial
        actor = await self._actor()
        user = self._benchmark.user(
            task, self._calls, sample=trial.number, written=trial.tool_format == "text"
        )
        world = await self._benchmark.open(task, self._sandbox)
        conversation = Conversation(actor, world, user, self._benchmark.rules)
        try:
            stop = await conversation.play()
            played = Played(tuple(conversation.messages), tuple(conversation.steps), stop)
            score = await self._benchmark.score(task, played, world)
        except GuestError as error:
            stop = StopReason.ENVIRONMENT_BROKE
            played = Played(tuple(conversation.messages), tuple(conversation.steps), stop)
            score = Score(passed=None, problem=str(error))
        finally:
            await world.close()
        return self._row(actor, user, played, score)

    async def _actor(self) -> Actor:
        trial = self._trial
        if self._calls is not None:
            return Agent(
                self._calls,
                _Told(self._benchmark, trial.task),
                tool_format=TOOL_FORMATS[trial.tool_format],
                sample=trial.number,
                send_reasoning=self._run.settings.interact.send_reasoning,
            )
        control = trial.agent or "ground-truth"
        turns = await turns_of(control, self._benchmark, trial.task, self._sandbox)
        if turns is None:
            raise RejectedError("nothing_to_leave_out", f"No call of {trial.task.id} is a write")
        return Player(turns)

    def _row(self, actor: Actor, user: User, played: Played, score: Score) -> Trajectory:
        trial, calls = self._trial, self._calls
        parents = (trial.scenario_id,)
        return Trajectory(
            id=trial.id,
            provenance=calls.provenance(*parents) if calls else Provenance(parents=parents),
            env_id=trial.task.environment,
            scenario_id=trial.scenario_id,
            attempt=trial.number,
            dialogue="simulated_user",
            tool_format=trial.tool_format,
            tools=trial.task.tools,
            messages=(*actor.opening, *played.messages),
            user_messages=user.messages,
            steps=played.steps,
            stop_reason=played.stop_reason,
            reward=_reward(score, self._sandbox.level),
            seed=calls.seed if calls else 0,
        )


def _reward(score: Score, level: str) -> Reward:
    return Reward(
        score=None if score.passed is None else float(score.passed),
        fraction=score.process,
        goal=None if score.passed is None else float(score.passed),
        verdicts=score.verdicts,
        isolation=level,
        problem=score.problem,
    )
