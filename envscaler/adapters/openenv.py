"""Scenarios as an OpenEnv server, beside the NeMo Gym routes: `envscaler serve RUN --port`.

A WebSocket is a session. `reset(scenario_id=…)` or `reset(index=…)` begins an episode, each step
calls a tool, and a call of `finish` ends it with the only reward there is, because consumers
disagree on whether to sum step rewards. Where the environment broke the reward is null.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from fastapi import FastAPI
from openenv.core.env_server.http_server import create_fastapi_app
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.mcp_types import (
    CallToolAction,
    CallToolObservation,
    ListToolsAction,
    ListToolsObservation,
    Tool,
    ToolError,
    ToolErrorType,
)
from openenv.core.env_server.types import Action, ConcurrencyConfig, Observation, State

from envscaler.adapters.nemo_gym import Sessions, routes
from envscaler.adapters.rows import rows_of
from envscaler.env import Env, FunctionTool
from envscaler.records import ObservationKind

FINISH = "finish"
_FINISH_TOOL = Tool(
    name=FINISH,
    description="End the work. Call it once, when every part is done or has proven impossible.",
    input_schema={"type": "object", "properties": {}, "required": []},
)


class Scenario(Environment):
    """One session; the server makes an instance for each."""

    SUPPORTS_CONCURRENT_SESSIONS = True
    sessions: Sessions
    turns: Iterator[int]
    """Which scenario comes next where nobody says which is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._env: Env | None = None
        self._state = State()

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        scenario_id: str | None = None,
        index: int | None = None,
        **_rest: object,
    ) -> Observation:
        self.close()
        chosen = scenario_id or self._choose(seed if index is None else index)
        if chosen not in self.sessions.rows:
            raise ValueError(f"There is no scenario {chosen!r}")
        self._env = Env(self.sessions.rows[chosen])
        self._state = State(episode_id=episode_id or chosen, step_count=0)
        told = {"scenario_id": chosen, "system": self._env.system, "task": self._env.task}
        return Observation(done=False, reward=None, metadata=told)

    def _choose(self, number: int | None) -> str:
        ids = list(self.sessions.rows)
        return ids[(next(self.turns) if number is None else number) % len(ids)]

    def step(self, action: Action, timeout_s: float | None = None, **_rest: object) -> Observation:
        if self._env is None:
            self.reset()
        if isinstance(action, ListToolsAction):
            return ListToolsObservation(tools=[*map(_tool, self._env.tools), _FINISH_TOOL])
        self._state.step_count += 1
        return self._finish() if action.tool_name == FINISH else self._call(action)

    def _call(self, action: CallToolAction) -> Observation:
        text = self._env.call(action.tool_name, action.arguments)
        error = None
        if self._env.last_observation.kind is ObservationKind.REFUSED:
            error = ToolError(error_type=ToolErrorType.INVALID_ARGS, message=text)
        return CallToolObservation(
            tool_name=action.tool_name, result=text, error=error, done=False, reward=None
        )

    def _finish(self) -> Observation:
        score = self._env.score()
        return CallToolObservation(
            tool_name=FINISH,
            result=score.problem or "The work has ended.",
            done=True,
            reward=score.reward,
            metadata=score.model_dump(mode="json"),
        )

    def close(self) -> None:
        if self._env is not None:
            self._env.close()
            self._env = None

    @property
    def state(self) -> State:
        return self._state


def app(sessions: Sessions, *, most: int = 256, idle: float = 600.0) -> FastAPI:
    """Make the server: OpenEnv's routes, then those of NeMo Gym.

    Args:
        sessions: Of the NeMo Gym routes; holds the scenarios.
        most: OpenEnv sessions at once.
        idle: Seconds after which an OpenEnv session is taken for abandoned.
    """
    limits = ConcurrencyConfig(max_concurrent_envs=most, session_timeout=idle)
    made = create_fastapi_app(
        type("Scenario", (Scenario,), {"sessions": sessions, "turns": count()}),
        CallToolAction,
        CallToolObservation,
        concurrency_config=limits,
        env_name="envscaler",
    )
    made.include_router(routes(sessions))
    return made


def app_of(folder: Path) -> FastAPI:
    """Make the server of a folder: a run, or RUN/exports/rl.

    Raises:
        ArtifactError: There is no such folder, or a row is not whole or of another version.
        ConfigError: A tool has the name of a route.
    """
    return app(Sessions(rows_of(str(folder))))


def _tool(tool: FunctionTool) -> Tool:
    function = tool["function"]
    return Tool(
        name=function["name"],
        description=function["description"],
        input_schema=function["parameters"],
    )
