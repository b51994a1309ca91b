"""All of tau-bench, and the dialogues recorded in its repository: `.ci/doors tau`."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from envscaler.benchmarks.benchmark import Choice, Played
from envscaler.benchmarks.controls import ControlName
from envscaler.benchmarks.conversation import Conversation, Heard
from envscaler.benchmarks.evaluate import evaluate
from envscaler.benchmarks.tau_bench import TauBenchmark
from envscaler.benchmarks.tau_bench.users import STOP
from envscaler.config import load_settings
from envscaler.interact.scripted import PlainCall, Player, SolvedTurn
from envscaler.pipeline.run import Run
from envscaler.records import JsonObject, Message, Trajectory
from envscaler.sandbox import Sandbox

if "TAU_BENCH" not in os.environ:
    pytest.skip("TAU_BENCH names no checkout of tau-bench", allow_module_level=True)

DATA = Path(os.environ["TAU_BENCH"])
SETTINGS = load_settings(
    None, ("sandbox.load_time=60", "sandbox.call_soft=60", "sandbox.call_hard=120")
)


def play(folder: Path, control: ControlName) -> list[Trajectory]:
    benchmark = TauBenchmark()
    tasks = benchmark.load(Choice(data=DATA))

    async def start() -> list[Trajectory]:
        async with Sandbox.start(SETTINGS.sandbox) as sandbox:
            run = Run(folder, SETTINGS, {}, sandbox)
            return await evaluate(run, benchmark, tasks, agent=control)

    return asyncio.run(start())


def passed(rows: list[Trajectory]) -> dict[str, int]:
    found = {"retail": 0, "airline": 0}
    for row in rows:
        found[row.scenario_id.split("/")[1]] += row.reward is not None and row.reward.score == 1
    return found


def test_the_published_actions_get_all(tmp_path: Path) -> None:
    rows = play(tmp_path, "ground-truth")

    assert passed(rows) == {"retail": 115, "airline": 50}
    errors = [
        step.observation.value
        for row in rows
        for step in row.steps
        if row.env_id == "tau-bench/retail"
        and str(step.observation.value).startswith(("Error", "Unknown"))
    ]
    assert len(errors) == 24


def test_without_their_last_write_they_get_nothing(tmp_path: Path) -> None:
    rows = play(tmp_path, "skip-last-write")

    assert passed(rows) == {"retail": 0, "airline": 0}
    assert len(rows) == 134


class Recorded:
    """Says what the user of a recorded dialogue said."""

    messages: tuple[Message, ...] = ()

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [*words]

    async def begin(self) -> Heard:
        return self._next()

    async def answer(self, message: str) -> Heard:  # noqa: ARG002
        return self._next()

    def _next(self) -> Heard:
        words = self._words.pop(0)
        return Heard(None if STOP in words else words)


def turns_of(messages: Sequence[JsonObject]) -> list[SolvedTurn]:
    """Return what the agent of a recorded dialogue did after each word of the user."""
    turns: list[SolvedTurn] = []
    steps: list[tuple[PlainCall, ...]] = []
    for message in messages:
        calls = cast("list[dict[str, JsonObject]]", message.get("tool_calls") or [])
        if message["role"] == "assistant" and calls:
            function = calls[0]["function"]
            arguments = json.loads(str(function["arguments"]))
            steps.append((PlainCall(str(function["name"]), arguments),))
        elif message["role"] == "assistant":
            turns.append(SolvedTurn(tuple(steps), str(message["content"])))
            steps = []
    return [*turns, SolvedTurn(tuple(steps), "")]


def test_recorded_dialogues_are_scored_as_recorded() -> None:
    path = DATA / "historical_trajectories" / "gpt-4o-airline.json"
    recorded = cast("list[JsonObject]", json.loads(path.read_text(encoding="utf-8")))
    benchmark = TauBenchmark()
    tasks = {task.id: task for task in benchmark.load(Choice(data=DATA, groups=("airline",)))}
    room = asyncio.Semaphore(8)

    async def score(row: JsonObject, sandbox: Sandbox) -> bool:
        task = tasks[f"airline_{row['task_id']}"]
        messages = cast("list[JsonObject]", row["traj"])
        words = [str(one["content"]) for one in messages if one["role"] == "user"]
        async with room:
            world = await benchmark.open(task, sandbox)
            try:
                player = Player(turns_of(messages))
                dialogue = Conversation(player, world, Recorded(words), benchmark.rules)
                stop = await dialogue.play()
                played = Played(tuple(dialogue.messages), tuple(dialogue.steps), stop)
                found = await benchmark.score(task, played, world)
            finally:
                await world.close()
        return found.passed == (row["reward"] == 1)

    async def all_of_them() -> list[bool]:
        async with Sandbox.start(SETTINGS.sandbox) as sandbox:
            return await asyncio.gather(*(score(row, sandbox) for row in recorded))

    agrees = asyncio.run(all_of_them())
    assert (sum(agrees), len(agrees)) == (200, 200)
