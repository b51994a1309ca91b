"""`envscaler eval` as a user types it."""

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.invented_bfcl import install
from tests.stub_server import Behaviour, StubServer
from tests.test_cli import run_cli


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("installed"))


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return run_cli(*command, folder=folder)


def test_a_control_prints_the_table_and_is_played_once(tmp_path: Path, data: Path) -> None:
    command = ("eval", "bfcl", "--data", data, "--run", "one", "--agent", "ground-truth")

    first, second = run(tmp_path, *command), run(tmp_path, *command)

    assert first.returncode == 0, first.stderr
    head, base, *_ = first.stdout.splitlines()
    assert head.split()[:7] == ["tasks", "trials", "pass^1", "95", "%", "no-op", "read-only"]
    assert base.split()[:4] == ["base", "2", "2", "100.00"]
    assert base.split()[5:7] == ["0.00", "50.00"]
    assert "8 of 8 trials passed" in first.stdout
    assert "eval-bfcl-ground-truth        0        8" in second.stdout


def test_a_model_plays_and_its_rows_can_be_calibrated_and_shown(tmp_path: Path, data: Path) -> None:
    with StubServer(Behaviour()) as stub:
        played = run(
            *(tmp_path, "eval", "bfcl", "--data", data, "--run", "one", "--split", "base"),
            *("--trials", "2", "--no-floor", "--set", f"models.default.base_url={stub.url}"),
        )
    rated = run(tmp_path, "calibrate", "--run", "one")
    shown = run(tmp_path, "show", "one/rollouts.jsonl")

    assert played.returncode == 0, played.stderr
    assert "0 of 4 trials passed" in played.stdout
    assert "pass^2" in played.stdout
    never = rated.stdout.splitlines()[-1]
    assert never.startswith("never solved: ")
    assert {"bfcl/base/multi_turn_base_0", "bfcl/base/multi_turn_base_1"} == {
        *never.removeprefix("never solved: ").split(", ")
    }
    assert shown.returncode == 0
    assert "bfcl" in shown.stdout


def test_an_endpoint_without_tools_is_one_line_with_the_remedy(tmp_path: Path, data: Path) -> None:
    with StubServer(Behaviour(faults=("400-tools",) * 99)) as stub:
        done = run(
            *(tmp_path, "eval", "bfcl", "--data", data, "--run", "one", "--split", "base"),
            *("--set", f"models.default.base_url={stub.url}"),
        )

    assert done.returncode == 1
    assert "interact.tool_format=[text]" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--split", "live"), "BFCL has no category live; --split takes base,miss_func,"),
        (("--reference", "qwen9"), "--reference qwen9: the paper has gpt-4.1, qwen3-235b-thinking"),
        (("--tool-format", "xml"), "Setting interact.tool_format.0 cannot be 'xml'"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path, data: Path, options: tuple[str, ...], line: str
) -> None:
    done = run(tmp_path, "eval", "bfcl", "--data", data, "--run", "one", *options)

    assert done.returncode == 1
    assert done.stderr.startswith(f"envscaler: {line}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "one").exists()
