"""A preview makes a few rows aside, and the whole run pays for none of them again."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ConfigError, EnvScalerError
from envscaler.jsonl import read_rows, write_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.pipeline.preview import PREVIEW, PreviewPart
from envscaler.pipeline.progress import Counted
from envscaler.records import Environment, Task, Trajectory, row_id
from envscaler.resources import DEMO

EXAMPLE = Path(__file__).parents[2] / "data" / "example"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose scenarios are made, and whose preview alone has the replies of the demo."""
    run = tmp_path / "run"
    (run / PREVIEW).mkdir(parents=True)
    for name in ("envs", "scenarios"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", run)
    with Store(run / PREVIEW / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return run


def make(command: str, run: Path, *more: object, code: int = 0) -> str:
    """Run a command as a user does; an error of ours is raised as it is."""
    arguments = (command, "--run", run, "--config", "demo", *more)
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, EnvScalerError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_the_rows_of_a_preview_are_those_of_the_whole_run(run: Path) -> None:
    said = make("rollout", run, "--preview", 3)

    made = list(read_rows(run / PREVIEW / "rollouts.jsonl", Trajectory))
    whole = {row.id: row for row in read_rows(EXAMPLE / "rollouts.jsonl", Trajectory)}
    assert [whole[row.id] for row in made] == made
    assert len({row.scenario_id for row in made}) == 3
    assert all(row.id in said for row in made)
    assert not (run / "rollouts.jsonl").exists()


def test_the_whole_run_pays_for_no_reply_of_its_preview_again(run: Path) -> None:
    make("rollout", run)  # replies come from records alone

    assert (run / "rollouts.jsonl").read_bytes() == (EXAMPLE / "rollouts.jsonl").read_bytes()


def test_a_preview_pays_for_no_reply_of_the_run_again(run: Path) -> None:
    shutil.move(run / PREVIEW / STORE, run / STORE)

    said = make("gen-scen", run, "--preview", 1)

    assert "scen-" in said


def test_another_preview_forgets_the_rows_of_the_one_before(run: Path) -> None:
    make("rollout", run, "--preview", 3)
    make("rollout", run, "--preview", 1, "--set", "interact.max_steps=1")

    [row] = read_rows(run / PREVIEW / "rollouts.jsonl", Trajectory)
    assert row.stop_reason == "max_steps"


@pytest.mark.slow
def test_a_preview_of_tasks_takes_the_first_ones(run: Path) -> None:
    said = make("build-skel", run, "--tasks", DEMO / "tasks.jsonl", "--preview", 2)

    assert len(list(read_rows(run / PREVIEW / "tasks.jsonl", Task))) == 2
    assert [row.id in said for row in read_rows(run / PREVIEW / "envs.jsonl", Environment)] == [
        True
    ]
    assert "near-duplicate" in said
    assert f"estimate --tasks FILE --from {run / PREVIEW}" in said


def test_rows_are_taken_evenly_where_their_number_is_known(tmp_path: Path) -> None:
    part = PreviewPart(tmp_path, 3)
    tasks = [Task(id=row_id("task", str(n)), text=str(n), source="user") for n in range(10)]

    def taken(rows: "Counted[Task] | list[Task]") -> list[str]:
        return [task.text for task in part.rows(rows, "out", Task, lambda task: task.id)]

    assert taken(Counted(tasks, 10)) == ["0", "3", "6"]
    assert taken(tasks) == ["0", "1", "2"]
    assert taken(Counted(tasks[:2], 2)) == ["0", "1"]


def test_what_rows_are_made_from_must_be_there(tmp_path: Path) -> None:
    write_rows(tmp_path / "envs.jsonl", read_rows(EXAMPLE / "envs.jsonl", Environment))

    with pytest.raises(ConfigError, match=r"scenarios\.jsonl"):
        make("rollout", tmp_path, "--preview", 1)


def test_a_preview_has_no_shards(run: Path) -> None:
    said = make("rollout", run, "--preview", 1, "--shard", "0/2", code=2)

    assert "--preview or --shard" in said
