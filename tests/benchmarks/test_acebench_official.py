"""All of ACEBench's agent tasks: `.ci/doors acebench` checks it out."""

import asyncio
import os
from pathlib import Path

import pytest

from envscaler.benchmarks.acebench import AceBenchmark
from envscaler.benchmarks.acebench.corrections import CORRECTED
from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.controls import ControlName
from envscaler.benchmarks.evaluate import evaluate
from envscaler.config import load_settings
from envscaler.pipeline.run import Run
from envscaler.records import Trajectory
from envscaler.sandbox import Sandbox

if "ACEBENCH" not in os.environ:
    pytest.skip("ACEBENCH names no checkout of ACEBench", allow_module_level=True)


def play(folder: Path, control: ControlName, *, corrected: bool) -> list[Trajectory]:
    benchmark = AceBenchmark()
    settings = load_settings(None, ())
    tasks = benchmark.load(Choice(data=Path(os.environ["ACEBENCH"]), corrected=corrected))

    async def start() -> list[Trajectory]:
        async with Sandbox.start(settings.sandbox) as sandbox:
            return await evaluate(
                Run(folder, settings, {}, sandbox), benchmark, tasks, agent=control
            )

    return asyncio.run(start())


def failed(rows: list[Trajectory]) -> set[str]:
    return {
        row.scenario_id.rpartition("/")[2]
        for row in rows
        if row.reward is None or row.reward.score != 1
    }


def test_the_published_milestones_lead_to_the_end_but_for_those_that_are_corrected(
    tmp_path: Path,
) -> None:
    rows = play(tmp_path, "ground-truth", corrected=False)

    assert len(rows) == 50
    assert failed(rows) == set(CORRECTED)


def test_corrected_all_of_them_do(tmp_path: Path) -> None:
    rows = play(tmp_path, "ground-truth", corrected=True)

    assert (len(rows), failed(rows)) == (50, set())


def test_without_the_last_write_one_passes_whose_answer_names_no_class_for_it(
    tmp_path: Path,
) -> None:
    rows = play(tmp_path, "skip-last-write", corrected=False)

    passed = {row.scenario_id.rpartition("/")[2] for row in rows} - failed(rows)
    assert passed == {"agent_multi_turn_7"}


@pytest.mark.parametrize("control", ["skip-last-write", "read-only", "no-op"])
def test_corrected_every_class_is_checked_and_no_floor_passes_anything(
    tmp_path: Path, control: ControlName
) -> None:
    rows = play(tmp_path, control, corrected=True)

    assert len(failed(rows)) == len(rows) == 50
    assert all(len(row.reward.verdicts) == 1 for row in rows if row.reward)


def test_nothing_gets_nothing(tmp_path: Path) -> None:
    assert len(failed(play(tmp_path, "no-op", corrected=False))) == 50
