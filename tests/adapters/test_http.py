"""`envscaler serve RUN --port`: the NeMo Gym contract and OpenEnv's own clients, over a socket."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` or `openenv` is not installed")
pytest.importorskip("uvicorn", reason="the extra `serve` or `openenv` is not installed")

from envscaler.adapters.nemo_gym import Sessions
from envscaler.env import Env
from envscaler.errors import ConfigError
from envscaler.load import load_scenarios
from tests.adapters.example import CHECKOUT, EXAMPLE, functions, proven, solution
from tests.face import LEND, write_desk
from tests.interact.fakes import make_environment

pytestmark = pytest.mark.filterwarnings("ignore")


@contextmanager
def serving(
    run: Path, *options: str, program: Sequence[str] = ("envscaler", "serve")
) -> Generator[tuple[str, int]]:
    """Serve a run as a user does; yield the address and the process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", *program, str(run), *options, "--port", str(port)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(url, process)
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def served(run: Path, *options: str) -> Generator[str]:
    """Serve a run as a user does."""
    with serving(run, *options) as (url, _):
        yield url


def _wait_for(url: str, process: subprocess.Popen) -> None:
    for _ in range(1200):
        assert process.poll() is None, "the server has ended"
        try:
            Session(url).get("dataset.jsonl")
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


class Session:
    """A client that keeps its cookie."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._jar = CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._jar))

    @property
    def cookies(self) -> str:
        """The header that names the session."""
        return "; ".join(f"{one.name}={one.value}" for one in self._jar)

    def get(self, path: str) -> str:
        with self._opener.open(f"{self._url}/{path}", timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, body: object) -> object:
        data = json.dumps(body).encode()
        request = Request(f"{self._url}/{path}", data, {"content-type": "application/json"})
        with self._opener.open(request, timeout=60) as answer:
            return json.loads(answer.read())

    def status(self, path: str, body: object) -> tuple[int, str]:
        try:
            self.post(path, body)
        except HTTPError as error:
            return error.code, error.read().decode()
        return 200, ""


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    with served(EXAMPLE) as address:
        yield address


def dataset(url: str) -> list[dict]:
    return [json.loads(line) for line in Session(url).get("dataset.jsonl").splitlines()]


def test_the_rows_name_every_scenario_with_exact_schemas(url: str) -> None:
    rows = {row["scenario_id"]: row["responses_create_params"] for row in dataset(url)}

    assert list(rows) == [row.id for row in load_scenarios(EXAMPLE)]
    for scenario in proven():
        assert rows[scenario.id]["input"][1]["content"] == scenario.task
        shown = {
            tool["name"]: {"description": tool["description"], "parameters": tool["parameters"]}
            for tool in rows[scenario.id]["tools"]
        }
        assert shown == functions(scenario)


def test_two_sessions_do_not_mix(url: str) -> None:
    scenario = proven()[0]
    row = next(row for row in dataset(url) if row["scenario_id"] == scenario.id)
    solves, idles = Session(url), Session(url)
    for session in (solves, idles):
        session.post("seed_session", row)

    with Env(scenario) as env:
        before = env.score().reward
        for call in solution(scenario):
            text = env.call(call.name, call.arguments)
            assert solves.post(call.name, call.arguments) == json.loads(text)
        first = solution(scenario)[0]
        idles.post(first.name, first.arguments)
    rewards = [session.post("verify", {**row, "response": {}}) for session in (solves, idles)]

    assert [one["reward"] for one in rewards] == [1.0, before]
    assert [one["mask_sample"] for one in rewards] == [False, False]
    assert rewards[0]["responses_create_params"] == row["responses_create_params"]


def test_two_hundred_sessions_at_once(url: str) -> None:
    scenario = proven()[0]
    sessions = [Session(url) for _ in range(200)]
    for session in sessions:
        session.post("seed_session", {"scenario_id": scenario.id})
    solving = sessions[::40]
    for call in solution(scenario):
        for session in solving:
            session.post(call.name, call.arguments)

    rewards = [session.post("verify", {})["reward"] for session in sessions]

    assert [reward == 1.0 for reward in rewards] == [session in solving for session in sessions]


def test_bad_requests_are_one_clear_error_each(url: str) -> None:
    session = Session(url)

    assert session.status("find_bikes", {})[0] == 410
    assert session.status("seed_session", [1])[0] == 422
    assert session.status("seed_session", {"scenario_id": "scen-x"}) == (
        404,
        '{"detail":"There is no scenario \'scen-x\'"}',
    )
    session.post("seed_session", {"scenario_id": proven()[0].id})
    assert "There is no tool 'burn'" in session.post("burn", {})["error"]
    assert "not a JSON object" in session.post("burn", [1])["error"]
    assert session.status("verify", {})[0] == 200
    assert session.status("verify", {})[0] == 410


def test_an_environment_that_broke_is_masked_and_says_why(tmp_path: Path) -> None:
    with served(write_desk(tmp_path)) as url:
        session = Session(url)
        session.post("seed_session", {"scenario_id": "scen-1"})
        session.post("forget", {})

        found = session.post("verify", {})

    assert found["mask_sample"]
    assert found["failure_kind"] == "verifier_error"
    assert "cannot be read" in found["failure_reason"]


def test_a_class_that_does_not_open_is_a_server_error_and_no_score(tmp_path: Path) -> None:
    broken = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})
    with served(write_desk(tmp_path, broken)) as url:
        code, told = Session(url).status("seed_session", {"scenario_id": "scen-1"})

    assert code == 500
    assert "LendingDesk" in told


def test_abandoned_sessions_end(tmp_path: Path) -> None:
    run = write_desk(tmp_path)

    async def look() -> list[int]:
        rows = {row.id: row for row in load_scenarios(run)}
        sessions = Sessions(rows, idle=0.2)
        async with sessions.kept():
            await sessions.begin("scen-1")
            counts = [len(sessions)]
            for _ in range(1000):
                if not len(sessions):
                    break
                await asyncio.sleep(0.02)
            return [*counts, len(sessions)]

    assert asyncio.run(look()) == [1, 0]


def test_a_tool_with_the_name_of_a_route_is_refused(tmp_path: Path) -> None:
    desk = make_environment()
    tools = (desk.tools[0].model_copy(update={"name": "verify"}),)
    run = write_desk(tmp_path, desk.model_copy(update={"tools": tools}))

    with pytest.raises(ConfigError, match="has the tool 'verify', a route"):
        Sessions({row.id: row for row in load_scenarios(run)})


def test_openenv_clients_play_it_apart_from_each_other(url: str) -> None:
    pytest.importorskip("openenv", reason="the extra `openenv` is not installed")
    from openenv.core.generic_client import GenericEnvClient

    scenario = proven()[0]

    async def play(calls: list) -> tuple[str, list, float | None, bool]:
        async with GenericEnvClient(base_url=url) as client:
            began = await client.reset(scenario_id=scenario.id)
            rewards = []
            for name, arguments in calls:
                rewards.append((await client.step(openenv_call(name, arguments))).reward)
            end = await client.step(openenv_call("finish", {}))
            return str(began.observation), rewards, end.reward, end.done

    async def both() -> list:
        solved = [(call.name, call.arguments) for call in solution(scenario)]
        return await asyncio.gather(play(solved), play(solved[:1]))

    (told, rewards, reward, done), (_, _, other, _) = asyncio.run(both())

    with Env(scenario) as env:
        before = env.score().reward
    assert {*rewards} == {None}
    assert (reward, done, other) == (1.0, True, before)
    assert scenario.task[:40] in told


def test_an_openenv_agent_lists_and_calls_tools(tmp_path: Path) -> None:
    pytest.importorskip("openenv", reason="the extra `openenv` is not installed")
    from openenv.core.mcp_client import MCPToolClient

    async def play(url: str) -> tuple[list[str], str]:
        async with MCPToolClient(base_url=url) as client:
            await client.reset()
            names = [tool.name for tool in await client.list_tools()]
            return names, str(await client.call_tool("lend", **LEND))

    with served(write_desk(tmp_path)) as url:
        names, text = asyncio.run(play(url))

    assert names == ["list_loans", "lend", "audit", "forget", "finish"]
    assert "B2 is lent to Ada" in text


def openenv_call(name: str, arguments: object) -> dict:
    return {"type": "call_tool", "tool_name": name, "arguments": arguments}


def test_a_class_that_does_not_open_is_an_error_of_openenvs_reset(tmp_path: Path) -> None:
    pytest.importorskip("openenv", reason="the extra `openenv` is not installed")
    from openenv.core.generic_client import GenericEnvClient

    broken = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})

    async def play(url: str) -> None:
        async with GenericEnvClient(base_url=url) as client:
            await client.reset()

    with served(write_desk(tmp_path, broken)) as url, pytest.raises(Exception, match="LendingDesk"):
        asyncio.run(play(url))


def test_calls_that_cannot_be_made_are_answered_by_openenv(tmp_path: Path) -> None:
    pytest.importorskip("openenv", reason="the extra `openenv` is not installed")
    from openenv.core.generic_client import GenericEnvClient

    async def play(url: str) -> tuple[list[dict], str, float | None]:
        async with GenericEnvClient(base_url=url) as client:
            await client.reset()
            answers = [
                (await client.step(openenv_call(*made))).observation
                for made in (("burn", {}), ("lend", {"book_id": "B2"}), ("lend", LEND))
            ]
            with pytest.raises(RuntimeError) as refused:
                await client.step(openenv_call("lend", [1]))
            end = await client.step(openenv_call("finish", {}))
            return answers, str(refused.value), end.reward

    with served(write_desk(tmp_path)) as url:
        (unknown, bad, good), refused, reward = asyncio.run(play(url))

    assert "There is no tool 'burn'" in unknown["error"]["message"]
    assert "needs the argument 'reader'" in bad["error"]["message"]
    assert good["error"] is None
    assert "Invalid message (code: VALIDATION_ERROR)" in refused
    assert reward == 1.0


def test_openenv_is_told_of_no_score_where_the_environment_broke(tmp_path: Path) -> None:
    pytest.importorskip("openenv", reason="the extra `openenv` is not installed")
    from openenv.core.generic_client import GenericEnvClient

    async def play(url: str) -> tuple[bool, float | None, str]:
        async with GenericEnvClient(base_url=url) as client:
            await client.reset()
            await client.step(openenv_call("forget", {}))
            end = await client.step(openenv_call("finish", {}))
            return end.done, end.reward, str(end.observation)

    with served(write_desk(tmp_path)) as url:
        done, reward, told = asyncio.run(play(url))

    assert (done, reward) == (True, None)
    assert "cannot be read" in told
