"""A run: its folder is one process's at a time, and its seeds follow from its rows."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import pytest

from envscaler.chat import Role
from envscaler.config import Settings, load_settings
from envscaler.errors import (
    ArtifactError,
    BudgetError,
    ConfigError,
    PendingError,
    ProviderError,
    RejectedError,
    ReplyError,
    RowError,
    StopRunError,
)
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.opening import open_run
from envscaler.pipeline.run import Run
from envscaler.records import Task
from envscaler.sandbox import Sandbox
from tests.fakes import ScriptedModel


def make_run(folder: Path, settings: Settings) -> Run:
    """Return a run for stages that need no sandbox."""
    models: dict[Role, ScriptedModel] = {}
    return Run(folder, settings, models, cast("Sandbox", None))


def make_task(number: int) -> Task:
    return Task(id=f"task-{number}", text="Renew my loan", source="test")


def test_artifacts_lie_in_the_run_folder(tmp_path: Path, settings: Settings) -> None:
    assert make_run(tmp_path, settings).path("envs") == tmp_path / "envs.jsonl"


def test_seeds_follow_from_the_run_and_the_row(tmp_path: Path, settings: Settings) -> None:
    run = make_run(tmp_path, settings)
    other = make_run(tmp_path, load_settings(None, ("seed=1",)))

    seeds = {run.calls("env-1", 0).seed, run.calls("env-1", 1).seed, other.calls("env-1", 0).seed}

    assert run.calls("env-1", 0).seed in seeds
    assert len(seeds) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_stage_writes_its_artifact_and_is_reported(tmp_path: Path, settings: Settings) -> None:
    run = make_run(tmp_path, settings)

    async def step(number: int) -> Task:
        return make_task(number)

    report = asyncio.run(
        run.stage(range(3), step, name="a", out="tasks", kind=Task, id_of=lambda n: f"task-{n}")
    )

    assert (report.out, report.written) == (tmp_path / "tasks.jsonl", 3)
    assert run.reports == [report]


@pytest.mark.parametrize(
    ("errors", "stops"),
    [
        ([ProviderError("down"), ProviderError("down")], True),
        ([ProviderError("down"), ReplyError("odd")], True),
        ([ProviderError("down"), RejectedError("dull", "no")], False),
        ([RejectedError("dull", "no"), RejectedError("dull", "no")], False),
        ([ProviderError("down"), PendingError("later")], False),
        ([ProviderError("down"), None], False),
        ([], False),
    ],
)
def test_a_stage_whose_rows_are_all_lost_is_an_error(
    tmp_path: Path, settings: Settings, errors: list[RowError | None], *, stops: bool
) -> None:
    run = make_run(tmp_path, settings)

    async def step(number: int) -> Task:
        if (error := errors[number]) is not None:
            raise error
        return make_task(number)

    staged = run.stage(
        range(len(errors)), step, name="a", out="tasks", kind=Task, id_of=lambda n: f"task-{n}"
    )
    expected = pytest.raises(StopRunError, match=r"a made nothing: all 2 .* example: down")

    with expected if stops else nullcontext():
        asyncio.run(staged)
    assert len(run.reports) == 1


def test_rows_that_are_there_already_are_something(tmp_path: Path, settings: Settings) -> None:
    run = make_run(tmp_path, settings)

    async def step(number: int) -> Task:
        if number:
            raise ProviderError("down")
        return make_task(number)

    for rows in (1, 2):
        staged = run.stage(
            range(rows), step, name="a", out="tasks", kind=Task, id_of=lambda n: f"task-{n}"
        )
        report = asyncio.run(staged)

    assert (report.skipped, report.lost) == (1, 1)


def test_what_stopped_a_stage_is_raised_after_it_is_reported(
    tmp_path: Path, settings: Settings
) -> None:
    run = make_run(tmp_path, settings)

    async def step(number: int) -> Task:
        if number == 1:
            raise BudgetError("The limit of 10 tokens is reached")
        return make_task(number)

    with pytest.raises(BudgetError):
        asyncio.run(
            run.stage(range(9), step, name="a", out="tasks", kind=Task, id_of=lambda n: f"task-{n}")
        )

    assert [report.interrupted for report in run.reports] == [True]


def test_only_one_process_works_in_a_folder(tmp_path: Path) -> None:
    with (
        only_one(tmp_path),
        pytest.raises(ConfigError, match="Another envscaler works in"),
        only_one(tmp_path),
    ):
        pass


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with only_one(tmp_path / "new"):
        pass

    with only_one(tmp_path / "new"):
        pass


def test_a_file_is_no_run_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(ConfigError, match=r"--run .*file cannot be used: File exists"),
        only_one(tmp_path / "file"),
    ):
        pass


def test_an_opened_run_has_a_sandbox_and_a_model_for_each_role(
    tmp_path: Path, settings: Settings
) -> None:
    async def look() -> tuple[int, str]:
        replay = settings.model_copy(
            update={"llm": settings.llm.model_copy(update={"policy": "replay"})}
        )
        async with open_run(tmp_path, replay, "rollout") as run:
            return len(run.models), run.sandbox.level

    roles, level = asyncio.run(look())

    assert roles == 8
    assert level


def test_a_run_that_may_not_be_continued_is_left_alone(tmp_path: Path, settings: Settings) -> None:
    async def enter(chosen: Settings) -> None:
        async with open_run(tmp_path, chosen, "rollout"):
            pass

    asyncio.run(enter(settings))
    (tmp_path / "rollouts.jsonl").write_text("{}\n", encoding="utf-8")
    before = sorted((path.name, path.stat().st_size) for path in tmp_path.iterdir())

    with pytest.raises(ConfigError, match=r"models\.agent\.model"):
        asyncio.run(enter(load_settings(None, ("models.agent.model=other",))))

    assert sorted((path.name, path.stat().st_size) for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", [".lock", "store.sqlite", "settings", "requests.jsonl.tmp"])
def test_a_folder_with_links_to_write_through_is_refused(tmp_path: Path, name: str) -> None:
    run, other = tmp_path / "run", tmp_path / "other"
    run.mkdir()
    other.write_text("kept", "utf-8")
    (run / name).symlink_to(other)

    with pytest.raises(ArtifactError, match=f"{name} is a symbolic link"), only_one(run):
        pass

    assert other.read_text("utf-8") == "kept"


def test_artifacts_may_be_links_to_those_of_another_run(tmp_path: Path) -> None:
    (tmp_path / "envs.jsonl").symlink_to("elsewhere.jsonl")

    with only_one(tmp_path):
        assert (tmp_path / ".lock").exists()
