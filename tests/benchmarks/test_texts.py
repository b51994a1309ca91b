"""What benchmarks say, kept away from training data."""

from pathlib import Path

import pytest

from envscaler.benchmarks.texts import BenchmarkText, texts_file, texts_of
from envscaler.display.proofs import leaks_table
from envscaler.errors import ConfigError
from envscaler.jsonl import read_rows, write_rows
from envscaler.scen_generator.dedupe import Avoided, read_avoided
from envscaler.scen_generator.leaks import leaks, nearest
from tests.benchmarks import invented_acebench, invented_bfcl, invented_tau
from tests.interact.fakes import make_scenario
from tests.test_cli import run_cli

DUNE = "You are Ann and want to borrow Dune for 3 days, and to know its price."


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> str:
    bfcl = invented_bfcl.install(tmp_path_factory.mktemp("bfcl"))
    tau = invented_tau.checkout(tmp_path_factory.mktemp("tau"))
    ace = invented_acebench.checkout(tmp_path_factory.mktemp("ace"))
    return f"bfcl={bfcl},tau-bench={tau},acebench={ace}"


def test_texts_are_read_from_each_benchmark_once(named: str) -> None:
    found = [*texts_of(named)]

    assert [each.source for each in found] == [
        "bfcl multi_turn_base_0",
        "bfcl multi_turn_base_1",
        "tau-bench retail_0",
        "tau-bench retail_1",
        "acebench agent_multi_step_0",
    ]
    assert found[2].text == DUNE


def test_they_are_written_into_the_run_and_read_with_their_source(
    tmp_path: Path, named: str
) -> None:
    file = texts_file(Path(f"bench:{named}"), tmp_path / "one")

    assert file == tmp_path / "one" / "benchmark-texts.jsonl"
    assert len([*read_rows(file, BenchmarkText)]) == 5
    assert read_avoided(file)[2] == Avoided("tau-bench retail_0", DUNE)


def test_a_file_of_the_users_own_is_left_as_it_is(tmp_path: Path) -> None:
    assert texts_file(Path("mine.txt"), tmp_path / "one") == Path("mine.txt")
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("tau2", "There is no benchmark tau2; bench: takes bfcl,tau-bench,acebench"),
        ("acebench", "acebench is no package; name its checkout, bench:acebench=FOLDER"),
    ],
)
def test_what_is_not_there_is_one_line(wrong: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        next(texts_of(wrong))


def test_each_task_has_its_nearest_text_and_the_closest_stands_first() -> None:
    far = make_scenario().model_copy(update={"id": "far", "task": "Paint the fence green."})
    near = far.model_copy(update={"id": "near", "task": DUNE.replace("3", "4")})
    texts = [Avoided("tau-bench retail_0", DUNE), Avoided("mine:1", "Bake a cake.")]

    first, second = nearest([far, near], texts)

    assert (first.scenario_id, first.text) == ("near", texts[0])
    assert first.similarity > 0.9
    assert (second.scenario_id, second.text, second.similarity) == ("far", None, 0.0)
    said = leaks_table((first, second), 0.7)
    assert "tau-bench retail_0" in said
    assert "1 of 2 tasks are closer than 0.7 to a text" in said


def test_verify_reports_leaks_and_fails_on_one(tmp_path: Path, named: str) -> None:
    scenario = make_scenario().model_copy(update={"task": DUNE})
    (tmp_path / "one").mkdir()
    write_rows(tmp_path / "one" / "scenarios.jsonl", [scenario])

    done = run_cli("verify", "--run", "one", "--leaks", f"bench:{named}", folder=tmp_path)

    assert done.returncode == 1
    assert "1 of 1 tasks are closer" in done.stdout
    assert leaks(tmp_path / "one", tmp_path / "one" / "benchmark-texts.jsonl")[0].similarity == 1.0
