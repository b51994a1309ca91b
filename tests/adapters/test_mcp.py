"""`envscaler serve RUN --mcp SCENARIO`, driven by the official client."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("mcp_types", reason="the extra `mcp` (version 2) is not installed")

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from envscaler.env import Env
from tests.adapters.example import CHECKOUT, EXAMPLE, functions, proven, solution
from tests.face import LEND, is_gone, write_desk

SCENARIO = proven()[0]
MODES = ("auto", "legacy")


@asynccontextmanager
async def connected(
    run: Path, scenario: str, result: Path, mode: str = "auto"
) -> AsyncGenerator[Client]:
    """Start the server as a desktop client does, and connect to it."""
    command = ["-m", "envscaler", "serve", str(run), "--mcp", scenario, "--result", str(result)]
    server = StdioServerParameters(
        command=sys.executable, args=command, cwd=CHECKOUT, env=dict(os.environ)
    )
    async with Client(stdio_client(server), mode=mode) as client:
        yield client


def read(result: Path) -> dict:
    return json.loads(result.read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", MODES)
def test_a_client_sees_exact_schemas_and_solves_the_scenario(tmp_path: Path, mode: str) -> None:
    result = tmp_path / "result.json"

    async def play() -> tuple[dict, list[str], list[float | None]]:
        texts, rewards = [], []
        async with connected(EXAMPLE, SCENARIO.id, result, mode) as client:
            tools = (await client.list_tools()).tools
            rewards.append(read(result)["reward"])
            for call in solution(SCENARIO):
                answer = await client.call_tool(call.name, call.arguments)
                texts.append(answer.content[0].text)
            rewards.append(read(result)["reward"])
        seen = {
            tool.name: {"description": tool.description, "parameters": tool.input_schema}
            for tool in tools
        }
        return seen, texts, rewards

    seen, texts, rewards = asyncio.run(play())

    assert seen == functions(SCENARIO)
    assert list(seen) == list(functions(SCENARIO))
    with Env(SCENARIO) as env:
        before = env.score().reward
        assert texts == [env.call(call.name, call.arguments) for call in solution(SCENARIO)]
        assert rewards == [before, env.score().reward]
    assert rewards[1] == 1.0


def test_the_task_is_in_the_instructions_and_a_prompt(tmp_path: Path) -> None:
    async def look() -> tuple[str, str]:
        async with connected(EXAMPLE, SCENARIO.id, tmp_path / "r.json", "legacy") as client:
            prompt = await client.get_prompt("task")
            return client.instructions, prompt.messages[0].content.text

    instructions, prompt = asyncio.run(look())

    assert SCENARIO.task in instructions
    assert SCENARIO.task in prompt
    assert SCENARIO.environment.introduction in instructions


def test_a_call_that_cannot_be_made_is_a_tool_error_in_words(tmp_path: Path) -> None:
    run, result = write_desk(tmp_path), tmp_path / "result.json"

    async def play() -> list[tuple[bool, str]]:
        async with connected(run, "scen-1", result) as client:
            answers = [
                await client.call_tool("burn", {}),
                await client.call_tool("lend", {"book_id": "B2"}),
                await client.call_tool("audit", {}),
                await client.call_tool("lend", LEND),
            ]
        return [(answer.is_error, answer.content[0].text) for answer in answers]

    unknown, bad, raised, good = asyncio.run(play())

    assert unknown[0]
    assert "There is no tool 'burn'" in unknown[1]
    assert bad[0]
    assert "needs the argument 'reader'" in bad[1]
    assert raised[0]
    assert "the ledger is locked" in raised[1]
    assert good == (False, '{"success": true, "message": "B2 is lent to Ada"}')
    assert read(result)["reward"] == 1.0


def test_arguments_that_are_no_object_are_an_error_of_the_protocol(tmp_path: Path) -> None:
    run, result = write_desk(tmp_path), tmp_path / "result.json"
    call = {"method": "tools/call", "params": {"name": "lend", "arguments": [1]}}
    right = {"method": "tools/call", "params": {"name": "lend", "arguments": LEND}}
    known = {"protocolVersion": "2025-06-18", "capabilities": {}}
    start = {
        "method": "initialize",
        "params": known | {"clientInfo": {"name": "a", "version": "1"}},
    }
    begun = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    asked = [{"jsonrpc": "2.0", "id": at, **one} for at, one in enumerate((start, call, right))]
    lines = [json.dumps(one) for one in (asked[0], begun, *asked[1:])]
    command = ["-m", "envscaler", "serve", str(run), "--mcp", "scen-1", "--result", str(result)]

    with subprocess.Popen(
        [sys.executable, *command],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write("".join(f"{line}\n" for line in lines))
        process.stdin.flush()
        answers = sorted(
            (json.loads(process.stdout.readline()) for _ in asked), key=lambda a: a["id"]
        )
        process.stdin.close()

    assert answers[1]["error"]["code"] == -32602
    assert "error" not in answers[2]
    assert "B2 is lent to Ada" in answers[2]["result"]["content"][0]["text"]
    assert read(result)["reward"] == 1.0


def test_an_environment_that_broke_has_no_reward_in_the_file(tmp_path: Path) -> None:
    run, result = write_desk(tmp_path), tmp_path / "result.json"

    async def play() -> None:
        async with connected(run, "scen-1", result) as client:
            await client.call_tool("forget", {})

    asyncio.run(play())

    assert read(result)["reward"] is None
    assert "cannot be read" in read(result)["problem"]


def test_each_connection_is_an_episode_of_its_own(tmp_path: Path) -> None:
    run = write_desk(tmp_path)

    async def play(number: int) -> float | None:
        result = tmp_path / f"{number}.json"
        async with connected(run, "scen-1", result) as client:
            if number:
                await client.call_tool("lend", LEND)
        return read(result)["reward"]

    async def both() -> list[float | None]:
        return [*await asyncio.gather(play(0), play(1))]

    assert asyncio.run(both()) == [0.0, 1.0]


def test_a_client_that_is_killed_leaves_the_score_and_no_process(tmp_path: Path) -> None:
    run, result = write_desk(tmp_path), tmp_path / "result.json"
    client = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from tests.adapters.test_mcp import LEND, connected\n"
        "async def play():\n"
        "    async with connected(Path(sys.argv[1]), 'scen-1', Path(sys.argv[2])) as client:\n"
        "        await client.call_tool('lend', LEND)\n"
        "        children = Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children')\n"
        "        print(children.read_text(), flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(play())\n"
    )

    async def run_it() -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", client, str(run), str(result)),
            cwd=CHECKOUT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        return out.decode()

    servers = [int(pid) for pid in asyncio.run(run_it()).split()]

    assert read(result)["reward"] == 1.0
    assert servers
    assert all(map(is_gone, servers))


def test_the_configuration_in_the_docs_starts_a_server(tmp_path: Path) -> None:
    page = (CHECKOUT / "docs" / "doors.md").read_text(encoding="utf-8")
    config = json.loads(page.partition("```json\n")[2].partition("```")[0])
    server = config["mcpServers"]["envscaler"]
    run, _, scenario, _, result = server["args"][1:]
    assert run.startswith("/")
    assert result.startswith("/")
    here = str(tmp_path / "result.json")
    known = {run: str(write_desk(tmp_path)), scenario: "scen-1", result: here}
    arguments = [known.get(one, one) for one in server["args"]]

    async def look() -> list[str]:
        started = StdioServerParameters(
            command=sys.executable,
            args=["-m", server["command"], *arguments],
            cwd="/",  # a client starts it somewhere
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        )
        async with Client(stdio_client(started)) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(look()) == ["list_loans", "lend", "audit", "forget"]
    assert read(Path(here))["reward"] == 0.0
