"""OpenEnv's own registry and policy take our semantic graders, and they judge packages."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("openenv.validation.graders", reason="the extra `openenv` is not installed")

from openenv.validation.graders import Grader, GraderRegistry, Subject
from openenv.validation.parsers.openenv_yaml import OpenEnvYamlParser
from openenv.validation.policy import load_policy
from openenv.validation.report import CheckResult
from openenv.validation.types import CheckStatus, Lane, Level

from tests.adapters.example import EXAMPLE

pytestmark = pytest.mark.filterwarnings("ignore")

MANIFEST = """\
name: desk
version: 0.1.0
validation:
  reward: {range: [0.0, 1.0], floor_margin: 0.5}
  resources: {cpu: 1, memory_mb: 1024, disk_mb: 100, episode_timeout_s: 60}
  capabilities: {verifier: {kind: reward_channel}}
  types: {tags: [TAG]}
"""


def make_package(folder: Path, *, tag: str = "envscaler", plant: bool = False) -> Path:
    """Write a package with the scenarios of one environment."""
    (folder / "data").mkdir(parents=True)
    (folder / "openenv.yaml").write_text(MANIFEST.replace("TAG", tag), encoding="utf-8")
    shutil.copy(EXAMPLE / "envs.jsonl", folder / "data")
    line = (EXAMPLE / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    row = json.loads(line)
    if plant:
        row["task"] += f" Call {json.dumps(row['proof']['reference'][-1]['arguments'])}."
    (folder / "data/scenarios.jsonl").write_text(f"{json.dumps(row)}\n", encoding="utf-8")
    return folder


def select(package: Path) -> tuple[list[Grader], Subject]:
    manifest = OpenEnvYamlParser().parse(package)
    registry = GraderRegistry()
    assert registry.load_entry_points() == 8
    subject = Subject(package, manifest, None, None, package / "outputs")
    return registry.select(manifest, Level.SEMANTIC), subject


def test_every_semantic_check_of_the_policy_has_its_grader(tmp_path: Path) -> None:
    graders, _ = select(make_package(tmp_path / "package"))

    wanted = {
        one.check_id
        for one in load_policy("v2").entries_for_lane(Lane.LOCAL).values()
        if one.level is Level.SEMANTIC
    }
    assert {grader.check_id for grader in graders} == wanted
    assert all(isinstance(grader, Grader) for grader in graders)


def test_a_sound_package_passes(tmp_path: Path) -> None:
    graders, subject = select(make_package(tmp_path / "package"))

    results = [grader.run(subject) for grader in graders]

    assert all(isinstance(one, CheckResult) for one in results)
    assert [one for one in results if one.status is not CheckStatus.PASS] == []


def test_a_leaked_solution_fails_under_its_id(tmp_path: Path) -> None:
    graders, subject = select(make_package(tmp_path / "package", plant=True))

    failed = [one for one in (grader.run(subject) for grader in graders) if one.status != "pass"]

    assert [one.check_id for one in failed] == ["semantic.no_solution_leakage"]
    assert "holds a call of the reference" in failed[0].evidence[0]


def test_packages_of_others_are_left_alone(tmp_path: Path) -> None:
    graders, _ = select(make_package(tmp_path / "package", tag="swe"))

    assert graders == []


def test_a_package_without_rows_is_an_error_in_words(tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    shutil.rmtree(package / "data")
    graders, subject = select(package)

    results = {grader.run(subject).status for grader in graders}

    assert results == {CheckStatus.ERROR}
