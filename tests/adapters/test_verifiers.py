"""A package of `export-verifiers`, installed and evaluated by `vf-eval` itself."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("verifiers.v1", reason="the extra `verifiers` is not installed")

from envscaler.adapters.user import with_environment
from envscaler.adapters.verifiers_package import export_verifiers
from envscaler.config import load_settings
from envscaler.env import Env
from envscaler.errors import ConfigError
from tests.adapters.conversation import TOLD, acts, speaks
from tests.adapters.example import CHECKOUT, EXAMPLE, functions, proven, solution
from tests.adapters.stub import endpoint, solver
from tests.face import LEND, desk_row, write_desk
from tests.interact.fakes import make_environment, make_scenario

NAME = "desk-and-clinic"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a package."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(EXAMPLE, folder / "run")
    export_verifiers(folder / "run", folder / NAME, load_settings(None, ()))
    return folder / NAME


_LOCAL = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def eval_command(
    folder: Path, package: Path | None, url: str, *options: str, offline: bool = True
) -> tuple[list[str], dict[str, str]]:
    """Write the call of `vf-eval`, and its environment: an empty home, proxies to nowhere.

    Args:
        folder: For its output, and its home.
        package: What is evaluated; None where a file among the options says it.
        url: Of the model.
        options: Further ones.
        offline: Whether nothing but this machine can be reached.
    """
    command = [
        str(Path(sys.executable).with_name("vf-eval")),
        *((package.name,) if package else ()),
        *("--model", "stub"),
        *("--client.base-url", url, "--client.api-key-var", "ANY_KEY", "--no-push", "--no-rich"),
        *("--env.agent.runtime.type", "subprocess", "--output-dir", str(folder / "out"), *options),
    ]
    paths = os.pathsep.join((str(CHECKOUT), str(package or folder)))
    tools = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    own = {"PYTHONPATH": paths, "PATH": tools, "HOME": str(folder), "ANY_KEY": "x"}
    nowhere = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"
    )
    return command, os.environ | own | (nowhere | _LOCAL if offline else {})


def evaluate(
    folder: Path, package: Path | None, url: str, *options: str, offline: bool = True
) -> list[dict]:
    """Run `vf-eval`; return its episodes."""
    command, environment = eval_command(folder, package, url, *options, offline=offline)
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    files = list((folder / "out").rglob("traces.jsonl"))
    assert files, done.stdout[-3000:] + done.stderr[-3000:]
    return [json.loads(line) for line in files[0].read_text(encoding="utf-8").splitlines()]


def reward_of(episode: dict) -> float:
    (trace,) = episode["traces"]
    assert episode["ok"], trace["errors"]
    return trace["rewards"]["checks"]["score"]


def test_one_install_holds_both_and_plays() -> None:
    """The joint install of the README: verifiers of today, the package, and an `Env` in it."""
    assert tuple(map(int, version("verifiers").split(".")[:2])) >= (0, 4)
    scenario = proven()[0]

    with Env(scenario) as env:
        for call in solution(scenario):
            env.call(call.name, call.arguments)

        assert env.score().reward == 1.0


def test_rewards_are_the_checks_and_rollouts_do_not_mix(tmp_path: Path, package: Path) -> None:
    scenarios = proven()
    good = {row.id for row in scenarios[::2]}
    with endpoint(solver(scenarios, solved=good.__contains__)) as (url, asked):
        traces = evaluate(tmp_path, package, url, "-r", "2")

    rewards = {}
    for trace in traces:
        rewards.setdefault(trace["task"]["data"]["scenario"], []).append(reward_of(trace))
    expected = {}
    for scenario in scenarios:
        with Env(scenario) as env:
            if scenario.id in good:
                for call in solution(scenario):
                    env.call(call.name, call.arguments)
            expected[scenario.id] = [env.score().reward] * 2
    assert rewards == expected
    assert {1.0} < {reward for pair in expected.values() for reward in pair}
    sent = {json.dumps(body["tools"]) for body in asked}
    assert sent == {
        json.dumps(
            [
                {"type": "function", "function": {"name": name, **rest}}
                for name, rest in functions(scenario).items()
            ]
        )
        for scenario in scenarios
    }


def test_another_harness_reaches_the_tools_over_mcp(tmp_path: Path, package: Path) -> None:
    pytest.importorskip("uv", reason="verifiers' own harnesses need uv and a registry")
    scenarios = proven()[:2]
    with endpoint(solver(scenarios, solved=lambda _: True)) as (url, _):
        options = ("--env.agent.harness.id", "null", "--env.taskset.mcp", "true")
        ids = ("--select.limit", "2")
        traces = evaluate(tmp_path, package, url, *options, *ids, offline=False)

    assert [reward_of(trace) for trace in traces] == [1.0, 1.0]


def test_a_rollout_whose_environment_broke_is_an_error_and_not_a_zero(tmp_path: Path) -> None:
    run = write_desk(tmp_path / "run")
    export_verifiers(run, tmp_path / "desk", load_settings(None, ()))
    call = {"id": "1", "type": "function", "function": {"name": "forget", "arguments": "{}"}}

    def policy(messages: list) -> dict:
        if messages[-1]["role"] == "tool":
            return {"role": "assistant", "content": "Done."}
        return {"role": "assistant", "content": None, "tool_calls": [call]}

    with endpoint(policy) as (url, _):
        (trace,) = evaluate(tmp_path, tmp_path / "desk", url)

    assert not trace["ok"]
    assert "scen-1 has no score" in json.dumps([one["errors"] for one in trace["traces"]])


def test_a_class_that_does_not_open_is_an_error_and_not_a_zero(tmp_path: Path) -> None:
    broken = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})
    run = write_desk(tmp_path / "run", broken, (make_scenario(),))
    export_verifiers(run, tmp_path / "desk", load_settings(None, ()))

    with endpoint(lambda _: {"role": "assistant", "content": "Done."}) as (url, _):
        (trace,) = evaluate(tmp_path, tmp_path / "desk", url)

    assert not trace["ok"]
    assert "LendingDesk" in json.dumps([one["errors"] for one in trace["traces"]])


@pytest.mark.parametrize("mcp", [False, True])
def test_calls_that_cannot_be_made_are_answered_in_words(tmp_path: Path, *, mcp: bool) -> None:
    if mcp:
        pytest.importorskip("uv", reason="verifiers' own harnesses need uv and a registry")
    run = write_desk(tmp_path / "run")
    export_verifiers(run, tmp_path / "desk", load_settings(None, ()))
    made = [("burn", "{}"), ("lend", "[1]"), ("lend", json.dumps(LEND))]

    def policy(messages: list[dict]) -> dict:
        turn = sum(one["role"] == "assistant" for one in messages)
        if turn == len(made):
            return {"role": "assistant", "content": "Done."}
        function = dict(zip(("name", "arguments"), made[turn], strict=True))
        call = {"id": f"call_{turn}", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}

    options = ("--env.agent.harness.id", "null", "--env.taskset.mcp", "true") if mcp else ()
    with endpoint(policy) as (url, asked):
        (episode,) = evaluate(tmp_path, tmp_path / "desk", url, *options, offline=not mcp)

    told = [one["content"] for one in asked[-1]["messages"] if one["role"] == "tool"]
    assert "burn" in str(told[0])
    assert "object" in str(told[1])
    assert "B2 is lent to Ada" in str(told[2])
    assert reward_of(episode) == 1.0


def test_a_package_is_not_written_over_another(tmp_path: Path, package: Path) -> None:
    with pytest.raises(ConfigError, match="exists"):
        export_verifiers(tmp_path, package, load_settings(None, ()))
    with pytest.raises(ConfigError, match="is no name"):
        export_verifiers(tmp_path, tmp_path / "No Name", load_settings(None, ()))


def test_a_simulated_user_tells_the_task_bit_by_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_desk(tmp_path / "run")
    export_verifiers(run, tmp_path / "desk", load_settings(None, ()))

    with endpoint(acts) as (agent, asked), endpoint(speaks) as (user, heard):
        monkeypatch.setenv("USER_OPENAI_BASE_URL", user)
        monkeypatch.setenv("USER_OPENAI_API_KEY", "y")
        chosen = ("--env.taskset.user", "person", "--env.taskset.folder", str(run))
        (episode,) = evaluate(tmp_path, tmp_path / "desk", agent, *chosen)

    assert reward_of(episode) == 1.0
    roles = [one["role"] for one in asked[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "tool"]
    assert [one["content"] for one in asked[-1]["messages"] if one["role"] == "user"] == [*TOLD]
    assert "goes to the user, who will answer" in asked[0]["messages"][0]["content"]
    assert {body["model"] for body in heard} == {"person"}
    assert len(heard) == 3


def test_a_user_who_does_not_answer_is_an_error_and_not_a_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_desk(tmp_path / "run")
    export_verifiers(run, tmp_path / "desk", load_settings(None, ()))

    with endpoint(acts) as (agent, _), endpoint(lambda _: {"content": "no"}) as (user, _):
        monkeypatch.setenv("USER_OPENAI_BASE_URL", user)
        monkeypatch.setenv("USER_OPENAI_API_KEY", "y")
        chosen = ("--env.taskset.user", "person", "--env.taskset.folder", str(run))
        (episode,) = evaluate(tmp_path, tmp_path / "desk", agent, *chosen)

    assert not episode["ok"]
    assert "Write one <message>" in json.dumps([one["errors"] for one in episode["traces"]])


def test_rows_of_a_package_cannot_be_talked_about(tmp_path: Path) -> None:
    row = desk_row(tmp_path)

    with pytest.raises(ConfigError, match="needs a scenario of a run folder, and scen-1 is none"):
        with_environment(row)
