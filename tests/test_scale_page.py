"""The recipes of docs/scale.md, as far as one machine can try them."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import yaml

from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.resources import DEMO

CHECKOUT = Path(__file__).parents[1]
EXAMPLE = CHECKOUT / "data" / "example"
PAGE = (CHECKOUT / "docs" / "scale.md").read_text(encoding="utf-8")


def block(title: str, language: str) -> str:
    """Return the first block of a section."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "RUN"
    folder.mkdir()
    for name in ("envs", "scenarios"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", folder)
    with Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return folder


def shell(line: str, **variables: str) -> None:
    """Run a shell line in which `envscaler` is this one, with the settings of the demo."""
    python = f"{shlex.quote(sys.executable)} -m envscaler"
    line = re.sub(r"envscaler rollout\b", f"{python} rollout --config demo", line)
    line = re.sub(r"envscaler merge\b", f"{python} merge", line)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CHECKOUT), **variables}
    subprocess.run(["bash", "-c", line], check=True, env=environment, capture_output=True)


def assert_played(run: Path) -> None:
    for name in ("rollouts", "trajectories"):
        made, wanted = (each / f"{name}.jsonl" for each in (run, EXAMPLE))
        assert made.read_bytes() == wanted.read_bytes()


def test_a_slurm_array_makes_the_run(run: Path) -> None:
    script = block("Slurm", "bash")

    for task in range(2):
        numbers = {"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": "2"}
        shell(script, RUN=str(run), **numbers)
    merge = re.search(r'--wrap "(envscaler merge \$RUN)"', PAGE)
    assert merge is not None
    shell(merge[1], RUN=str(run))

    assert_played(run)


def test_an_indexed_job_makes_the_run(run: Path) -> None:
    job = yaml.safe_load(block("Kubernetes", "yaml"))
    assert job["spec"]["completionMode"] == "Indexed"
    shells, option, line = job["spec"]["template"]["spec"]["containers"][0]["command"]
    assert (shells, option) == ("sh", "-c")
    assert f"/{job['spec']['completions']}" in line
    small = line.replace("/data/RUN", str(run)).replace(f"/{job['spec']['completions']}", "/1")

    shell(small, JOB_COMPLETION_INDEX="0")
    shell("envscaler merge $RUN", RUN=str(run))

    assert_played(run)


@pytest.mark.parametrize("title", ["Hugging Face Jobs", "Modal"])
def test_the_command_of_a_python_recipe_makes_the_run(run: Path, title: str) -> None:
    tree = ast.parse(block(title, "python"))
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    source = next(ast.unparse(node) for node in own if node.name == "command")
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102 (a function of our own page)
    command = cast("Callable[[int, int], list[str]]", names["command"])

    shell(shlex.join(word.replace("/data/RUN", str(run)) for word in command(0, 1)))
    shell("envscaler merge $RUN", RUN=str(run))

    assert_played(run)
