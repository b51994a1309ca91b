"""Shards that are merged give the artifacts of one run, byte for byte."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import orjson
import pytest

from envscaler.chat import Role
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_rows, write_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import export_store, import_store
from envscaler.llm.store import Store
from envscaler.merge import merging
from envscaler.pipeline.shards import Shard, ShardNote, note_path
from envscaler.records import Dropped, Environment, Scenario
from envscaler.resources import DEMO
from tests.conftest import RoomFor
from tests.sharding import EXAMPLE, call, kill_once_written
from tests.stub_server import Behaviour, StubServer

pytestmark = pytest.mark.slow
ARTIFACTS = sorted(path.name for path in EXAMPLE.glob("*.jsonl"))


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
    """Run all shards of a command, or only some of them."""
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
def until_envs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the demo whose environments are made."""
    run = begin(tmp_path_factory.mktemp("made") / "run")
    for name in ("tasks", "candidates", "topics", "skeletons", "assessments", "envs"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", run)
    later = {"gen-scen", "dedupe", "rollout", "filter"}
    drops = read_rows(EXAMPLE / "dropped.jsonl", Dropped)
    write_rows(run / "dropped.jsonl", (row for row in drops if row.stage not in later))
    return run


@pytest.fixture(scope="module")
def until_shards(tmp_path_factory: pytest.TempPathFactory, until_envs: Path) -> Path:
    """The same, and two shards have made its scenarios."""
    run = tmp_path_factory.mktemp("sharded") / "run"
    shutil.copytree(until_envs, run)
    make_shards("gen-scen", run, 2)
    return run


@pytest.fixture
def run(tmp_path: Path, until_envs: Path) -> Path:
    return Path(shutil.copytree(until_envs, tmp_path / "run"))


@pytest.fixture
def sharded(tmp_path: Path, until_shards: Path) -> Path:
    return Path(shutil.copytree(until_shards, tmp_path / "run"))


def test_merged_environments_are_those_of_one_run_byte_for_byte(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")

    make_shards("build-skel", run, 2)
    call("merge", run)
    make_shards("build-skel", run, 7)
    call("merge", run)

    for name in ("tasks", "candidates", "topics", "skeletons", "assessments", "envs"):
        made, wanted = (each / f"{name}.jsonl" for each in (run, EXAMPLE))
        assert made.read_bytes() == wanted.read_bytes(), name


@pytest.mark.parametrize("count", [2, 3, 7])
def test_merged_shards_are_one_run_byte_for_byte(tmp_path: Path, run: Path, count: int) -> None:
    recorded = replies(begin(tmp_path / "recorded"))

    for command in ("gen-scen", "rollout"):
        make_shards(command, run, count)
        call("merge", run)

    assert_like_the_example(run)
    assert replies(run) == recorded


@pytest.mark.parametrize("count", [2, 3])
def test_tiers_in_shards_are_those_of_one_run(tmp_path: Path, until_envs: Path, count: int) -> None:
    one = Path(shutil.copytree(until_envs, tmp_path / "one"))
    run = Path(shutil.copytree(until_envs, tmp_path / "run"))
    tiers = ("gen-scen", "--config", "demo", "--tiers", "1,2", "--per-tier", "2", "--ordered")
    call(*tiers, "--run", one)

    for index in range(count):
        call(*tiers, "--run", run, "--shard", f"{index}/{count}")
    call("merge", run)

    for name in ("scenario_candidates.jsonl", "scenarios.jsonl", "dropped.jsonl"):
        assert (run / name).read_bytes() == (one / name).read_bytes(), name
    assert {
        row.shape.tier for row in read_rows(run / "scenarios.jsonl", Scenario) if row.shape
    } == {
        1,
        2,
    }


def test_the_first_merge_may_make_the_run(tmp_path: Path, until_envs: Path) -> None:
    copies = [Path(shutil.copytree(until_envs, tmp_path / f"copy-{index}")) for index in range(2)]
    for index, copy in enumerate(copies):
        make("gen-scen", copy, "--shard", f"{index}/2")

    call("merge", *copies, "--into", tmp_path / "new")
    make("rollout", tmp_path / "new")

    assert_like_the_example(tmp_path / "new")


def test_what_looks_at_all_rows_is_said_to_come_at_the_merge(
    run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="envscaler")

    make("gen-scen", run, "--shard", "0/2")

    assert "texts to avoid and tiers that lack scenarios are looked for at the merge" in caplog.text
    assert not (run / "scenarios.jsonl").exists()


def test_a_shard_that_was_killed_is_continued(sharded: Path) -> None:
    call("merge", sharded)
    killed = kill_shard(sharded, "0/3")

    make_shards("rollout", sharded, 3)
    call("merge", sharded)

    assert killed
    assert_like_the_example(sharded)


def test_shards_may_be_killed_and_their_number_changed(sharded: Path) -> None:
    call("merge", sharded)
    killed = kill_shard(sharded, "0/2")

    make_shards("rollout", sharded, 3)
    call("merge", sharded)

    assert killed
    assert_like_the_example(sharded)


def test_a_shard_whose_disk_is_full_is_named_and_continued(
    sharded: Path, room_for: RoomFor
) -> None:
    call("merge", sharded)
    make_shards("rollout", sharded, 2, only=[0])
    with room_for(100_000), pytest.raises(ArtifactError, match="cannot be written: File too large"):
        make_shards("rollout", sharded, 2, only=[1])

    with pytest.raises(ConfigError, match="rollout: shard 1/2 has not come to its end"):
        call("merge", sharded)
    make_shards("rollout", sharded, 2, only=[1])
    call("merge", sharded)

    assert_like_the_example(sharded)


def test_no_reply_is_paid_twice_when_the_number_changes(tmp_path: Path, until_envs: Path) -> None:
    run = Path(shutil.copytree(until_envs, tmp_path / "run"))
    (run / STORE).unlink()
    with StubServer(Behaviour(recording=str(DEMO / "replies.jsonl"))) as stub:
        places = [f"models.{role}.base_url={stub.url}" for role in get_args(Role)]
        live = [part for each in ("llm.policy=live", *places) for part in ("--set", each)]
        make("gen-scen", run, "--shard", "0/2", *live)
        for index in range(3):
            make("gen-scen", run, "--shard", f"{index}/3", *live)
        asked = [orjson.dumps(each) for each in stub.requests]
    call("merge", run)

    assert len(asked) == len(set(asked))
    assert (run / "scenarios.jsonl").read_bytes() == (EXAMPLE / "scenarios.jsonl").read_bytes()


def test_a_merge_that_was_killed_is_finished_by_the_same_command(sharded: Path) -> None:
    with pytest.raises(KeyError), merging([sharded], sharded):
        raise KeyError  # as if the process ended here

    with pytest.raises(ConfigError, match="was not finished; run the same `envscaler merge`"):
        make("gen-scen", sharded, "--shard", "0/2")
    call("merge", sharded)

    assert (sharded / "scenarios.jsonl").read_bytes() == (EXAMPLE / "scenarios.jsonl").read_bytes()


@pytest.mark.parametrize("text", ["3/3", "1", "1/0", "-1/3", "a/b", "1/2/3", ""])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="give i/n with i from 0 to n-1"):
        Shard.parse(text)


def test_a_missing_shard_is_named(run: Path) -> None:
    make_shards("gen-scen", run, 3, only=(0, 2))

    with pytest.raises(ConfigError, match="gen-scen: shard 1/3 is missing; run what is missing"):
        call("merge", run)
    assert not (run / "scenario_candidates.jsonl").exists()


def test_a_shard_that_is_not_at_its_end_is_named(sharded: Path) -> None:
    set_note(sharded / "shards" / "1-of-2", state="begun")

    with pytest.raises(ConfigError, match="shard 1/2 has not come to its end"):
        call("merge", sharded)


def test_a_shard_given_twice_is_named(tmp_path: Path, sharded: Path) -> None:
    copy = shutil.copytree(sharded, tmp_path / "copy")

    with pytest.raises(ConfigError, match=r"shard 0/2 .* is given twice, also as .*copy"):
        call("merge", sharded, copy, "--into", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_shards_with_other_settings_are_refused_at_their_begin(run: Path) -> None:
    make("gen-scen", run, "--shard", "0/2")

    with pytest.raises(ConfigError, match=r"shards 1/2 and 0/2 .* other settings: seed is 7"):
        make("gen-scen", run, "--shard", "1/2", "--set", "seed=7")


def test_shards_with_another_number_of_scenarios_are_refused(tmp_path: Path, run: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    make("gen-scen", run, "--shard", "0/2")
    make("gen-scen", copy, "--shard", "1/2", "--set", "scen_generator.scenarios_per_env=1")

    with pytest.raises(ConfigError, match=r"other settings: scen_generator.scenarios_per_env is 2"):
        call("merge", run, copy, "--into", run)
    assert not (run / "scenario_candidates.jsonl").exists()


def test_shards_of_another_version_are_refused(sharded: Path) -> None:
    set_note(sharded / "shards" / "1-of-2", version="9.9")

    with pytest.raises(ConfigError, match=r"are of envscaler .* and 9\.9; use one version"):
        call("merge", sharded)


def test_shards_that_were_given_other_rows_are_refused(tmp_path: Path, run: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    rows = list(read_rows(copy / "envs.jsonl", Environment))
    write_rows(copy / "envs.jsonl", rows[:2])
    make("gen-scen", run, "--shard", "0/2")
    make("gen-scen", copy, "--shard", "1/2")

    with pytest.raises(ConfigError, match="were not given the same rows"):
        call("merge", run, copy, "--into", run)
    assert not (run / "scenario_candidates.jsonl").exists()


def test_a_run_whose_rows_have_changed_is_refused(sharded: Path) -> None:
    rows = list(read_rows(sharded / "envs.jsonl", Environment))
    write_rows(sharded / "envs.jsonl", rows[:2])

    with pytest.raises(ConfigError, match="is not what the shards of gen-scen were given"):
        call("merge", sharded)
    assert not (sharded / "scenario_candidates.jsonl").exists()


def test_a_torn_file_is_named(sharded: Path) -> None:
    path = sharded / "shards" / "1-of-2" / "scenario_candidates.jsonl"
    path.write_bytes(path.read_bytes()[100:])

    with pytest.raises(ArtifactError, match=r"1-of-2.scenario_candidates.jsonl:1 is torn"):
        call("merge", sharded)
    assert not (sharded / "scenario_candidates.jsonl").exists()


def test_a_row_that_is_lost_is_named(sharded: Path) -> None:
    path = sharded / "shards" / "1-of-2" / "scenario_candidates.jsonl"
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(ArtifactError, match="no shard has made spec-"):
        call("merge", sharded)


def test_a_folder_without_shards_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no shard has worked there; make some with `--shard i/n"):
        call("merge", begin(tmp_path / "run"))


def test_what_is_merged_is_not_merged_again(sharded: Path) -> None:
    call("merge", sharded)

    with pytest.raises(ConfigError, match="all shards are merged already"):
        call("merge", sharded)


def test_a_full_disk_stops_the_merge_and_the_same_command_ends_it(sharded: Path) -> None:
    full = sharded / "scenario_candidates.jsonl"
    full.symlink_to("/dev/full")

    with pytest.raises(ArtifactError, match="cannot be written"):
        call("merge", sharded)
    full.unlink()
    call("merge", sharded)

    assert (sharded / "scenarios.jsonl").read_bytes() == (EXAMPLE / "scenarios.jsonl").read_bytes()


def set_note(folder: Path, **changed: object) -> None:
    path = note_path(folder, "gen-scen")
    write_rows(path, [row.model_copy(update=changed) for row in read_rows(path, ShardNote)])


def kill_shard(run: Path, shard: str) -> bool:
    """Kill a shard of rollouts with SIGKILL once it has written two rows."""
    rows = Shard.parse(shard).folder(run) / "rollouts.jsonl"
    options = ("--run", run, "--shard", shard, "--workers", "1")
    return kill_once_written(rows, 2, "rollout", "--config", "demo", *options)
