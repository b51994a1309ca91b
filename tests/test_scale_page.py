"""The recipes of docs/scale.md, as far as one machine can try them."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import pytest
import yaml
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.jsonl import write_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.resources import DEMO
from tests.interact.fakes import make_environment

CHECKOUT = Path(__file__).parents[1]
EXAMPLE = CHECKOUT / "data" / "example"
PAGE = (CHECKOUT / "docs" / "scale.md").read_text(encoding="utf-8")


ENVSCALER = f"""#!/bin/bash
exec {sys.executable} -m envscaler "$1" $([ "$1" = merge ] || echo --config demo) "${{@:2}}"
"""
"""This checkout, with the settings of the demo."""


def blocks(title: str, language: str) -> list[str]:
    """Return the blocks of a section."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def block(title: str, language: str) -> str:
    """Return the first block of a section."""
    return blocks(title, language)[0]


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A run that has environments."""
    folder = tmp_path / "RUN"
    folder.mkdir()
    shutil.copy(EXAMPLE / "envs.jsonl", folder)
    with Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return folder


@pytest.fixture
def run(begun: Path) -> Path:
    """A run that has scenarios."""
    shutil.copy(EXAMPLE / "scenarios.jsonl", begun)
    return begun


def shell(line: str, variables: Mapping[str, str] | None = None, *, check: bool = True) -> None:
    """Run a shell line in which `envscaler` is this one, with the settings of the demo.

    Args:
        line: What a person types.
        variables: That the line reads.
        check: Whether it has to end with 0; an examination that finds something does not.
    """
    python = f"{shlex.quote(sys.executable)} -m envscaler"
    line = re.sub(r"envscaler rollout\b", f"{python} rollout --config demo", line)
    line = re.sub(r"envscaler (merge|verify|certify|check-env)\b", rf"{python} \1", line)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CHECKOUT), **(variables or {})}
    subprocess.run(["bash", "-c", line], check=check, env=environment, capture_output=True)


def typed(*words: str) -> None:
    """Run a command without a process of its own."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output


def assert_played(run: Path) -> None:
    for name in ("rollouts", "trajectories"):
        made, wanted = (each / f"{name}.jsonl" for each in (run, EXAMPLE))
        assert made.read_bytes() == wanted.read_bytes()


SBATCH = """#!/bin/bash
# Does at once, in order, what Slurm would queue: an array of two tasks, or one line.
while [ $# -gt 0 ]; do
  case $1 in
  --parsable) ;;
  --dependency=afterok:7) ;;
  --wrap) bash -c "$2" >&2 && echo 7; exit ;;
  *.sh)
    for task in 0 1; do
      SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=2 bash "$@" >&2 || exit
    done
    echo 7; exit ;;
  *) exit 1 ;;
  esac
  shift
done
"""
"""It answers with a job's number only where all went well, and knows no other dependency."""


@pytest.mark.slow
def test_a_chain_of_slurm_arrays_makes_the_run(begun: Path, tmp_path: Path) -> None:
    script, chain = blocks("Slurm", "bash")
    (tmp_path / "shard.sh").write_text(script)
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in {"sbatch": SBATCH, "envscaler": ENVSCALER}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)

    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", chain],
        check=True,
        cwd=tmp_path,
        env={"PATH": f"{commands}:/usr/bin:/bin", "RUN": str(begun), "PYTHONPATH": str(CHECKOUT)},
    )

    assert (begun / "scenarios.jsonl").read_bytes() == (EXAMPLE / "scenarios.jsonl").read_bytes()
    assert_played(begun)


@pytest.mark.slow
def test_commands_that_look_again_do_so_in_shards(run: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.partition("\n## Shards\n")[2], re.DOTALL)
    lines = next(each for each in blocks if "envscaler verify" in each).splitlines()
    write_rows(run / "classes.jsonl", [make_environment()])
    names = {"RUN": str(run), "CHECK": str(run / "check"), "envs.jsonl": str(run / "classes.jsonl")}

    for line in lines:
        said = line.partition("#")[0]
        for name, path in names.items():
            said = re.sub(rf"\b{re.escape(name)}\b", path, said)
        for index in range(3) if "--shard" in said else (0,):
            shell(said.replace("0/3", f"{index}/3"), check="CHECK" not in line)

    for made in ("verified.jsonl", "certificate.json", "check/examined.jsonl"):
        assert (run / made).stat().st_size


def test_an_indexed_job_makes_the_run(run: Path) -> None:
    job = yaml.safe_load(block("Kubernetes", "yaml"))
    assert job["spec"]["completionMode"] == "Indexed"
    shells, option, line = job["spec"]["template"]["spec"]["containers"][0]["command"]
    assert (shells, option) == ("sh", "-c")
    assert f"/{job['spec']['completions']}" in line
    small = line.replace("/data/RUN", str(run)).replace(f"/{job['spec']['completions']}", "/1")

    shell(small, {"JOB_COMPLETION_INDEX": "0"})
    typed("merge", str(run))

    assert_played(run)


@pytest.mark.parametrize("title", ["Hugging Face Jobs", "Modal"])
def test_the_command_of_a_python_recipe_makes_the_run(run: Path, title: str) -> None:
    tree = ast.parse(block(title, "python"))
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    source = next(ast.unparse(node) for node in own if node.name == "command")
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102 (a function of our own page)
    command = cast("Callable[[int, int], list[str]]", names["command"])

    words = [word.replace("/data/RUN", str(run)) for word in command(0, 1)]
    assert words[:2] == ["envscaler", "rollout"]
    typed("rollout", "--config", "demo", *words[2:])
    typed("merge", str(run))

    assert_played(run)
