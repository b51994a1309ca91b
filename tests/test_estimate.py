"""What a run will ask of models."""

from pathlib import Path

import pytest

from envscaler.config import Settings, load_settings
from envscaler.display.estimate import estimate_text
from envscaler.errors import ArtifactError
from envscaler.estimate import (
    STEP_OF,
    Guess,
    Range,
    Spent,
    StepAverage,
    estimate,
    measure_averages,
    shipped_averages,
)
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.llm.usage import Meter, Price
from envscaler.resources import DEMO, PROMPTS
from tests.test_cli import run_cli

EXAMPLE = Path(__file__).parents[1] / "data" / "example"


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The example run with the replies that it was made of."""
    for file in EXAMPLE.glob("*.jsonl"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with Store(tmp_path / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return tmp_path


def asked(role: str, requests: int, tokens: int) -> Spent:
    return Spent.model_validate(
        {
            "role": role,
            "requests": requests,
            "prompt_tokens": tokens,
            "completion_tokens": tokens // 10,
        }
    )


AVERAGES = (
    StepAverage(step="judge tasks", rows=100, kept=50, spent=(asked("miner", 200, 1000),)),
    StepAverage(step="write classes", rows=50, kept=50, spent=(asked("coder", 500, 5000),)),
    StepAverage(step="test classes", rows=50, kept=25, spent=()),
    StepAverage(step="make scenarios", rows=100, kept=50, spent=(asked("judge", 100, 100),)),
    StepAverage(step="play episodes", rows=200, kept=90, spent=(asked("agent", 2000, 20000),)),
)


def guesses(settings: Settings, tasks: int = 100) -> dict[str, Guess]:
    return {each.name: each for each in estimate(tasks, AVERAGES, settings, Meter())}


def test_the_shipped_averages_are_those_of_the_example(finished: Path) -> None:
    assert measure_averages(finished) == shipped_averages()


def test_every_prompt_of_the_stages_belongs_to_a_step() -> None:
    replies = (DEMO / "replies.jsonl").read_text("utf-8").splitlines()

    found = sum(one.requests for each in shipped_averages() for one in each.spent)

    assert found == len(replies)
    stages = ("skel_builder", "scen_generator", "interact")
    files = [path for stage in stages for path in (PROMPTS / stage).glob("*.md")]
    names = {str(path.relative_to(PROMPTS).with_suffix("")) for path in files}
    asked_of_nobody = {
        *("interact/bad_reply", "interact/noop_end", "interact/random_end"),
        "interact/solver_end",
        "interact/tell_user",
    }
    assert names - asked_of_nobody == STEP_OF.keys()


def test_as_many_tasks_as_were_measured_ask_as_much() -> None:
    settings = load_settings(None, ("scen_generator.scenarios_per_env=4", "interact.attempts=4"))

    found = guesses(settings)

    assert found["judge tasks"].requests == Range(200, 200, 200)
    assert found["write classes"].requests.likely == 500
    assert found["make scenarios"].requests.likely == 100
    played = found["play episodes"].rows
    assert played is not None
    assert played.least < played.likely == 200 < played.most
    assert found["play episodes"].tokens.likely == 22_000
    assert found["all"].requests.likely == 2800


def test_the_range_widens_from_step_to_step() -> None:
    found = guesses(load_settings(None, ()))
    widths = [each.rows.most / each.rows.least for each in found.values() if each.rows]

    assert widths == sorted(widths)
    assert widths[0] == 1.0


def test_scenarios_from_templates_ask_nobody() -> None:
    chosen = ("scen_generator.strategy=solution_first", "scen_generator.phrasing=template")

    assert guesses(load_settings(None, chosen))["make scenarios"].requests == Range(0, 0, 0)
    assert guesses(load_settings(None, chosen[:1]))["make scenarios"].requests.likely > 0


def test_the_cost_follows_the_price_of_each_role() -> None:
    settings = load_settings(None, ("models.agent.model=cheap",))
    prices = {"gpt-4.1": Price(input=2.0, output=10.0), "cheap": Price(input=0.0, output=1.0)}

    found = {each.name: each for each in estimate(100, AVERAGES, settings, Meter(prices=prices))}

    miner = found["judge tasks"].cost
    assert miner is not None
    assert miner.likely == pytest.approx((1000 * 2.0 + 100 * 10.0) / 1e6)
    agent, rows = found["play episodes"].cost, found["play episodes"].rows
    assert agent is not None
    assert rows is not None
    assert agent.likely == pytest.approx(rows.likely / 200 * 2000 / 1e6)


def test_without_a_price_the_cost_is_not_known_and_the_remedy_is_said() -> None:
    settings = load_settings(None, ("models.agent.model=unknown",))
    prices = {"gpt-4.1": Price(input=2.0, output=10.0)}

    found = estimate(100, AVERAGES, settings, Meter(prices=prices))

    assert found[-1].cost is None
    assert "llm.prices=FILE" in estimate_text(found, 100, Path("runs/one"))


def test_a_run_without_replies_is_refused() -> None:
    with pytest.raises(ArtifactError, match="holds no replies"):
        measure_averages(EXAMPLE)


def test_a_user_sees_a_line_for_each_step_and_the_sum(tmp_path: Path) -> None:
    done = run_cli("estimate", "--tasks", str(DEMO / "tasks.jsonl"), folder=tmp_path)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split() == ["judge", "tasks", "18", "31", "20,200", "-"]
    assert lines[6].split()[:2] == ["all", "637"]
    assert lines[8].startswith("18 tasks pass the filter.")
    assert list(tmp_path.iterdir()) == []
