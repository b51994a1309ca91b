"""The stage by its strategies, and the step from candidates to scenarios."""

import shutil
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Dropped, Scenario
from envscaler.scen_generator.generate import gen_scen
from tests.fakes import ScriptedModel, scripted_models
from tests.one_sandbox import end_sandboxes, in_one_sandbox
from tests.scen_generator.example import TASK
from tests.scen_generator.running import ENVIRONMENT, make_scenario
from tests.scen_generator.test_generate import good_model


def generate(
    folder: Path, settings: Settings, model: ScriptedModel | None = None, **changes: object
) -> list[StageReport]:
    """Run the stage without a model, or as `changes` says."""
    section = settings.scen_generator.model_copy(
        update={
            "strategy": "solution_first",
            "phrasing": "template",
            "scenarios_per_env": 2,
            **changes,
        }
    )
    settings = settings.model_copy(update={"scen_generator": section})
    models = scripted_models(model or ScriptedModel())
    return in_one_sandbox(
        settings.sandbox, lambda sandbox: gen_scen(Run(folder, settings, models, sandbox))
    )


def rows_of(folder: Path, name: str) -> list[Scenario]:
    return sorted(read_rows(folder / f"{name}.jsonl", Scenario), key=lambda row: row.index)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run that has got as far as one environment."""
    write_rows(tmp_path / "envs.jsonl", [ENVIRONMENT])
    return tmp_path


@pytest.fixture(scope="module")
def once(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> tuple[Path, list[StageReport]]:
    """A run with two scenarios that may be alike, and what was said of it."""
    folder = tmp_path_factory.mktemp("once")
    write_rows(folder / "envs.jsonl", [ENVIRONMENT])
    return folder, generate(folder, settings, max_similarity=1.0)


@pytest.fixture
def made(once: tuple[Path, list[StageReport]], tmp_path: Path) -> Path:
    """A copy of that run."""
    return shutil.copytree(once[0], tmp_path / "made")


def test_no_model_is_needed_for_proven_scenarios(once: tuple[Path, list[StageReport]]) -> None:
    folder, (made, kept) = once

    assert (made.written, made.dropped, kept.written) == (2, 0, 2)
    assert all(row.proof and row.proof.proven for row in rows_of(folder, "scenarios"))


def test_the_same_run_gives_the_same_rows_in_another_sandbox(
    made: Path, folder: Path, settings: Settings
) -> None:
    end_sandboxes()

    generate(folder, settings, max_similarity=1.0)

    assert rows_of(folder, "scenarios") == rows_of(made, "scenarios")


def test_with_both_strategies_scenarios_take_turns(folder: Path, settings: Settings) -> None:
    model = good_model()

    generate(folder, settings, model, strategy="both", scenarios_per_env=2, max_similarity=1.0)

    first, second = rows_of(folder, "scenario_candidates")
    assert first.task == TASK
    assert second.shape is not None
    assert model.prompts.count("scen_generator/task") == 1


def test_a_task_that_is_too_alike_stays_a_draft(folder: Path, settings: Settings) -> None:
    model = good_model()

    _, kept = generate(folder, settings, model, strategy="task_first", scenarios_per_env=2)

    assert (kept.written, kept.reasons) == (1, {"duplicate": 1})
    one, two = rows_of(folder, "scenario_candidates")
    assert rows_of(folder, "scenarios") == [one]
    [drop] = read_rows(folder / "dropped.jsonl", Dropped)
    assert (drop.id, drop.stage, drop.reason) == (two.id, "dedupe", f"1.00 like {one.id}")


def test_a_task_that_is_like_a_text_to_avoid_is_dropped(made: Path, settings: Settings) -> None:
    first = rows_of(made, "scenarios")[0]
    (made / "scenarios.jsonl").unlink()
    avoid = made / "bench.txt"
    avoid.write_text(" ".join(first.task.split()), encoding="utf-8")

    _, kept = generate(made, settings, max_similarity=1.0, avoid=avoid)

    assert kept.reasons["avoid"] >= 1
    assert first.id not in [row.id for row in rows_of(made, "scenarios")]
    assert "bench.txt:1" in kept.examples["avoid"]


def test_a_run_that_is_started_again_makes_nothing_twice(made: Path, settings: Settings) -> None:
    before = (made / "scenarios.jsonl").read_bytes()

    again, kept = generate(made, settings, max_similarity=1.0)

    assert (again.written, again.skipped, kept.written, kept.skipped) == (0, 2, 0, 2)
    assert (made / "scenarios.jsonl").read_bytes() == before


@pytest.mark.slow
def test_what_was_kept_stays_when_the_run_grows(folder: Path, settings: Settings) -> None:
    generate(folder, settings, scenarios_per_env=2)
    before = {row.id for row in rows_of(folder, "scenarios")}

    generate(folder, settings, scenarios_per_env=5)

    assert before < {row.id for row in rows_of(folder, "scenarios")}


def test_scenarios_that_were_there_before_count_as_kept(folder: Path, settings: Settings) -> None:
    imported = make_scenario().model_copy(update={"id": "published-1"})
    write_rows(folder / "scenarios.jsonl", [imported])
    model = good_model()

    _, kept = generate(folder, settings, model, strategy="task_first", scenarios_per_env=1)

    assert kept.reasons == {"duplicate": 1}
    assert rows_of(folder, "scenarios") == [imported]
