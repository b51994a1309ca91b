"""Rows made on a Ray cluster: the same rows, on every node, and none lost with a node."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError
from tests.fakes import ScriptedModel, scripted_models
from tests.pipeline import makers
from tests.pipeline.executing import made, play_example, texts

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
CHECKOUT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start a cluster of a head and two nodes with a core each, all on this machine."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))  # where the makers of the tests are
    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        started.add_node(num_cpus=1)
    started.wait_for_nodes()
    yield started
    ray.shutdown()
    started.shutdown()


def on(address: str) -> Settings:
    return load_settings(
        None,
        (
            "runner.executor=ray",
            f"runner.address={address}",
            "runner.processes=2",
            "runner.ordered=true",
            "runner.workers=4",
        ),
    )


def test_both_nodes_make_rows(tmp_path: Path, cluster: Any) -> None:
    from tests.pipeline.makers_on_ray import telling_which_node

    maker = telling_which_node
    report = asyncio.run(made(tmp_path, on(cluster.address), maker, range(8), {}))

    assert report.written == 8
    assert len(set(texts(tmp_path))) == 2


def test_a_node_that_dies_loses_no_row_and_no_reply(tmp_path: Path, cluster: Any) -> None:
    """Its rows are made on the other node; what was asked is in the store of a real run."""
    nodes = list(cluster.worker_nodes)

    def answer(prompt: Prompt) -> str:
        if prompt.messages[0].get("content") == "5" and nodes:
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        return f"said {prompt.messages[0].get('content')}"

    models = scripted_models(ScriptedModel(answer))
    report = asyncio.run(made(tmp_path, on(cluster.address), makers.asking, range(12), models))

    assert (report.written, report.dropped) == (12, 0)
    assert texts(tmp_path) == [f"said {number}" for number in range(12)]


def test_a_row_that_always_kills_its_worker_is_dropped_alone(tmp_path: Path, cluster: Any) -> None:
    report = asyncio.run(made(tmp_path, on(cluster.address), makers.dying, range(6), {}))

    assert (report.written, report.reasons) == (5, {"worker_lost": 1})


def test_a_rollout_on_a_cluster_is_the_example(tmp_path: Path, cluster: Any) -> None:
    play_example(tmp_path, "--executor", "ray", "--address", cluster.address, "--processes", "2")


def test_an_address_where_nobody_is_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No Ray cluster answers at 127\.0\.0\.1:1") as raised:
        asyncio.run(made(tmp_path, on("127.0.0.1:1"), makers.refusing, range(1), {}))

    assert "\n" not in str(raised.value)
