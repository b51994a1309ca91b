"""Harbor tasks: their scripts run as in the containers, and Harbor's own checks of them."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envscaler.adapters.harbor import CALLS, export_harbor
from envscaler.env import Env
from envscaler.errors import ConfigError
from envscaler.functions import export_rl
from tests.adapters.example import CHECKOUT, EXAMPLE, proven, solution
from tests.face import write_desk


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as tasks."""
    folder = tmp_path_factory.mktemp("harbor")
    shutil.copytree(EXAMPLE, folder / "run")
    export_rl(folder / "run", settings=("train.validation_share=0",))
    export_harbor(folder / "run", folder / "tasks")
    return folder / "tasks"


def run_script(script: Path, task: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of a task with a folder in the place of the container's root."""
    for place in ("opt/envscaler", "var/lib/envscaler", "logs/verifier", "bin", "tests"):
        (root / place).mkdir(parents=True, exist_ok=True)
    shutil.copy(task / "environment/scenario.json", root / "opt/envscaler")
    shutil.copy(task / "tests/scenario.json", root / "tests")
    tool = root / "bin/tool"
    line = (task / "environment/Dockerfile").read_text(encoding="utf-8").split("'")[5]
    tool.write_text(f"#!/bin/sh\n{moved(line, root)}\n", encoding="utf-8")
    tool.chmod(0o755)
    copy = root / script.name
    copy.write_text(moved(script.read_text(encoding="utf-8"), root), encoding="utf-8")
    path = os.pathsep.join((str(root / "bin"), str(Path(sys.executable).parent), "/usr/bin:/bin"))
    return subprocess.run(
        ["/bin/sh", str(copy)],
        env={"PATH": path, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def moved(text: str, root: Path) -> str:
    for place in ("/opt/envscaler", "/var/lib/envscaler", "/logs/", "/tests/"):
        text = text.replace(f" {place}", f" {root}{place}")
    return text


def reward(task: Path, root: Path) -> float:
    done = run_script(task / "tests/test.sh", task, root)
    assert (done.returncode, done.stderr) == (0, "")
    return float((root / "logs/verifier/reward.txt").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_oracle_scores_1_twice_alike_and_a_no_op_what_a_run_says(
    tasks: Path, tmp_path: Path
) -> None:
    scenario = proven()[0]
    task = tasks / scenario.id

    outputs = []
    for number in ("first", "second"):
        done = run_script(task / "solution/solve.sh", task, tmp_path / number)
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(done.stdout)

    with Env(scenario) as env:
        nothing = env.score().reward
        texts = [env.call(call.name, call.arguments) for call in solution(scenario)]
    assert outputs == ["".join(f"{text}\n" for text in texts)] * 2
    assert [reward(task, tmp_path / number) for number in ("first", "second")] == [1.0, 1.0]
    assert reward(task, tmp_path / "nothing") == nothing


def test_the_agents_image_holds_neither_checks_nor_solution(tasks: Path) -> None:
    for task in tasks.iterdir():
        seen = json.loads((task / "environment/scenario.json").read_text(encoding="utf-8"))
        whole = json.loads((task / "tests/scenario.json").read_text(encoding="utf-8"))

        assert (seen["checks"], seen["reference"]) == ([], None)
        assert whole["checks"]


def test_an_environment_that_broke_leaves_no_reward_file(tmp_path: Path) -> None:
    run = write_desk(tmp_path / "run")
    export_rl(run, settings=("train.validation_share=0",))
    export_harbor(run, tmp_path / "tasks")
    task = tmp_path / "tasks" / "scen-1"
    breaks = tmp_path / "break.sh"
    breaks.write_text("tool forget\ntool burn '[1]'\n", encoding="utf-8")

    told = run_script(breaks, task, tmp_path / "root").stdout.splitlines()
    done = run_script(task / "tests/test.sh", task, tmp_path / "root")

    assert "not a JSON object" in told[1]
    assert done.returncode == 1
    assert "There is no score" in done.stderr
    assert not (tmp_path / "root/logs/verifier/reward.txt").exists()


def test_tasks_are_not_written_over_others(tasks: Path) -> None:
    with pytest.raises(ConfigError, match="exists"):
        export_harbor(tasks, tasks)


@pytest.mark.skipif(not importlib.util.find_spec("harbor"), reason="harbor is not installed")
def test_harbor_itself_finds_nothing_wrong_with_them(tasks: Path) -> None:
    from harbor.models.task.config import TaskConfig

    folders = sorted(tasks.iterdir())
    for task in folders:
        config = TaskConfig.model_validate_toml((task / "task.toml").read_text(encoding="utf-8"))
        assert [str(one) for one in config.artifacts] == [CALLS]
    command = [str(Path(sys.executable).with_name("harbor")), "lint", "--json", *map(str, folders)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    assert json.loads(done.stdout) == []
