"""The order in which Python keeps sets, which differs from process to process, decides nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENTS = Path(__file__).parents[1] / "examples/train/environments"
SEEDS = ("1", "2", "3")
_TAKEN = re.compile(r'"(seconds|at|started|finished)": [\d.]+')


def run(seed: str, *command: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "envscaler", *map(str, command)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["library", "lockers"])
def test_an_examination_finds_the_same_under_every_hash_seed(name: str) -> None:
    found = {
        _TAKEN.sub("", run(seed, "check-env", ENVIRONMENTS / f"{name}.py", "--json"))
        for seed in SEEDS
    }

    assert len(found) == 1


@pytest.mark.slow
def test_scenarios_are_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    made: set[str] = set()
    for seed in SEEDS:
        folder = tmp_path / seed
        run(seed, "import", ENVIRONMENTS / "lockers.py", "--run", folder)
        run(
            *(seed, "gen-scen", "--phrasing", "template", "--tiers", "1-3", "--per-tier", 2),
            *("--ordered", "--run", folder),
        )
        rows = (folder / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()
        made.add(json.dumps([{**json.loads(row), "provenance": None} for row in rows]))

    assert len(made) == 1
    assert "task" in made.pop()
