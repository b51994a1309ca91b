"""Scenarios as a verifiers (v1) taskset, with a harness that plays them in its own process.

`envscaler export-verifiers RUN` writes a package that names the classes below and holds the rows.
Its default harness calls the tools directly: each call happens once, and there is no server and no
network but the model's. Other harnesses reach the tools over MCP, with `--env.taskset.mcp true`.
With `--env.taskset.user MODEL` the default harness lets a simulated user tell the task.
"""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import httpx
import verifiers.v1 as vf
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, TextContent, Tool
from verifiers.v1.clients import ModelContext
from verifiers.v1.runtimes import ProgramResult

from envscaler.adapters.rows import rows_of
from envscaler.adapters.user import User, Users, opening_with_user, with_environment
from envscaler.env import AsyncEnv, Score
from envscaler.records import ObservationKind
from envscaler.sandbox import Journal

_MOST_OPEN = 256
"""Environments that a tool server keeps alive; the others are rebuilt from their journals."""


class EnvData(vf.TaskData):
    """A scenario."""

    scenario: str
    """Its id."""
    folder: str
    """Where its row is: a run, or an export of export-rl."""
    user: str | None = None
    """Model that speaks as the user; None: the task is told at once."""


class EnvState(vf.State):
    """What a rollout has come to."""

    rollout: str = ""
    scenario: str = ""
    folder: str = ""
    journal: str | None = None
    """JSON; None before the first call."""
    score: str | None = None
    """JSON of the score, where the harness has taken it already."""


@cache
def users_of(model: str) -> Users:
    """Return the users that a model speaks for."""
    return Users(model)


def make_env(state: EnvState) -> AsyncEnv:
    """Make the environment of a rollout, as it stands."""
    journal = Journal.model_validate_json(state.journal) if state.journal else None
    return AsyncEnv(rows_of(state.folder)[state.scenario], journal=journal)


class EnvTask(vf.Task[EnvData, EnvState]):
    """A scenario, scored by its checks."""

    @property
    def key(self) -> str:
        return self.data.scenario

    async def setup(self, trace: vf.Trace, runtime: object) -> None:
        state = trace.state
        state.rollout = uuid.uuid4().hex
        state.scenario, state.folder = self.data.scenario, self.data.folder

    @vf.reward(weight=1.0)
    async def checks(self, trace: vf.Trace) -> float:
        """Score the final state; an environment that broke is an error of the rollout, not a 0."""
        score = await self._score(trace.state)
        if score.reward is None:
            raise vf.TaskError(f"Scenario {self.data.scenario} has no score: {score.problem}")
        return score.reward

    async def _score(self, state: EnvState) -> Score:
        if state.score is not None:
            return Score.model_validate_json(state.score)
        async with make_env(state) as env:
            return await env.score()


class EnvToolset(vf.Toolset[vf.SharedToolsetConfig, EnvState]):
    """The tools of every rollout's scenario over MCP, for harnesses that are programs."""

    TOOL_PREFIX = None

    def register(self, mcp: MCPServer) -> None:
        # What a scenario offers is known per rollout only, so the two handlers are replaced.
        self._open: OrderedDict[str, AsyncEnv] = OrderedDict()
        mcp.list_tools = self._with_state(self.list_tools)
        mcp.call_tool = self._with_state(self.call_tool)

    async def list_tools(self) -> list[Tool]:
        functions = [tool["function"] for tool in make_env(self.state).tools]
        return [
            Tool(name=one["name"], description=one["description"], input_schema=one["parameters"])
            for one in functions
        ]

    async def call_tool(
        self, name: str, arguments: dict, context: object | None = None
    ) -> CallToolResult:
        env = await self._env()
        text = await env.call(name, arguments)
        self.state.journal = env.journal.model_dump_json()
        seen = env.last_observation
        ok = seen is not None and seen.kind is ObservationKind.OK
        return CallToolResult(content=[TextContent(type="text", text=text)], is_error=not ok)

    async def _env(self) -> AsyncEnv:
        env = self._open.pop(self.state.rollout, None) or make_env(self.state)
        self._open[self.state.rollout] = env
        if len(self._open) > _MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            await oldest.close()
        return env


class EnvTasksetConfig(vf.TasksetConfig):
    """Which scenarios, and who calls the tools."""

    folder: str | None = None
    """Instead of the package's own rows: a run folder, or RUN/exports/rl."""
    mcp: bool = False
    """Serve the tools over MCP, for a harness other than the package's own."""
    user: str | None = None
    """Model that speaks as the user, at USER_OPENAI_BASE_URL or OPENAI_BASE_URL; needs a run."""
    tools: vf.SharedToolsetConfig = vf.SharedToolsetConfig()


class EnvTaskset(vf.Taskset[EnvTask, EnvTasksetConfig]):
    """The scenarios of a folder; a package says which in `FOLDER`."""

    FOLDER: Path | None = None

    @classmethod
    def toolsets(cls, config: EnvTasksetConfig) -> list[vf.Toolset]:
        return [EnvToolset(config.tools)] if config.mcp else []

    def load(self) -> Iterable[EnvTask]:
        folder = self.config.folder or self.FOLDER
        if folder is None:
            raise ValueError("set --env.taskset.folder to a run folder or to RUN/exports/rl")
        if self.config.user and self.config.mcp:
            raise ValueError("only this package's own harness lets a user answer: leave mcp out")
        for scenario, row in rows_of(str(folder)).items():
            env, user = AsyncEnv(row), self.config.user
            data = EnvData(
                id=scenario,
                name=scenario,
                system_prompt=opening_with_user(with_environment(row)) if user else env.system,
                prompt=env.task,  # with a user, what that one wants: the harness does not show it
                scenario=scenario,
                folder=str(folder),
                user=user,
            )
            yield EnvTask(data, self.config.task)


class EnvHarnessConfig(vf.HarnessConfig):
    """Limits of an episode."""

    max_turns: int = 30
    """Replies of the model."""
    timeout: float = 600.0
    """Seconds for one reply."""


class EnvHarness(vf.Harness[EnvHarnessConfig]):
    """Function calling against the scenario, in this process."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: ModelContext,
        trace: vf.Trace,
        runtime: object,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
    ) -> ProgramResult:
        system, task = self.resolve_text_prompt(data)
        user = users_of(data.user).meet(rows_of(data.folder)[data.scenario]) if data.user else None
        words = await asyncio.wrap_future(user.begin()) if user else task
        messages = [{"role": "system", "content": system}, {"role": "user", "content": words}]
        headers = {"Authorization": f"Bearer {secret}"}
        async with (
            make_env(trace.state) as env,
            httpx.AsyncClient(
                base_url=endpoint, headers=headers, timeout=self.config.timeout
            ) as http,
        ):
            for _ in range(self.config.max_turns if words is not None else 0):
                body = {"model": ctx.model, "messages": messages, "tools": env.tools}
                if not await self._turn(http, body, env) and not await _heard(user, messages):
                    break
            trace.state.score = (await env.score()).model_dump_json()
            trace.state.journal = env.journal.model_dump_json()
        return ProgramResult(exit_code=0, stdout="", stderr="")

    async def _turn(self, http: httpx.AsyncClient, body: dict, env: AsyncEnv) -> bool:
        """Ask the model once and run what it calls; False when it called nothing."""
        answer = await http.post("/chat/completions", json=body)
        answer.raise_for_status()
        message = answer.json()["choices"][0]["message"]
        body["messages"].append(message)
        for call in message.get("tool_calls") or ():
            text = await env.call(call["function"]["name"], call["function"]["arguments"])
            result = {"role": "tool", "tool_call_id": call["id"], "content": text}
            body["messages"].append(result)
        return bool(message.get("tool_calls"))


async def _heard(user: User | None, messages: list[dict]) -> bool:
    """Let the user answer the last message; False when nobody does."""
    words = user and await asyncio.wrap_future(user.answer(messages[-1]["content"] or ""))
    if words is None:
        return False
    messages.append({"role": "user", "content": words})
    return True


if __name__ == "__main__":
    EnvToolset.run()
