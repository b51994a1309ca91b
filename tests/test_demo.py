"""The demo: a fresh replay gives the example run byte for byte, and so does a live endpoint."""

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from envscaler.chat import Role
from envscaler.cli.demo import run_demo
from envscaler.config import Settings, load_settings
from envscaler.interact.rollout import rollout
from envscaler.jsonl import read_rows
from envscaler.pipeline.opening import open_run
from envscaler.records import Environment, Trajectory
from envscaler.resources import DEMO
from envscaler.scen_generator.generate import gen_scen
from envscaler.skel_builder.build import build_skel
from tests.stub_server import Behaviour, StubServer

EXAMPLE = Path(__file__).parents[1] / "data" / "example"
FILES = sorted(path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*") if path.is_file())
ROWS = [path for path in FILES if path.parent == Path() and path.suffix == ".jsonl"]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    run_demo(folder)
    return folder


def test_the_example_holds_every_artifact() -> None:
    names = {path.stem for path in ROWS}

    assert names >= {"tasks", "topics", "envs", "scenarios", "trajectories", "dropped"}


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_replay_gives_the_example_byte_for_byte(replayed: Path, path: Path) -> None:
    assert (replayed / path).read_bytes() == (EXAMPLE / path).read_bytes()


@pytest.mark.slow
def test_a_second_replay_in_the_same_folder_changes_nothing(replayed: Path) -> None:
    before = {path: (replayed / path).read_bytes() for path in FILES}

    run_demo(replayed)

    assert {path: (replayed / path).read_bytes() for path in FILES} == before


@pytest.mark.slow
def test_a_live_endpoint_that_says_the_same_gives_the_same_artifacts(tmp_path: Path) -> None:
    with StubServer(Behaviour(recording=str(DEMO / "replies.jsonl"))) as stub:
        places = [f"models.{role}.base_url={stub.url}" for role in get_args(Role)]
        settings = load_settings("demo", ["llm.policy=live", *places])
        asyncio.run(every_stage(tmp_path, settings))

    for path in ROWS:
        assert (tmp_path / path).read_bytes() == (EXAMPLE / path).read_bytes(), path


def test_the_demo_covers_what_the_pipeline_can_do() -> None:
    environments = list(read_rows(EXAMPLE / "envs.jsonl", Environment))
    episodes = list(read_rows(EXAMPLE / "rollouts.jsonl", Trajectory))

    assert len(environments) >= 3
    assert min(len(each.tools) for each in environments) >= 12
    assert {(each.dialogue, each.tool_format) for each in episodes} == {
        ("single_turn", "native"),
        ("single_turn", "text"),
        ("simulated_user", "native"),
        ("simulated_user", "text"),
    }


async def every_stage(folder: Path, settings: Settings) -> None:
    async with open_run(folder, settings, "build-skel") as run:
        await build_skel(run, DEMO / "tasks.jsonl")
    async with open_run(folder, settings, "gen-scen") as run:
        await gen_scen(run)
    async with open_run(folder, settings, "rollout") as run:
        await rollout(run)
