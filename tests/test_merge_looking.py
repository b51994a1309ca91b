"""Shards of commands that look at rows again, or play benchmarks, give what one process does."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from envscaler.errors import ConfigError
from envscaler.jsonl import read_objects, read_rows, write_objects, write_rows
from envscaler.pipeline.shards import Shard, ShardNote, note_path
from envscaler.records import Scenario
from envscaler.scen_generator.proof.verify import Verified
from tests.benchmarks.invented_bfcl import install
from tests.interact.fakes import make_environment
from tests.sharding import EXAMPLE, call, call_shards, kill_once_written


@dataclass(frozen=True)
class Looking:
    """A command, and the files that it writes."""

    arguments: tuple[object, ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.arguments[0])


VERIFY = Looking(("verify",), ("verified.jsonl", "dropped.jsonl"))
FLOOR = Looking(("verify", "--floor"), ("floor.jsonl", "dropped.jsonl"))
REPLAY = Looking(("rollout", "--from", EXAMPLE / "rollouts.jsonl"), ("replays.jsonl",))
CERTIFY = Looking(("certify",), ("certified.jsonl", "certificate.json", "certificate.md"))
pytestmark = pytest.mark.slow


def begin(folder: Path) -> Path:
    """Make a run folder that holds what the demo has played."""
    folder.mkdir(parents=True)
    for name in ("envs", "scenarios", "rollouts"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", folder)
    return folder


def undisturbed(folder: Path, looking: Looking) -> list[bytes]:
    """Return what one process writes."""
    run = begin(folder / "one")
    call(*looking.arguments, "--run", run)
    return written(run, looking)


def written(run: Path, looking: Looking) -> list[bytes]:
    return [(run / name).read_bytes() for name in looking.files]


@pytest.mark.parametrize(
    ("looking", "count"),
    [
        *((VERIFY, count) for count in (2, 3, 7)),
        (REPLAY, 3),
        (FLOOR, 3),
        *((CERTIFY, count) for count in (2, 3, 7)),
    ],
    ids=lambda each: each.name if isinstance(each, Looking) else str(each),
)
def test_merged_shards_are_one_process_byte_for_byte(
    tmp_path: Path, looking: Looking, count: int
) -> None:
    run = begin(tmp_path / "run")

    call_shards(count, *looking.arguments, "--run", run)
    call("merge", run)

    assert written(run, looking) == undisturbed(tmp_path, looking)
    assert not (run / "store.sqlite").exists()  # no model was asked


def test_a_merge_says_what_one_process_says_and_ends_as_it_does(tmp_path: Path) -> None:
    one, run = begin(tmp_path / "one"), begin(tmp_path / "run")
    for folder in (one, run):
        rows = list(read_rows(folder / "scenarios.jsonl", Scenario))
        first, *others = rows[0].checks
        stored = first.model_copy(update={"initially_true": not first.initially_true})
        wrong = rows[0].model_copy(update={"checks": (stored, *others)})
        write_rows(folder / "scenarios.jsonl", [wrong, *rows[1:]])

    alone = call("verify", "--run", one, code=1)
    call_shards(2, "verify", "--run", run)
    merged = call("merge", run, code=1)

    table = alone.partition("\n\n")[2]
    assert "environment" in table
    assert table in merged


def test_a_killed_shard_goes_on_and_another_number_takes_over(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    rows = Shard(0, 2).folder(run) / "verified.jsonl"
    killed = kill_once_written(
        *(rows, 1, "verify", "--run", run, "--shard", "0/2", "--set", "runner.workers=1")
    )
    made = rows.read_bytes().splitlines()[0]

    call_shards(3, "verify", "--run", run)
    call("merge", run)

    assert killed
    assert made in (Shard(0, 3).folder(run) / "verified.jsonl").read_bytes().splitlines()
    assert written(run, VERIFY) == undisturbed(tmp_path, VERIFY)


def test_what_has_changed_is_not_taken_over_from_another_number(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    call_shards(2, "verify", "--run", run, only=(0,))
    old = Shard(0, 2).folder(run) / "verified.jsonl"
    rows = [row.model_copy(update={"measured": "before"}) for row in read_rows(old, Verified)]
    write_rows(old, [row.model_copy(update={"goals": 99}) for row in rows])

    call_shards(3, "verify", "--run", run)
    call("merge", run)

    assert written(run, VERIFY) == undisturbed(tmp_path, VERIFY)


def test_shards_look_anew_once_they_are_merged(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    call_shards(2, "verify", "--run", run)
    call("merge", run)
    rows = [
        row.model_copy(update={"goals": 99}) for row in read_rows(run / "verified.jsonl", Verified)
    ]
    write_rows(run / "verified.jsonl", rows)

    call_shards(2, "verify", "--run", run)
    call("merge", run)

    assert written(run, VERIFY) == undisturbed(tmp_path, VERIFY)


def test_shards_in_copies_are_merged_into_a_new_run(tmp_path: Path) -> None:
    copies = [begin(tmp_path / f"copy-{index}") for index in range(2)]
    for index, copy in enumerate(copies):
        call("verify", "--run", copy, "--shard", f"{index}/2")

    call("merge", *copies, "--into", tmp_path / "new")

    assert written(tmp_path / "new", VERIFY) == undisturbed(tmp_path, VERIFY)


@pytest.mark.parametrize("looking", [VERIFY, REPLAY], ids=lambda each: each.name)
def test_a_shard_given_twice_is_named(tmp_path: Path, looking: Looking) -> None:
    run = begin(tmp_path / "run")
    call_shards(2, *looking.arguments, "--run", run)
    copy = shutil.copytree(run, tmp_path / "copy")

    with pytest.raises(ConfigError, match=r"shard 0/2 .* is given twice, also as .*copy"):
        call("merge", run, copy, "--into", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    call_shards(3, "verify", "--run", run, only=(0, 2))

    with pytest.raises(ConfigError, match="verify: shard 1/3 is missing"):
        call("merge", run)
    assert not (run / "verified.jsonl").exists()


@pytest.mark.parametrize("command", [VERIFY, FLOOR, CERTIFY, REPLAY], ids=lambda each: each.name)
def test_shards_with_another_reward_are_refused(tmp_path: Path, command: Looking) -> None:
    run = begin(tmp_path / "run")
    name = {VERIFY: "verify", FLOOR: "verify --floor", CERTIFY: "certify"}.get(
        command, "rollout --from"
    )
    note = Shard(0, 2).folder(run)
    call_shards(2, "verify", "--run", run, only=(0,))
    [made] = read_rows(note_path(note, "verify"), ShardNote)
    write_rows(note_path(note, name), [made.model_copy(update={"command": name})])

    with pytest.raises(ConfigError, match=r"other settings: interact.reward is fraction in one"):
        call(
            *(*command.arguments, "--run", run, "--shard", "1/2"),
            *("--set", "interact.reward=fraction"),
        )


def test_shards_of_other_scenarios_are_refused(tmp_path: Path) -> None:
    run, other = begin(tmp_path / "run"), begin(tmp_path / "other")
    rows = list(read_rows(other / "scenarios.jsonl", Scenario))
    write_rows(other / "scenarios.jsonl", rows[:4])
    call("verify", "--run", run, "--shard", "0/2")
    call("verify", "--run", other, "--shard", "1/2")

    with pytest.raises(ConfigError, match="were not given the same rows"):
        call("merge", run, other, "--into", tmp_path / "new")


def test_a_run_that_has_changed_is_refused(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    call_shards(2, "verify", "--run", run)
    rows = list(read_rows(run / "scenarios.jsonl", Scenario))
    write_rows(run / "scenarios.jsonl", rows[:4])

    with pytest.raises(ConfigError, match="is not what the shards of verify were given"):
        call("merge", run)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small environments in a file."""
    file = tmp_path_factory.mktemp("classes") / "envs.jsonl"
    one = make_environment()
    write_rows(file, [one.model_copy(update={"id": f"env-{number}"}) for number in range(3)])
    return file


@pytest.mark.parametrize("count", [2, 3])
def test_an_examination_in_shards_is_that_of_one_process(
    tmp_path: Path, classes: Path, count: int
) -> None:
    one, run = tmp_path / "one", tmp_path / "run"
    alone = call("check-env", classes, "--run", one, code=1)

    call_shards(count, "check-env", classes, "--run", run)
    merged = call("merge", run, code=1)

    assert (run / "examined.jsonl").read_bytes() == (one / "examined.jsonl").read_bytes()
    assert "uncaught_exception" in alone
    assert alone[alone.index("env-0:") :] in merged


def test_a_shard_of_an_examination_needs_a_run(classes: Path) -> None:
    assert "--run RUN" in call("check-env", classes, "--shard", "0/2", code=2)


def test_shards_that_examined_other_environments_are_refused(tmp_path: Path, classes: Path) -> None:
    other = tmp_path / "other.jsonl"
    write_objects(other, [*read_objects(classes)][:2])
    call("check-env", classes, "--run", tmp_path / "run", "--shard", "0/2")
    call("check-env", other, "--run", tmp_path / "run", "--shard", "1/2")

    with pytest.raises(ConfigError, match="were not given the same rows"):
        call("merge", tmp_path / "run")


def evaluation(data: Path, run: Path) -> Sequence[object]:
    return ("eval", "bfcl", "--data", data, "--run", run, "--agent", "ground-truth", "--ordered")


@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_benchmark_in_shards_is_that_of_one_process(tmp_path: Path, count: int) -> None:
    data = install(tmp_path / "data")
    one, run = tmp_path / "one", tmp_path / "run"
    alone = call(*evaluation(data, one))

    call_shards(count, *evaluation(data, run))
    merged = call("merge", run)
    told = call(*evaluation(data, run))

    assert "without --shard prints the table" in merged
    for name in sorted(path.name for path in one.glob("*.jsonl") if path.name != "log.jsonl"):
        assert (run / name).read_bytes() == (one / name).read_bytes(), name
    assert alone.partition("\n\n")[0] == told.partition("\n\n")[0]


def test_shards_that_play_other_tasks_are_refused(tmp_path: Path) -> None:
    data, run = install(tmp_path / "data"), tmp_path / "run"
    call(*evaluation(data, run), "--shard", "0/2")
    call(*evaluation(data, run), "--split", "base", "--shard", "1/2")

    with pytest.raises(ConfigError, match="were not given the same rows"):
        call("merge", run)
