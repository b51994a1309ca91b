"""The other side goes away in the middle of a call: nothing is left that runs; see docs/doors.md.

A door whose package is not installed is skipped: `.ci/doors` runs this file in each environment.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from envscaler.adapters import harbor_tool
from envscaler.adapters.harbor import export_harbor
from envscaler.functions import export_rl
from tests.adapters.endless import seen_in_a_call, stuck_desk, wait_for_a_call
from tests.adapters.example import CHECKOUT
from tests.face import LEND, is_gone

pytestmark = pytest.mark.filterwarnings("ignore")
NEEDS = {"gem": "gem.core", "inspect": "inspect_ai", "trl": "trl", "mcp": "mcp_types"}
ENDLESS = (sys.executable, "-m", "tests.adapters.endless")


def kill_in_a_call(command: Sequence[str], folder: Path, environment: dict | None = None) -> bool:
    """Start a door and kill it in a call; return whether all generated code ends with it."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            guests = wait_for_a_call(process.pid)
        finally:
            process.kill()
    return all(map(is_gone, guests))


@pytest.mark.parametrize("door", NEEDS)
def test_a_process_that_is_killed_in_a_call_leaves_none_behind(door: str, tmp_path: Path) -> None:
    pytest.importorskip(NEEDS[door], reason=f"{door} is not installed")
    run = stuck_desk(tmp_path / "run")

    gone = kill_in_a_call([*ENDLESS, door, str(run)], CHECKOUT)

    assert gone
    if door == "mcp":  # what stood before the call: B2 is not lent, and no half a file
        found = json.loads((run / "result.json").read_text(encoding="utf-8"))
        assert (found["scenario_id"], found["reward"]) == ("scen-1", 0.0)


def test_vf_eval_that_is_killed_in_a_call_leaves_none_behind(tmp_path: Path) -> None:
    pytest.importorskip("verifiers.v1", reason="verifiers is not installed")
    from envscaler.adapters.verifiers_package import export_verifiers
    from envscaler.config import load_settings
    from tests.adapters.stub import endpoint
    from tests.adapters.test_verifiers import eval_command

    export_verifiers(stuck_desk(tmp_path / "run"), tmp_path / "desk", load_settings(None, ()))
    call = {"id": "1", "type": "function", "function": {"name": "audit", "arguments": "{}"}}
    audits = {"role": "assistant", "content": None, "tool_calls": [call]}

    with endpoint(lambda _: audits) as (url, _):
        command, environment = eval_command(tmp_path, tmp_path / "desk", url)
        gone = kill_in_a_call(command, tmp_path, environment)

    assert gone


def test_an_openenv_client_that_leaves_in_a_call_ends_its_session(
    tmp_path: Path,
) -> None:
    pytest.importorskip("openenv.core", reason="openenv is not installed")
    from openenv.core.generic_client import GenericEnvClient

    from tests.adapters.test_http import openenv_call, serving

    async def audits(client: GenericEnvClient) -> None:
        while True:
            await client.step(openenv_call("audit", {}))

    async def solve(url: str) -> float | None:
        async with GenericEnvClient(base_url=url) as client:
            await client.reset()
            await client.step(openenv_call("lend", LEND))
            return (await client.step(openenv_call("finish", {}))).reward

    async def play(url: str, server: int) -> tuple[bool, float | None]:
        leaves = GenericEnvClient(base_url=url)
        await leaves.connect()
        await leaves.reset()
        stuck = asyncio.ensure_future(audits(leaves))
        await asyncio.to_thread(wait_for_a_call, server)
        [full] = await asyncio.gather(solve(url), return_exceptions=True)
        await leaves.close()
        await asyncio.gather(stuck, return_exceptions=True)
        for _ in range(60):
            with suppress(RuntimeError):  # as long as the other session has not ended
                return isinstance(full, RuntimeError), await solve(url)
            await asyncio.sleep(1)
        raise AssertionError("the session does not end")

    one_client = ("tests.adapters.endless", "openenv")
    with serving(stuck_desk(tmp_path), program=one_client) as (url, server):
        assert asyncio.run(play(url, server)) == (True, 1.0)


def test_a_http_client_that_leaves_in_a_call_finds_its_session_again(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="serve is not installed")
    from tests.adapters.test_http import Session, serving

    with serving(stuck_desk(tmp_path)) as (url, server):
        leaves, stays = Session(url), Session(url)
        for session in (leaves, stays):
            session.post("seed_session", {"scenario_id": "scen-1"})
        host, _, port = url.removeprefix("http://").partition(":")
        head = f"POST /audit HTTP/1.1\r\nHost: {host}\r\nCookie: {leaves.cookies}\r\n"
        while not seen_in_a_call(server):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
                time.sleep(0.5)
        rewards = []
        for session in (leaves, stays):
            session.post("lend", LEND)
            rewards.append(session.post("verify", {})["reward"])

    assert rewards == [1.0, 1.0]


def test_a_harbor_tool_that_is_killed_in_a_call_spoils_nothing(tmp_path: Path) -> None:
    run = stuck_desk(tmp_path / "run")
    export_rl(run, settings=("train.validation_share=0",))
    export_harbor(run, tmp_path / "tasks")
    scenario, calls = tmp_path / "tasks/scen-1/tests/scenario.json", tmp_path / "calls"
    module = [sys.executable, "-m", "envscaler.adapters.harbor_tool"]
    command = [*module, "call", str(scenario), str(calls), "audit"]

    gone = kill_in_a_call(command, CHECKOUT)
    told = harbor_tool.call(scenario, calls, "lend", json.dumps(LEND))
    harbor_tool.score(scenario, calls, tmp_path / "reward.txt")

    assert gone
    assert "B2 is lent to Ada" in told
    assert (tmp_path / "reward.txt").read_text(encoding="utf-8") == "1.0\n"
