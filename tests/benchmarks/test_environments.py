"""Classes and tasks of benchmarks become environments and scenarios of a run."""

from pathlib import Path

import pytest

from envscaler.jsonl import read_rows
from envscaler.records import Environment, JsonObject, Scenario
from tests.benchmarks import invented_acebench, invented_bfcl
from tests.test_cli import run_cli


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with the invented classes of both benchmarks."""
    folder = tmp_path_factory.mktemp("imported")
    bfcl = invented_bfcl.install(tmp_path_factory.mktemp("bfcl"))
    ace = invented_acebench.checkout(tmp_path_factory.mktemp("ace"))
    result = run_cli("import", f"bench:bfcl={bfcl},acebench={ace}", "--run", "one", folder=folder)
    assert result.returncode == 0, result.stderr
    return folder / "one"


def environments(run: Path) -> dict[str, Environment]:
    return {row.class_name: row for row in read_rows(run / "envs.jsonl", Environment)}


def scenarios_of(run: Path, class_name: str, name: str = "scenarios") -> list[Scenario]:
    wanted = environments(run)[class_name].id
    return [row for row in read_rows(run / f"{name}.jsonl", Scenario) if row.env_id == wanted]


def test_the_classes_that_tasks_use_are_environments(run: Path) -> None:
    assert environments(run).keys() == {"MessageAPI", "MathAPI", "BaseApi", "MessageApi"}
    assert {tool.name for tool in environments(run)["MessageApi"].tools} == {
        "turn_on_wifi",
        "send_message",
        "count_messages",
    }


def test_a_class_begins_in_the_states_of_its_tasks(run: Path) -> None:
    [state] = scenarios_of(run, "MessageAPI", "states")

    assert state.initial_state == {"sent": [["Bo", "hi"]]}


def test_a_task_is_a_scenario_of_a_class_with_its_part_of_the_solution(run: Path) -> None:
    [scenario] = scenarios_of(run, "MessageApi")
    proof = scenario.proof

    assert proof is not None
    assert proof.proven, proof.reasons
    assert [call.name for call in proof.reference] == [
        "turn_on_wifi",
        "count_messages",
        "send_message",
    ]
    inbox: JsonObject = {"$dict": [[1, {"to": "Bo", "message": "hi"}]]}
    assert scenario.initial_state["inbox"] == inbox


def test_a_scenario_whose_state_has_no_form_stays_unproven(run: Path) -> None:
    assert all(scenario.proof is None for scenario in scenarios_of(run, "MessageAPI"))


def test_there_is_no_such_benchmark(tmp_path: Path) -> None:
    result = run_cli("import", "bench:tau-bench=x", "--run", "one", folder=tmp_path)

    assert result.returncode == 1
    assert "There is no benchmark tau-bench; bench: takes bfcl,acebench" in result.stderr
