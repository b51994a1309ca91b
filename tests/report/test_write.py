"""What stands in a report, read from its pieces."""

import base64
import hashlib
import re
import shutil
from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows, write_rows
from envscaler.llm.usage import Price
from envscaler.records import (
    JsonObject,
    Observation,
    ObservationKind,
    Scenario,
    Trajectory,
)
from envscaler.report.environments import diagram, source_diff
from envscaler.report.funnel import spending
from envscaler.report.rows import open_rows
from envscaler.report.statistics import Thinned
from envscaler.report.write import write_report
from envscaler.scen_generator.proof.floor import POLICIES, Floor, Policy
from tests.interact.fakes import make_environment
from tests.report.hostile import EXAMPLE
from tests.report.reading import index_of, row_of


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """The report of the example, with its calls made again."""
    out = tmp_path_factory.mktemp("report") / "example.html"
    write_report(EXAMPLE, out, settings)
    return out


def test_the_funnel_counts_what_was_made_and_refused(example: Path) -> None:
    stages = {stage["stage"]: stage for stage in index_of(example)["funnel"]}

    assert stages["select"]["made"] == 4
    assert stages["select"]["refused"] == {"duplicate": 6, "not_stateful": 6, "not_useful": 2}


def test_a_rejected_environment_is_there_with_the_reason(example: Path) -> None:
    (entry,) = [each for each in index_of(example)["environments"] if each["fate"] == "rejected"]

    assert "admit: findings" in str(entry["reason"])
    assert "class " in str(row_of(example, entry)["source"])


def floor_of(scenario: Scenario) -> Floor:
    best: dict[Policy, float | None] = {
        **dict.fromkeys(POLICIES, 0.0),
        "greedy": 0.25,
        "shortened": 0.5,
        "grader": None,
    }
    return Floor(
        id=scenario.id, env_id=scenario.env_id, definition="goal", reference=1.0, best=best
    )


def test_a_floor_panel_stands_beside_the_proof(tmp_path: Path, settings: Settings) -> None:
    for name in ("envs", "scenarios"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", tmp_path)
    first, *_ = read_rows(EXAMPLE / "scenarios.jsonl", Scenario)
    write_rows(tmp_path / "floor.jsonl", [floor_of(first)])

    out = tmp_path / "report.html"
    write_report(tmp_path, out, settings)

    entries = {str(each["id"]): each for each in index_of(out)["scenarios"]}
    panel = cast("JsonObject", row_of(out, entries[first.id])["floor_panel"])
    assert entries[first.id]["floor"] == 0.25
    assert [each["floor"] for name, each in entries.items() if name != first.id] == [None] * 5
    assert (panel["reference"], panel["best"]) == (1.0, floor_of(first).best)


def test_each_call_has_what_it_changed(example: Path) -> None:
    trajectories = index_of(example)["trajectories"]
    rows = [row_of(example, entry) for entry in trajectories]

    steps = [step for row in rows for step in cast("list[JsonObject]", row["steps"])]
    assert [row["replay_problem"] for row in rows] == [""] * len(rows)
    assert all("diff" in step for step in steps)
    assert {"changed": {"repair_orders.ORD-002.mechanic_id": ["MEC-02", "MEC-01"]}} in [
        step["diff"] for step in steps
    ]


def test_a_call_that_comes_to_something_else_is_marked(tmp_path: Path, settings: Settings) -> None:
    run = shutil.copytree(EXAMPLE, tmp_path / "run")
    first = next(read_rows(run / "rollouts.jsonl", Trajectory))
    other = Observation(kind=ObservationKind.OK, value="never said")
    steps = (first.steps[0].model_copy(update={"observation": other}), *first.steps[1:])
    write_rows(run / "rollouts.jsonl", [first.model_copy(update={"steps": steps})])

    write_report(run, tmp_path / "r.html", settings)

    (entry,) = index_of(tmp_path / "r.html")["trajectories"]
    made = cast("list[JsonObject]", row_of(tmp_path / "r.html", entry)["steps"])
    marked = ["other" in cast("JsonObject", step["diff"]) for step in made]
    assert marked == [True] + [False] * (len(made) - 1)


def test_tools_that_the_environment_has_are_not_repeated(example: Path) -> None:
    entry = index_of(example)["trajectories"][0]

    assert "tools" not in row_of(example, entry)


def test_script_and_style_are_those_that_the_policy_names(example: Path) -> None:
    text = example.read_text(encoding="utf-8")

    for tag in ("script", "style"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        named = re.findall(rf"{tag}-src 'sha256-([^']+)'", text)
        assert named == [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()]


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, settings: Settings) -> None:
    for name in ("one.html", "two.html"):
        write_report(EXAMPLE, tmp_path / name, settings, replay=False)

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_a_folder_without_rows_is_no_run(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ArtifactError, match="is no run folder"):
        write_report(tmp_path, tmp_path / "r.html", settings)

    assert not (tmp_path / "r.html").exists()


def test_a_run_that_has_only_begun_has_a_report(tmp_path: Path, settings: Settings) -> None:
    shutil.copy(EXAMPLE / "tasks.jsonl", tmp_path)

    written = write_report(tmp_path, tmp_path / "r.html", settings)

    assert written.counts["environments"] == 0
    assert index_of(tmp_path / "r.html")["funnel"][0]["made"] == 18


def test_a_row_that_cannot_be_read_leaves_no_report(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "envs.jsonl").write_text("{}\n", encoding="utf-8")

    with pytest.raises(ArtifactError):
        write_report(tmp_path, tmp_path / "r.html", settings)

    assert [path.name for path in tmp_path.iterdir()] == ["envs.jsonl"]


def test_tokens_are_those_of_the_rows_and_cost_follows_the_price() -> None:
    rows = open_rows(EXAMPLE)

    spent = spending(rows, {"demo-model": Price(input=1_000_000, output=0)})

    told = {str(each["stage"]): each for each in spent}
    paid = [row.provenance.usage for row in read_rows(EXAMPLE / "rollouts.jsonl", Trajectory)]
    assert told["rollout"]["prompt"] == sum(usage.prompt_tokens for usage in paid)
    assert told["rollout"]["calls"] == sum(usage.calls for usage in paid)
    assert told["rollout"]["cost"] == told["rollout"]["prompt"]
    assert "filter" not in told


def test_two_runs_are_compared_on_the_scenarios_of_both(tmp_path: Path, settings: Settings) -> None:
    other = shutil.copytree(EXAMPLE, tmp_path / "other")
    rows = [*read_rows(other / "rollouts.jsonl", Trajectory)]
    one = rows[0].scenario_id
    worse = [
        row.model_copy(update={"reward": row.reward.model_copy(update={"score": 0.0})})
        for row in rows
        if row.scenario_id == one and row.reward is not None
    ]
    write_rows(other / "rollouts.jsonl", worse)

    write_report(EXAMPLE, tmp_path / "r.html", settings, against=other, replay=False)

    found = cast("JsonObject", index_of(tmp_path / "r.html")["comparison"])
    (row,) = cast("list[JsonObject]", found["rows"])
    assert row["scenario"] == one
    assert cast("list[float]", row["scores"])[1] == 0.0
    assert found["only"] == [5, 0]
    assert found["interval"] is None


def test_references_between_things_are_found_by_their_names() -> None:
    row = next(iter(open_rows(EXAMPLE).environments.values()))

    arrows = cast("list[JsonObject]", diagram(row, None)["arrows"])

    assert {"from": "Dock", "field": "station_id", "to": "Station"} in arrows
    assert not any(arrow["from"] == "Bike" and arrow["field"] == "bike_id" for arrow in arrows)


def test_without_planned_entities_the_state_is_drawn() -> None:
    state: JsonObject = {
        "loans": {"L1": {"loan_id": "L1", "book_id": "B1"}},
        "books": {"B1": {"book_id": "B1"}},
    }

    drawn = diagram(make_environment(), state)

    assert [box["name"] for box in cast("list[JsonObject]", drawn["boxes"])] == ["loans", "books"]
    assert drawn["arrows"] == [{"from": "loans", "field": "book_id", "to": "books"}]


def test_a_diff_marks_what_was_written_anew() -> None:
    lines = [*source_diff("a = 1\nb = 2\n", "a = 1\nb = 3\n")]

    assert lines[1:] == [" a = 1", "-b = 2", "+b = 3"]
    assert [*source_diff("a\n", "a\n")] == []


def test_a_scenario_shows_which_checks_are_goals(example: Path) -> None:
    entry = index_of(example)["scenarios"][0]
    row = next(read_rows(EXAMPLE / "scenarios.jsonl", Scenario))

    assert entry["goals"] == sum(check.role == "goal" for check in row.checks)
    assert entry["proof_state"] == "proven"


def test_of_many_rows_the_first_are_shown_and_all_are_counted(
    tmp_path: Path, settings: Settings
) -> None:
    whole = write_report(EXAMPLE, tmp_path / "whole.html", settings, replay=False)

    few = write_report(EXAMPLE, tmp_path / "few.html", settings, replay=False, most=3)

    index = index_of(tmp_path / "few.html")
    assert [len(index[name]) for name in ("scenarios", "trajectories")] == [3, 3]
    assert few.counts == whole.counts
    assert few.statistics == whole.statistics
    assert few.notes == (
        "21 trajectories are counted and not shown one by one; --rows shows more",
        "11 dropped are counted and not shown one by one; --rows shows more",
        "3 scenarios are counted and not shown one by one; --rows shows more",
    )


def test_a_figure_of_very_many_values_is_thinned_evenly() -> None:
    values = Thinned()
    for number in range(100_000):
        values.add(number)

    assert len(values.values) <= 20_000
    assert values.values == [*range(0, 100_000, 8)]
