"""What happened in a run, line by line."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError, RejectedError, StopRunError
from envscaler.jsonl import RowWriter, read_rows
from envscaler.pipeline.log import LOG, LogEntry, RunLog, keep_log
from envscaler.pipeline.stage import run_stage
from envscaler.records import Task
from tests.fakes import runner_settings

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
OPTIONS = runner_settings(workers=1, ordered=True, grace=1.0, stop_window=50)


def entries(folder: Path) -> list[tuple[str, dict[str, object]]]:
    return [(row.event, dict(row.about)) for row in read_rows(folder / LOG, LogEntry)]


def test_every_row_of_a_stage_is_logged_with_its_fate(tmp_path: Path) -> None:
    async def step(number: int) -> Task:
        if number == 1:
            raise RejectedError("odd", "one is odd")
        return Task(id=f"task-{number}", text="A", source="tests")

    with keep_log(tmp_path, "build-skel") as log:
        asyncio.run(
            run_stage(
                range(2),
                step,
                name="collect",
                out=tmp_path / "tasks.jsonl",
                kind=Task,
                id_of=lambda number: f"task-{number}",
                options=OPTIONS,
                log=log,
            )
        )

    assert [event for event, _ in entries(tmp_path)] == [
        "command_begun",
        "written",
        "dropped",
        "command_ended",
    ]
    assert entries(tmp_path)[1][1] == {"stage": "collect", "id": "task-0"}
    assert entries(tmp_path)[2][1] == {
        "stage": "collect",
        "id": "task-1",
        "kind": "odd",
        "reason": "one is odd",
    }


def test_what_the_package_says_is_logged_while_the_log_is_open(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("envscaler.llm.waits")
    with caplog.at_level(logging.INFO), keep_log(tmp_path, "rollout"):
        logger.info("qwen3 is busy; %d requests wait", 12)
    logger.info("nobody logs this")

    said = [about for event, about in entries(tmp_path) if event == "said"]
    assert said == [{"level": "info", "text": "qwen3 is busy; 12 requests wait"}]


def test_the_log_says_what_ended_a_command(tmp_path: Path) -> None:
    with pytest.raises(StopRunError), keep_log(tmp_path, "gen-scen"):
        raise StopRunError("all rows were dropped \ud800")

    event, about = entries(tmp_path)[-1]
    assert event == "command_ended"
    assert "all rows were dropped" in str(about["error"])


def test_commands_of_one_run_follow_each_other_in_one_log(tmp_path: Path) -> None:
    for command in ("build-skel", "gen-scen"):
        with keep_log(tmp_path, command):
            pass

    begun = [about["command"] for event, about in entries(tmp_path) if event == "command_begun"]
    assert begun == ["build-skel", "gen-scen"]


def test_a_log_that_cannot_be_written_ends_no_run_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = RunLog(Full(), now=lambda: NOW)

    log.note("written", stage="mine", id="cand-1")
    log.note("written", stage="mine", id="cand-2")

    assert [record.getMessage() for record in caplog.records] == [
        "The log stops here: no space is left for a LogEntry"
    ]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with keep_log(tmp_path / "none", "check-env"):
        pass

    assert not (tmp_path / "none").exists()


class Full(RowWriter):
    """A file on a full disk."""

    def __init__(self) -> None:
        pass

    def append(self, row: object) -> None:
        raise ArtifactError(f"no space is left for a {type(row).__name__}")
