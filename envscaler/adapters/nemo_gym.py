"""Scenarios behind the HTTP contract of a NeMo Gym resources server: `envscaler serve RUN --port`.

A session begins with `POST /seed_session` and is named by a cookie; `POST /{tool}` calls a tool,
and `POST /verify` scores the end. `GET /dataset.jsonl` gives the rows that an agent server plays.
The contract wants a number for every reward, so where the environment broke it is 0 and masked:
`mask_sample` keeps the sample out of every mean, and `failure_kind` says why.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from envscaler.env import AsyncEnv
from envscaler.errors import ConfigError, EnvScalerError
from envscaler.playing.playable import Source

COOKIE = "envscaler_session"
RESERVED = frozenset(
    (
        *("seed_session", "verify", "close_session", "aggregate_metrics", "reverify_mode", "mcp"),
        *("reset", "step", "state", "schema", "quality", "metadata", "finish"),
    )
)
"""Names of routes: a tool of such a name could not be reached."""


@dataclass
class _Session:
    env: AsyncEnv
    used: float = field(default_factory=time.monotonic)


class Sessions:
    """The episodes that are being played; those that nobody uses any more are ended.

    Args:
        rows: Scenario id → what `Env` plays.
        idle: Seconds after which a session is taken for abandoned.
        most: Sessions at once.

    Raises:
        ConfigError: A tool has the name of a route.
    """

    def __init__(
        self, rows: Mapping[str, Source], *, idle: float = 600.0, most: int = 1000
    ) -> None:
        self.rows = rows
        self._idle = idle
        self._most = most
        self._open: dict[str, _Session] = {}
        for one in map(AsyncEnv, rows.values()):
            taken = sorted(RESERVED & {tool["function"]["name"] for tool in one.tools})
            if taken:
                raise ConfigError(f"Scenario {one.scenario_id} has the tool {taken[0]!r}, a route")

    def __len__(self) -> int:
        return len(self._open)

    async def begin(self, scenario_id: str) -> str:
        """Open a scenario and return the name of its session."""
        row = self.rows.get(scenario_id)
        if row is None:
            raise HTTPException(404, f"There is no scenario {scenario_id!r}")
        if len(self._open) >= self._most:
            raise HTTPException(503, f"{self._most} sessions are open; end some or try later")
        try:
            env = await AsyncEnv(row)
        except EnvScalerError as error:
            raise HTTPException(500, f"Scenario {scenario_id} cannot be opened: {error}") from error
        name = uuid.uuid4().hex
        self._open[name] = _Session(env)
        return name

    def get(self, name: str | None) -> AsyncEnv:
        """Return the environment of a session."""
        session = self._open.get(name or "")
        if session is None:
            raise HTTPException(410, "There is no such session; it has ended, or never began")
        session.used = time.monotonic()
        return session.env

    async def end(self, name: str | None) -> None:
        """End a session; one that has ended already is no error."""
        session = self._open.pop(name or "", None)
        if session is not None:
            await session.env.close()

    @asynccontextmanager
    async def kept(self, _app: object = None) -> AsyncGenerator[None]:
        """End what was abandoned while this is open, and everything afterwards."""
        sweeper = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper
            for name in list(self._open):
                await self.end(name)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(self._idle / 4, 10.0))
            oldest = time.monotonic() - self._idle
            for name in [name for name, one in self._open.items() if one.used < oldest]:
                await self.end(name)


def app(sessions: Sessions) -> FastAPI:
    """Make the server."""
    made = FastAPI(title="envscaler")
    made.include_router(routes(sessions))
    return made


def routes(sessions: Sessions) -> APIRouter:
    """Make the routes; they have to come last, because every name may be a tool's."""
    router = APIRouter(lifespan=sessions.kept)

    @router.get("/dataset.jsonl")
    async def dataset() -> StreamingResponse:
        return StreamingResponse(dataset_lines(sessions.rows), media_type="application/jsonl")

    @router.post("/seed_session")
    async def seed_session(request: Request, response: Response) -> dict:
        row = await _object(request)
        response.set_cookie(COOKIE, await sessions.begin(str(row.get("scenario_id"))))
        return {}

    @router.post("/verify")
    async def verify(request: Request) -> dict:
        row = await _object(request)
        name = request.cookies.get(COOKIE)
        score = await sessions.get(name).score()
        await sessions.end(name)
        known = {"fraction": score.fraction, "goal": score.goal}
        if score.reward is not None:
            return {**row, "reward": score.reward, "mask_sample": False, **known}
        failure = {"failure_kind": "verifier_error", "failure_reason": score.problem}
        return {**row, "reward": 0.0, "mask_sample": True, **failure, **known}

    @router.post("/close_session")
    async def close_session(request: Request) -> dict:
        await sessions.end(request.cookies.get(COOKIE))
        return {}

    @router.post("/{tool}")
    async def call(tool: str, request: Request) -> Response:
        env = sessions.get(request.cookies.get(COOKIE))
        text = await env.call(tool, (await request.body()).decode(errors="replace"))
        return Response(text, media_type="application/json")

    return router


async def _object(request: Request) -> dict:
    with suppress(ValueError):
        body = await request.json()
        if isinstance(body, dict):
            return body
    raise HTTPException(422, "The body has to be a JSON object: a row of /dataset.jsonl")


def dataset_lines(rows: Mapping[str, Source]) -> Iterator[str]:
    """Write the rows that an agent server plays, in the Responses format."""
    for env in map(AsyncEnv, rows.values()):
        tools = [{"type": "function", **tool["function"], "strict": False} for tool in env.tools]
        opening = [
            {"role": "system", "content": env.system},
            {"role": "user", "content": env.task},
        ]
        row = {
            "responses_create_params": {
                "input": opening,
                "tools": tools,
                "parallel_tool_calls": False,
            },
            "scenario_id": env.scenario_id,
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"
