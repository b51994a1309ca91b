"""Scenarios as an Inspect task: `inspect eval envscaler/run -T run=runs/one --model …`.

The journal of an episode is kept in the sample's store, so that a log can be scored again without
playing it again: `inspect score LOG --scorer envscaler/checks`. With `-T user=MODEL` a model of
Inspect's speaks as the user, who tells the task bit by bit.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from inspect_ai import Task, task
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef, ToolParams
from inspect_ai.util import StoreModel
from rich.markup import escape

from envscaler.adapters.rows import rows_of
from envscaler.adapters.user import opening_with_user, with_environment
from envscaler.chat import Prompt, Reply, WireMessage
from envscaler.env import AsyncEnv, FunctionTool
from envscaler.errors import EnvScalerError
from envscaler.interact.user import SimulatedUser
from envscaler.llm.calls import Calls
from envscaler.load import LoadedScenario
from envscaler.playing.playable import Source
from envscaler.records import Tool as OfferedTool
from envscaler.records import Usage
from envscaler.sandbox import Journal

_TRIES = 3
"""How often a user's turn of the wrong shape is asked for."""


class Played(StoreModel):
    """What a sample has come to."""

    journal: str = ""
    """JSON; empty before the first call."""


@task
def run(run: str, message_limit: int = 80, user: str | Model | None = None) -> Task:
    """Evaluate the scenarios of a folder.

    Args:
        run: A run folder, or RUN/exports/rl.
        message_limit: Messages of one episode, tool results included.
        user: Speaks as the user, in scenarios of a run folder; None: the task is told at once.
    """
    talks = user is not None
    return Task(
        dataset=MemoryDataset([_sample(row, run, talks) for row in _rows(run).values()], name=run),
        solver=converse(user) if user is not None else play(),
        scorer=checks(),
        message_limit=message_limit,
    )


def _rows(folder: str) -> Mapping[str, Source]:
    try:
        return rows_of(folder)
    except EnvScalerError as error:
        # What Inspect prints as one line, without a trace.
        raise PrerequisiteError(escape(str(error))) from error


def _sample(row: Source, folder: str, talks: bool) -> Sample:  # noqa: FBT001
    env = AsyncEnv(row)
    opening: list[ChatMessage] = [
        ChatMessageSystem(content=env.system),
        ChatMessageUser(content=env.task),
    ]
    if talks:
        # The user's words come when it is asked.
        opening = [ChatMessageSystem(content=opening_with_user(with_environment(row)))]
    return Sample(id=env.scenario_id, input=opening, metadata={"folder": folder})


@solver
def play() -> Solver:
    """Let the model call the scenario's tools until it answers without a call."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        async with _playing(state) as env:
            state.tools = [_tool(env, tool) for tool in env.tools]
            return await generate(state, tool_calls="loop")

    return solve


@solver
def converse(user: str | Model) -> Solver:
    """Let a model in the user's place answer each reply without a call, until it is content."""
    model = get_model(user)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        scenario = with_environment(_source(state))
        person = _person(scenario, model)
        async with _playing(state) as env:
            state.tools = [_tool(env, tool) for tool in env.tools]
            words = await person.begin()
            while words is not None:
                state.messages.append(ChatMessageUser(content=words))
                state = await generate(state, tool_calls="loop")
                if state.completed:
                    break
                words = await person.answer(state.output.completion)
        return state

    return solve


@asynccontextmanager
async def _playing(state: TaskState) -> AsyncGenerator[AsyncEnv]:
    """Open a sample's environment, and keep its journal however the play ends."""
    async with _env_of(state) as env:
        try:
            yield env
        finally:
            state.store_as(Played).journal = env.journal.model_dump_json()


class _Person:
    """A model of Inspect's, as the simulated user asks one."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def complete(
        self, prompt: Prompt, *, tools: tuple[OfferedTool, ...] = (), sample: int = 0, seed: int = 0
    ) -> Reply:
        output = await self._model.generate([_wire(one) for one in prompt.messages])
        return Reply(
            content=output.completion,
            finish_reason="length" if output.stop_reason == "max_tokens" else "stop",
            model=output.model,
            usage=Usage(calls=1),  # Inspect itself counts tokens
        )


def _wire(message: WireMessage) -> ChatMessage:
    kinds = {"system": ChatMessageSystem, "assistant": ChatMessageAssistant}
    return kinds.get(message["role"], ChatMessageUser)(content=message.get("content") or "")


def _person(scenario: LoadedScenario, model: Model) -> SimulatedUser:
    calls = Calls({"user": _Person(model)}, seed=scenario.seed, tries=_TRIES)
    return SimulatedUser(calls, scenario.environment, scenario.task, sample=0)


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


def _source(state: TaskState) -> Source:
    return rows_of(state.metadata["folder"])[str(state.sample_id)]


def _env_of(state: TaskState, journal: Journal | None = None) -> AsyncEnv:
    return AsyncEnv(_source(state), journal=journal)


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
