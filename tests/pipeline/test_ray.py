"""Rows made on a Ray cluster: the same rows, on every node, and none lost with a node."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError
from envscaler.jsonl import count_rows
from tests.fakes import ScriptedModel, scripted_models
from tests.pipeline import makers
from tests.pipeline.executing import EXAMPLE, begin_example, made, play_example, texts
from tests.sharding import kill_once_written

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
    yield from _started(Cluster, 2)


@pytest.fixture
def bare_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start a cluster of one node on which the package is not installed."""
    from ray.cluster_utils import Cluster

    if find_spec_elsewhere():
        pytest.skip("envscaler is installed beside Ray, so no node is without it")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    yield from _started(Cluster, 1)


def find_spec_elsewhere() -> bool:
    """Say whether a Python that knows nothing of this checkout finds the package."""
    code = "import importlib.util as i, sys; sys.exit(i.find_spec('envscaler') is None)"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return not subprocess.run(
        [sys.executable, "-c", code], cwd="/", env=clean, check=False
    ).returncode


def _started(kind: Any, nodes: int) -> Iterator[Any]:
    started = kind(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(nodes):
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


def test_a_driver_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path, cluster: Any) -> None:
    begin_example(tmp_path)
    there = ("--executor", "ray", "--address", cluster.address, "--processes", "2")
    command = ("rollout", "--run", tmp_path, "-c", "demo", "--ordered", "-w", "2", *there)

    killed = kill_once_written(tmp_path / "rollouts.jsonl", 2, *command)
    rows = count_rows(tmp_path / "rollouts.jsonl")

    assert killed
    assert rows < count_rows(EXAMPLE / "rollouts.jsonl")
    play_example(tmp_path, *there)


def test_a_node_without_the_package_is_one_line(tmp_path: Path, bare_cluster: Any) -> None:
    begin_example(tmp_path / "run")
    command = [
        *(sys.executable, "-m", "envscaler", "rollout", "--run", "run", "-c", "demo"),
        *("--executor", "ray", "--address", bare_cluster.address, "--processes", "1"),
    ]

    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "envscaler: A node of the Ray cluster has no envscaler; install the same version on all"
    )
    assert "Traceback" not in done.stderr
