"""`envscaler serve RUN --port`, played by the taskset `nemo_gym` that verifiers has."""

from pathlib import Path

import pytest

pytest.importorskip("verifiers.v1", reason="the extra `verifiers` is not installed")
pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
pytest.importorskip("uv", reason="verifiers' own harnesses need uv and a registry")

from tests.adapters.example import EXAMPLE, proven
from tests.adapters.stub import endpoint, solver
from tests.adapters.test_http import Session, served
from tests.adapters.test_verifiers import evaluate

CONFIG = """\
[env.taskset]
id = "nemo_gym"
dataset = "{dataset}"
task = {{resources_url = "{url}"}}

[env.agent]
harness = {{id = "null"}}
runtime = {{type = "subprocess"}}
"""
pytestmark = pytest.mark.filterwarnings("ignore")


def test_verifiers_plays_what_is_served_to_the_rewards_of_the_checks(tmp_path: Path) -> None:
    scenarios = proven()[:2]
    good = scenarios[0].id
    dataset = tmp_path / "dataset.jsonl"
    with (
        served(EXAMPLE) as gym,
        endpoint(solver(scenarios, solved=lambda one: one == good)) as (url, _),
    ):
        wanted = [f'"scenario_id": "{one.id}"' for one in scenarios]
        rows = Session(gym).get("dataset.jsonl").splitlines()
        chosen = [row for row in rows if any(one in row for one in wanted)]
        dataset.write_text("\n".join(chosen) + "\n", encoding="utf-8")
        config = tmp_path / "config.toml"
        config.write_text(CONFIG.format(dataset=dataset, url=gym), encoding="utf-8")
        episodes = evaluate(tmp_path, None, url, "@", str(config), offline=False)

    found = {}
    for episode in episodes:
        (trace,) = episode["traces"]
        assert episode["ok"], trace["errors"]
        name = trace["task"]["data"]["row"]["scenario_id"]
        found[name] = trace["rewards"]["nemo_gym"]["score"]
    assert found[good] == 1.0
    assert found[scenarios[1].id] < 1
