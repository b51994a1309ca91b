"""A scenario as a Model Context Protocol server over stdio: `envscaler serve RUN --mcp SCENARIO`.

One process is one episode: the state lives as long as the connection. After every call the score
is written to a file, because a client that kills its server leaves no time to say goodbye.
"""

import asyncio
import json
from pathlib import Path

import mcp_types as types
from mcp.server import ServerRequestContext as Context
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from envscaler.env import AsyncEnv
from envscaler.errors import ArtifactError
from envscaler.records import ObservationKind

Paginated = types.PaginatedRequestParams | None


class Episode:
    """What the server answers with.

    Args:
        env: The scenario, not opened yet.
        result: Where the score is written; None for nowhere.
    """

    def __init__(self, env: AsyncEnv, result: Path | None = None) -> None:
        self._env = env
        self._result = result
        self._turn = asyncio.Lock()

    def server(self) -> Server:
        """Make the server."""
        return Server(
            "envscaler",
            instructions=f"{self._env.system}\n\nThe task:\n{self._env.task}",
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
        )

    async def _list_tools(self, _context: Context, _params: Paginated) -> types.ListToolsResult:
        functions = [tool["function"] for tool in self._env.tools]
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=one["name"], description=one["description"], input_schema=one["parameters"]
                )
                for one in functions
            ]
        )

    async def _call_tool(
        self, _context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        async with self._turn:
            text = await self._env.call(params.name, params.arguments)
            observation = self._env.last_observation
            await self.write_result()
        failed = observation is None or observation.kind is not ObservationKind.OK
        content = [types.TextContent(type="text", text=text)]
        return types.CallToolResult(content=content, is_error=failed)

    async def _list_prompts(self, _context: Context, _params: Paginated) -> types.ListPromptsResult:
        prompt = types.Prompt(name="task", description="What there is to do in this scenario.")
        return types.ListPromptsResult(prompts=[prompt])

    async def _get_prompt(
        self, _context: Context, _params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        text = types.TextContent(type="text", text=f"{self._env.system}\n\n{self._env.task}")
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=text)])

    async def write_result(self) -> None:
        """Score the state as it is now, and replace the result file.

        Raises:
            ArtifactError: The file cannot be written.
        """
        if self._result is None:
            return
        score = await self._env.score()
        known = {
            "scenario_id": self._env.scenario_id,
            "calls": len(self._env.journal.calls),
            **score.model_dump(mode="json"),
        }
        part = self._result.with_name(f".{self._result.name}.part")
        try:
            part.write_text(json.dumps(known, ensure_ascii=False) + "\n", encoding="utf-8")
            part.replace(self._result)
        except OSError as error:
            raise ArtifactError(f"{self._result} cannot be written: {error.strerror}") from error


async def serve(env: AsyncEnv, result: Path | None = None) -> None:
    """Serve a scenario on standard input and output until the client hangs up.

    Raises:
        EnvScalerError: The scenario cannot be opened, or the result cannot be written.
    """
    async with env:
        episode = Episode(env, result)
        await episode.write_result()
        server = episode.server()
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
