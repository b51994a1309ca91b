"""All of BFCL against the checker of bfcl-eval itself: `.ci/doors bfcl` installs it."""

import asyncio
import importlib
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest

from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.bfcl import BfclBenchmark
from envscaler.benchmarks.bfcl.benchmark import turns_of
from envscaler.benchmarks.bfcl.install import find_install
from envscaler.benchmarks.bfcl.tasks import BfclTask
from envscaler.benchmarks.controls import CONTROLS, ControlName
from envscaler.benchmarks.evaluate import evaluate
from envscaler.config import load_settings
from envscaler.pipeline.run import Run
from envscaler.records import JsonObject, Trajectory
from envscaler.sandbox import Sandbox

if find_spec("bfcl_eval") is None:
    pytest.skip("bfcl-eval is not installed", allow_module_level=True)

_MULTI_TURN = "bfcl_eval.eval_checker.multi_turn_eval"
Rows = dict[ControlName, list[Trajectory]]


@pytest.fixture(scope="module")
def tasks() -> dict[str, BfclTask]:
    return {task.id: task for task in BfclBenchmark().load(Choice())}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What every control plays of all 800 tasks."""
    folder = tmp_path_factory.mktemp("run")
    settings = load_settings(None, ("sandbox.load_time=60",))
    benchmark = BfclBenchmark()
    tasks = benchmark.load(Choice())

    async def play() -> Rows:
        async with Sandbox.start(settings.sandbox) as sandbox:
            run = Run(folder, settings, {}, sandbox)
            return {name: await evaluate(run, benchmark, tasks, agent=name) for name in CONTROLS}

    return asyncio.run(play())


def entry_of(task_id: str) -> str:
    return task_id.rpartition("/")[2]


def passed(rows: list[Trajectory]) -> int:
    return sum(row.reward is not None and row.reward.score == 1 for row in rows)


def test_the_ground_truth_gets_all_and_the_floors_nothing(rows: Rows) -> None:
    assert (passed(rows["ground-truth"]), len(rows["ground-truth"])) == (800, 800)
    assert (passed(rows["no-op"]), len(rows["no-op"])) == (0, 800)
    assert passed(rows["skip-last-write"]) == 0
    assert len(rows["skip-last-write"]) > 750


def test_every_result_of_the_ground_truth_is_the_official_one_and_none_is_an_error(
    rows: Rows, tasks: dict[str, BfclTask]
) -> None:
    execute = cast(
        "Callable[..., tuple[list[str], object]]",
        importlib.import_module(f"{_MULTI_TURN}.multi_turn_utils").execute_multi_turn_func_call,
    )
    differing: list[str] = []
    errors: list[str] = []
    for row in rows["ground-truth"]:
        task = tasks[entry_of(row.scenario_id)]
        official = [
            result
            for turn in task.ground_truth
            for result in execute(
                list(turn), task.config, list(task.classes), "results", task.id,
                long_context=task.is_long, is_evaL_run=True,
            )[0]
        ]  # fmt: skip
        ours = [step.observation.value for step in row.steps]
        differing += [] if ours == official else [task.id]
        errors += [task.id for result in official if result.startswith("Error during execution")]

    assert differing == []
    assert errors == []


@pytest.mark.parametrize("control", CONTROLS)
def test_every_verdict_is_that_of_the_official_checker(
    rows: Rows, tasks: dict[str, BfclTask], control: ControlName
) -> None:
    check = cast(
        "Callable[..., JsonObject]",
        importlib.import_module(f"{_MULTI_TURN}.multi_turn_checker").multi_turn_checker,
    )
    differing: list[str] = []
    for row in rows[control]:
        task = tasks[entry_of(row.scenario_id)]
        decoded = [
            [[_as_official(call) for call in message] for message in turn]
            for turn in turns_of(row.messages)
        ]
        entry = {"id": task.id, "initial_config": task.config, "involved_classes": [*task.classes]}
        found = check(
            decoded, [*map(list, task.ground_truth)], entry, task.group, f"checked_{control}"
        )
        ours = row.reward is not None and row.reward.score == 1
        said = row.reward.verdicts[0].message if row.reward else ""
        agrees = ours == found["valid"] and (ours or said.startswith(str(found["error_type"])))
        differing += [] if agrees else [task.id]

    assert differing == []


def _as_official(call: JsonObject) -> str:
    arguments = cast("JsonObject", call["arguments"])
    return f"{call['name']}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"


def test_a_task_is_played_with_the_published_words(tasks: dict[str, BfclTask]) -> None:
    folder = find_install(None).folder
    path = folder / "data" / "BFCL_v4_multi_turn_miss_func.json"
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]

    for row in rows:
        task = tasks[row["id"]]
        said = [task.said_at(turn, written=False) for turn in range(len(task.questions))]
        published = [turn[0]["content"] if turn else task.new_functions for turn in row["question"]]
        assert said == published
