"""Published scenarios with solutions: taken in, proven, replayed, and tried by idle policies."""

import asyncio
import json
from pathlib import Path

import pytest

from envscaler.config import Settings, load_settings
from envscaler.errors import ArtifactError
from envscaler.interact.replay import Replay, replay
from envscaler.jsonl import read_rows, write_rows
from envscaler.published.solutions import read_solutions
from envscaler.records import Scenario
from envscaler.scen_generator.proof.floor import POLICIES, measure_floor
from envscaler.scen_generator.proof.imported import prove_imported
from envscaler.scen_generator.proof.verify import verify
from tests.measuring import measuring
from tests.scen_generator.test_closing import AUTHORED, REFERENCE, WRONG, cinema, scenario


def written(folder: Path, value: object) -> Path:
    path = folder / "given.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def calls(name: str = "") -> list[object]:
    return [each.model_dump() for each in (WRONG[name] if name else REFERENCE)]


def run_folder(folder: Path, *scenarios: Scenario) -> Path:
    write_rows(folder / "envs.jsonl", [cinema()])
    write_rows(folder / "scenarios.jsonl", scenarios)
    return folder


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose scenario came with a solution."""
    folder = run_folder(tmp_path_factory.mktemp("run"), scenario(AUTHORED))
    given = read_solutions(written(folder, {"scen-cinema": calls()}))
    settled = asyncio.run(prove_imported(folder, given, load_settings(None, ())))
    assert (settled.looked_at, settled.proven, settled.unproven) == (1, 1, {})
    return folder


@pytest.mark.parametrize(
    "value",
    [
        {"scen-1": [{"name": "a", "arguments": {"x": 1}}]},
        {"scen-1": [[{"name": "a", "arguments": {"x": 1}}]]},
        {"scen-1": {"calls": [{"name": "a", "arguments": {"x": 1}}]}},
        [{"scenario_id": "scen-1", "solutions": [[{"name": "a", "arguments": {"x": 1}}]]}],
        [{"task_id": "scen-1", "solution": [{"name": "a", "arguments": {"x": 1}}]}],
    ],
)
def test_solutions_are_read_in_every_shape(tmp_path: Path, value: object) -> None:
    [found] = read_solutions(written(tmp_path, value))

    assert found.scenario_id == "scen-1"
    assert [[(one.name, one.arguments) for one in each] for each in found.solutions] == [
        [("a", {"x": 1})]
    ]


def test_a_row_without_calls_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="hold its calls"):
        read_solutions(written(tmp_path, [{"scenario_id": "x", "text": "y"}]))


def test_an_imported_scenario_is_proven_and_has_its_world_closed(proven: Path) -> None:
    [row] = read_rows(proven / "scenarios.jsonl", Scenario)
    [found] = asyncio.run(measuring(proven, load_settings(None, ()), verify))

    assert [check.role for check in row.checks] == ["goal", "goal", "guard"]
    assert (found.proven, found.reasons, found.is_sound) == (True, (), True)


def test_checks_of_a_scenario_without_a_solution_are_run_at_the_start(
    tmp_path: Path, settings: Settings
) -> None:
    folder = run_folder(tmp_path, scenario(AUTHORED))

    asyncio.run(prove_imported(folder, [], settings))

    [row] = read_rows(folder / "scenarios.jsonl", Scenario)
    assert [check.initially_true for check in row.checks] == [False]
    assert row.proof is None


def test_a_solution_for_an_unknown_scenario_stops(tmp_path: Path, settings: Settings) -> None:
    folder = run_folder(tmp_path, scenario(AUTHORED))
    given = read_solutions(written(tmp_path, {"scen-gone": calls()}))

    with pytest.raises(ArtifactError, match="no scenario scen-gone"):
        asyncio.run(prove_imported(folder, given, settings))


def test_given_calls_are_made_and_scored_without_a_model(proven: Path, settings: Settings) -> None:
    file = written(proven, {"scen-cinema": [calls(), calls("half"), calls("two notes")]})

    asyncio.run(measuring(proven, settings, lambda run: replay(run, file)))

    rows = [*read_rows(proven / "replays.jsonl", Replay)]
    assert [row.reward.score if row.reward else None for row in rows] == [1.0, 0.5, 0.0]
    assert [len(row.steps) for row in rows] == [2, 1, 3]


def test_idle_policies_stay_at_the_floor(proven: Path, settings: Settings) -> None:
    [row] = asyncio.run(measuring(proven, settings, measure_floor))

    assert tuple(row.best) == POLICIES
    assert row.reference == 1.0
    idle = ("no-op", "queries", "random", "canaries", "grader")
    assert [row.best[policy] for policy in idle] == [0.0] * len(idle)
    assert row.best["shortened"] == 0.5
