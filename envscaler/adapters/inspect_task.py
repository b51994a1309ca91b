"""Scenarios as an Inspect task: `inspect eval envscaler/run -T run=runs/one --model …`.

The journal of an episode is kept in the sample's store, so that a log can be scored again without
playing it again: `inspect score LOG --scorer envscaler/checks`.
"""

from collections.abc import Mapping
from functools import cache

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef, ToolParams
from inspect_ai.util import StoreModel

from envscaler.env import AsyncEnv, FunctionTool
from envscaler.load import load_playable
from envscaler.playing.playable import Source
from envscaler.sandbox import Journal


class Played(StoreModel):
    """What a sample has come to."""

    journal: str = ""
    """JSON; empty before the first call."""


@cache
def rows_of(folder: str) -> Mapping[str, Source]:
    """Return the scenarios of a folder by id."""
    return {AsyncEnv(row).scenario_id: row for row in load_playable(folder)}


@task
def run(run: str, message_limit: int = 80) -> Task:
    """Evaluate the scenarios of a folder.

    Args:
        run: A run folder, or RUN/exports/rl.
        message_limit: Messages of one episode, tool results included.
    """
    return Task(
        dataset=MemoryDataset([_sample(row, run) for row in rows_of(run).values()], name=run),
        solver=play(),
        scorer=checks(),
        message_limit=message_limit,
    )


def _sample(row: Source, folder: str) -> Sample:
    env = AsyncEnv(row)
    opening = [ChatMessageSystem(content=env.system), ChatMessageUser(content=env.task)]
    return Sample(id=env.scenario_id, input=opening, metadata={"folder": folder})


@solver
def play() -> Solver:
    """Let the model call the scenario's tools until it answers without a call."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        async with _env_of(state) as env:
            state.tools = [_tool(env, tool) for tool in env.tools]
            state = await generate(state, tool_calls="loop")
            state.store_as(Played).journal = env.journal.model_dump_json()
        return state

    return solve


@scorer(metrics=[mean(), stderr()])
def checks() -> Scorer:
    """Run the scenario's checks; a sample whose environment broke is unscored, not 0."""

    async def score(state: TaskState, target: Target) -> Score:
        journal = state.store_as(Played).journal
        env = _env_of(state, Journal.model_validate_json(journal) if journal else None)
        async with env:
            found = await env.score()
        known = found.model_dump(mode="json", exclude={"reward"})
        if found.reward is None:
            return Score.unscored(
                reason="environment_broke", explanation=found.problem, metadata=known
            )
        passed = [verdict.item for verdict in found.verdicts if verdict.kind == "passed"]
        return Score(value=found.reward, explanation="\n".join(passed), metadata=known)

    return score


def _env_of(state: TaskState, journal: Journal | None = None) -> AsyncEnv:
    row = rows_of(state.metadata["folder"])[str(state.sample_id)]
    return AsyncEnv(row, journal=journal)


def _tool(env: AsyncEnv, tool: FunctionTool) -> Tool:
    function = tool["function"]

    async def call(**arguments: object) -> str:
        return await env.call(function["name"], arguments)

    schema = function["parameters"]
    for name, one in (schema.get("properties") or {}).items():
        one.setdefault("description", name)  # Inspect refuses a parameter without one
    return ToolDef(
        call,
        name=function["name"],
        description=function["description"],
        parameters=ToolParams.model_validate(schema),
        parallel=False,
        max_output=0,  # no limit: what is cut off here was whole in rollouts
    ).as_tool()
