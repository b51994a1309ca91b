"""Shards that are merged give the artifacts of one run, byte for byte."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ArtifactError, ConfigError, EnvScalerError
from envscaler.jsonl import RowWriter, read_rows, write_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import export_store, import_store
from envscaler.llm.store import Store
from envscaler.merge import merging
from envscaler.pipeline.shards import Shard, ShardNote, note_path
from envscaler.resources import DEMO

EXAMPLE = Path(__file__).parents[1] / "data" / "example"
ARTIFACTS = sorted(path.name for path in EXAMPLE.glob("*.jsonl"))
COMMANDS = ("build-skel", "gen-scen", "rollout")


def call(*arguments: object) -> str:
    """Run a command as a user does; an error of ours is raised as it is."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, EnvScalerError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def begin(folder: Path) -> Path:
    """Make a run folder that holds the recorded replies of the demo."""
    folder.mkdir(parents=True)
    with Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return folder


def make(command: str, run: Path, *more: object) -> str:
    """Run one command of the demo."""
    tasks = ("--tasks", DEMO / "tasks.jsonl") if command == "build-skel" else ()
    return call(command, *tasks, "--run", run, "--config", "demo", *more)


def make_shards(command: str, run: Path, count: int, only: Iterable[int] | None = None) -> None:
    for index in range(count) if only is None else only:
        make(command, run, "--shard", f"{index}/{count}")


def replies(run: Path) -> bytes:
    """Return the replies of a run, as `envscaler store export` writes them."""
    with Store(run / STORE) as store:
        export_store(store, run / "replies.export")
    return (run / "replies.export").read_bytes()


def assert_like_the_example(run: Path) -> None:
    for name in ARTIFACTS:
        assert (run / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


@pytest.fixture(scope="module")
def until_topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose topics are selected, from two shards."""
    run = begin(tmp_path_factory.mktemp("shards") / "run")
    make_shards("build-skel", run, 2)
    call("merge", run)
    return run


@pytest.fixture(scope="module")
def until_envs(tmp_path_factory: pytest.TempPathFactory, until_topics: Path) -> Path:
    """A run with environments, from seven shards."""
    run = tmp_path_factory.mktemp("shards") / "run"
    shutil.copytree(until_topics, run)
    make_shards("build-skel", run, 7)
    call("merge", run)
    return run


@pytest.fixture
def run(tmp_path: Path, until_envs: Path) -> Path:
    return Path(shutil.copytree(until_envs, tmp_path / "run"))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_merged_shards_are_one_run_byte_for_byte(tmp_path: Path, count: int) -> None:
    run = begin(tmp_path / "run")

    for command in ("build-skel", *COMMANDS):
        make_shards(command, run, count)
        call("merge", run)

    assert_like_the_example(run)
    with Store(run / STORE) as store:
        assert export_store(store, tmp_path / "all") == export_store_of_demo(tmp_path)
