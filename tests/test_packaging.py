"""A wheel carries what the command needs, and the README's commands are those that CI runs."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from envscaler.resources import CONFIGS, DEMO, PROMPTS

CHECKOUT = Path(__file__).parents[1]
SET_UP = ("pip install -e . && envscaler demo", "pip install -e '.[test]' && pytest")


@pytest.mark.slow
def test_a_wheel_holds_every_resource(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build backend comes with the extra `test`")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]

    subprocess.run([*pip, "--wheel-dir", str(tmp_path), str(CHECKOUT)], check=True, timeout=300)

    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    for folder in (PROMPTS, CONFIGS, DEMO):
        files = [path for path in folder.rglob("*") if path.is_file()]
        names = {f"envscaler/_data/{path.relative_to(CHECKOUT).as_posix()}" for path in files}
        assert names <= packed
    beside_code = [path for path in (CHECKOUT / "envscaler").rglob("*") if path.is_file()]
    names = {path.relative_to(CHECKOUT).as_posix() for path in beside_code}
    assert {name for name in names if "__pycache__" not in name} <= packed


@pytest.mark.parametrize("command", SET_UP)
def test_the_set_up_commands_are_in_the_readme(command: str) -> None:
    head = (CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()[:40]

    assert [line for line in head if line.startswith(command)] != []


@pytest.mark.parametrize("command", SET_UP)
def test_ci_runs_the_set_up_commands(command: str) -> None:
    script = (CHECKOUT / ".ci/run").read_text(encoding="utf-8")

    assert command in script


def test_the_licence_is_the_one_that_is_declared() -> None:
    licence = (CHECKOUT / "LICENSE").read_text(encoding="utf-8")

    assert re.match(r"MIT License\n\nCopyright \(c\) 2026 The envscaler authors\n", licence)
    assert 'license = "MIT"' in (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
