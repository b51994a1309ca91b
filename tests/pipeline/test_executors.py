"""Rows made by other processes: the same rows, each reply asked for once, and none lost."""

import asyncio
import inspect
import json
import os
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler import errors
from envscaler.cli.app import app
from envscaler.config import Settings, load_settings
from envscaler.errors import (
    ArtifactError,
    ConfigError,
    EnvScalerError,
    RejectedError,
    WorkerLostError,
)
from envscaler.jsonl import read_rows
from envscaler.pipeline.executors.messages import SetUp, Versions
from envscaler.pipeline.executors.pool import Pool
from envscaler.pipeline.executors.processes import start_process
from envscaler.pipeline.executors.worker import versions, work
from envscaler.pipeline.run import Run
from envscaler.records import Dropped, Task
from tests.conftest import RoomFor
from tests.face import write_desk
from tests.fakes import ScriptedModel, scripted_models
from tests.interact.fakes import make_environment
from tests.pipeline import makers
from tests.pipeline.executing import (
    assert_like_the_example,
    begin_example,
    made,
    play_example,
    said,
    texts,
)


def processes(count: int) -> Settings:
    return load_settings(
        None, ("runner.executor=process", f"runner.processes={count}", "runner.ordered=true")
    )


def test_the_driver_asks_the_models_of_all_workers(tmp_path: Path) -> None:
    model = ScriptedModel(said)
    models = scripted_models(model)

    report = asyncio.run(made(tmp_path, processes(2), makers.asking, range(6), models))

    assert report.written == 6
    assert texts(tmp_path) == [f"said {number}" for number in range(6)]
    assert len(model.asked) == 6


def test_a_full_disk_of_the_driver_is_one_error_and_the_next_run_goes_on(
    tmp_path: Path, room_for: RoomFor
) -> None:
    models = scripted_models(ScriptedModel(said))

    with room_for(1000), pytest.raises(ArtifactError, match=r"tasks.jsonl cannot be written"):
        asyncio.run(made(tmp_path, processes(1), makers.asking, range(50), models))
    written = texts(tmp_path)
    report = asyncio.run(made(tmp_path, processes(1), makers.asking, range(50), models))

    assert 0 < len(written) < 50
    assert report.written == 50 - len(written)
    assert texts(tmp_path) == [f"said {number}" for number in range(50)]


def test_a_node_whose_disk_is_full_plays_as_any_other(tmp_path: Path) -> None:
    """Workers and their sandboxes write no file, not even a temporary one."""
    full = tmp_path / "full"
    full.mkdir()
    fill = f"mount -t tmpfs -o size=4k none {full} && head -c 4096 /dev/zero > {full}/0"
    begin_example(tmp_path / "run")
    command = f"{sys.executable} -m envscaler rollout -c demo --ordered --executor process"
    command += " --processes 1"

    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{fill} && {command} --run {tmp_path / 'run'}"],
        env={**os.environ, "TMPDIR": str(full)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert_like_the_example(tmp_path / "run")


def test_what_a_step_refuses_is_dropped_with_its_reason(tmp_path: Path) -> None:
    report = asyncio.run(made(tmp_path, processes(1), makers.refusing, range(4), {}))

    drops = list(read_rows(tmp_path / "dropped.jsonl", Dropped))
    assert (report.written, report.reasons) == (2, {"odd": 2})
    assert [drop.reason for drop in drops] == ["1 is odd", "3 is odd"]


def test_rows_are_spread_over_the_processes(tmp_path: Path) -> None:
    asyncio.run(made(tmp_path, processes(2), makers.telling_who, range(6), {}))

    pids = texts(tmp_path)
    assert sorted(map(pids.count, set(pids))) == [3, 3]
    assert str(os.getpid()) not in pids


def test_a_worker_that_is_killed_loses_no_row(tmp_path: Path) -> None:
    models = scripted_models(ScriptedModel(said))
    maker = partial(makers.dying_once, tmp_path / "died")

    report = asyncio.run(made(tmp_path, processes(1), maker, range(4), models))

    assert (report.written, report.dropped) == (4, 0)
    assert texts(tmp_path) == [f"said {number}" for number in range(4)]


def test_a_row_that_always_kills_its_worker_is_dropped_alone(tmp_path: Path) -> None:
    report = asyncio.run(made(tmp_path, processes(1), makers.dying, range(5), {}))

    [drop] = read_rows(tmp_path / "dropped.jsonl", Dropped)
    assert (report.written, drop.id, drop.kind) == (4, "task-0", "worker_lost")
    assert drop.reason.endswith("3 times, at last with no other row beside it")


def test_no_guest_of_a_worker_can_speak_to_the_driver(tmp_path: Path) -> None:
    report = asyncio.run(made(tmp_path, processes(1), makers.poking, range(3), {}))

    assert report.written == 3
    assert all("poked" in text for text in texts(tmp_path))


def test_a_rollout_in_two_processes_is_the_example(tmp_path: Path) -> None:
    play_example(tmp_path, "--executor", "process", "--processes", "2")


def test_an_examination_in_two_processes_is_the_same(tmp_path: Path) -> None:
    one = write_desk(tmp_path / "desk", make_environment()) / "envs.jsonl"
    outputs = [
        CliRunner().invoke(app, ["check-env", str(one), "--json", *more]).output
        for more in ((), ("--executor", "process", "--processes", "2"))
    ]

    assert outputs[0] == outputs[1] != ""


def test_json_lines_stand_alone_on_standard_output_and_the_table_beside_them(
    tmp_path: Path,
) -> None:
    one = write_desk(tmp_path / "desk", make_environment()) / "envs.jsonl"

    done = CliRunner().invoke(
        app, ["check-env", str(one), "--json", "--run", str(tmp_path / "looked")]
    )

    assert [*map(json.loads, done.stdout.splitlines())]
    assert "examined.jsonl" in done.stderr


class InLoop:
    """A worker in the loop of the driver, which a test can lose."""

    def __init__(self) -> None:
        self.to_worker: asyncio.Queue[object] = asyncio.Queue()
        self.to_driver: asyncio.Queue[object] = asyncio.Queue()
        self.task = asyncio.create_task(work(End(self.to_driver, self.to_worker)))
        self.end = End(self.to_worker, self.to_driver)

    async def send(self, message: object) -> None:
        await self.end.send(message)

    async def receive(self) -> object:
        return await self.end.receive()

    async def close(self) -> None:
        self.to_worker.put_nowait(None)
        await self.task


class End:
    """One end of two queues; None says that the other is gone."""

    def __init__(self, out: asyncio.Queue[object], into: asyncio.Queue[object]) -> None:
        self._out = out
        self._into = into

    async def send(self, message: object) -> None:
        self._out.put_nowait(message)

    async def receive(self) -> object:
        if (message := await self._into.get()) is None:
            raise WorkerLostError("The worker was closed")
        return message


@asynccontextmanager
async def pool_of(folder: Path, wanted: Versions) -> AsyncGenerator[Pool]:
    async def start() -> InLoop:
        return InLoop()

    pool = Pool(start, 1, SetUp(load_settings(None, ()), folder), wanted, {})
    try:
        yield pool
    finally:
        await pool.close()


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pool_of(tmp_path, Versions((3, 11), "0.0.1")) as pool:
            await pool.step(makers.refusing)(0)

    with pytest.raises(ConfigError, match=r"0\.0\.1"):
        asyncio.run(scene())


def test_a_bug_in_a_step_is_raised_in_the_driver(tmp_path: Path) -> None:
    def broken(run: Run) -> makers.Step:
        async def step(number: int) -> Task:
            raise ZeroDivisionError(number)

        del run
        return step

    async def scene() -> None:
        async with pool_of(tmp_path, versions()) as pool:
            await pool.step(broken)(0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(scene())


def test_a_process_that_cannot_start_is_lost_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")

    async def scene() -> None:
        pool = Pool(start_process, 1, SetUp(load_settings(None, ()), tmp_path), versions(), {})
        try:
            await pool.step(makers.refusing)(0)
        finally:
            await pool.close()

    with pytest.raises(WorkerLostError, match="3 times"):
        asyncio.run(scene())


OWN = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, EnvScalerError)
]


@pytest.mark.parametrize("kind", OWN)
def test_every_error_of_ours_survives_the_way(kind: type[EnvScalerError]) -> None:
    error = kind("odd", "it is odd") if issubclass(kind, RejectedError) else kind("it is odd")

    found = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (type(found), str(found), vars(found)) == (kind, "it is odd", vars(error))


def test_a_provider_error_keeps_its_kind() -> None:
    error = errors.ProviderError("too long", "context_length")

    assert pickle.loads(pickle.dumps(error)).kind == "context_length"  # noqa: S301
