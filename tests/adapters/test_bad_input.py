"""What a user of each door is told when what it is given cannot be played; see docs/doors.md.

A door whose package is not installed is skipped: `.ci/doors` runs this file in each environment.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import pytest

from envscaler.adapters import harbor_tool
from envscaler.adapters.harbor import export_harbor
from envscaler.adapters.rows import rows_of
from envscaler.errors import ArtifactError, EnvScalerError
from envscaler.functions import export_rl
from envscaler.load import load_export
from tests.adapters.example import CHECKOUT
from tests.face import write_desk
from tests.interact.fakes import make_environment

pytestmark = pytest.mark.filterwarnings("ignore")
NEEDS = {
    "trl": "trl",
    "inspect": "inspect_ai",
    "verifiers": "verifiers.v1",
    "serve": "fastapi",
    "openenv": "openenv.core",
    "gem": "gem.core",
    "harbor": "envscaler",
}


def spoil(folder: Path, fault: str) -> Path:
    """Export the desk, and spoil the export."""
    run = write_desk(folder / "run")
    export_rl(run, settings=("train.validation_share=0",))
    rl = run / "exports/rl"
    if fault == "missing environment":
        (rl / "environments.jsonl").write_text("", encoding="utf-8")
    else:
        row = json.loads((rl / "train.jsonl").read_text(encoding="utf-8"))
        row["schema_version"] = 99
        (rl / "train.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return rl


def call_command(folder: Path) -> str:
    """Serve a folder over MCP as a desktop client does; return what stands on stderr."""
    command = [sys.executable, "-m", "envscaler", "serve", str(folder), "--mcp", "scen-1"]
    done = subprocess.run(
        command, cwd=CHECKOUT, input="", capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def of(module: str, name: str) -> Callable:
    """Return a name of an adapter, which only an environment with its package can import."""
    return getattr(import_module(f"envscaler.adapters.{module}"), name)


def load_taskset(folder: Path) -> list:
    config = of("verifiers", "EnvTasksetConfig")(folder=str(folder))
    return list(of("verifiers", "EnvTaskset")(config).load())


TAKES: dict[str, Callable[[Path], object]] = {
    "trl": lambda folder: of("trl", "Environments")(load_export(folder)),
    "inspect": lambda folder: of("inspect_task", "run")(str(folder)),
    "verifiers": load_taskset,
    "serve": lambda folder: of("nemo_gym", "Sessions")(rows_of(str(folder))),
    "openenv": lambda folder: of("openenv", "app_of")(folder),
    "gem": lambda folder: of("gem", "ScenarioEnv")(str(folder)),
    "harbor": lambda folder: export_harbor(folder, folder / "tasks"),
}
"""How a folder is given to each door, as docs/doors.md does it."""


FAULTS = [
    ("unknown schema", "has schema version 99"),
    ("missing environment", "has no env-1"),
]


@pytest.mark.parametrize("door", TAKES)
@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_row_that_cannot_be_played_is_one_clear_error(
    door: str, fault: str, words: str, tmp_path: Path
) -> None:
    pytest.importorskip(NEEDS[door], reason=f"{door} is not installed")

    folder = spoil(tmp_path, fault)

    with pytest.raises(Exception, match=words) as caught:
        TAKES[door](folder)

    # Inspect prints one line only for an error of its own class.
    assert isinstance(caught.value.__cause__ or caught.value, EnvScalerError)
    assert (type(caught.value).__name__ == "PrerequisiteError") == (door == "inspect")


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_the_mcp_server_says_it_in_one_line(fault: str, words: str, tmp_path: Path) -> None:
    pytest.importorskip("mcp_types", reason="mcp is not installed")

    assert words in call_command(spoil(tmp_path, fault))


def unopened(folder: Path) -> Path:
    bad = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})
    return write_desk(folder / "run", bad)


def test_a_class_that_does_not_open_ends_the_mcp_server_with_one_line(tmp_path: Path) -> None:
    pytest.importorskip("mcp_types", reason="mcp is not installed")

    assert "LendingDesk" in call_command(unopened(tmp_path))


def test_a_class_that_does_not_open_leaves_a_harbor_task_without_a_reward(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = unopened(tmp_path)
    export_rl(run, settings=("train.validation_share=0",))
    export_harbor(run, tmp_path / "tasks")
    scenario = str(tmp_path / "tasks/scen-1/tests/scenario.json")
    reward = tmp_path / "reward.txt"

    code = harbor_tool.main(["score", scenario, str(tmp_path / "calls"), str(reward)])

    assert (code, reward.exists()) == (1, False)
    assert "LendingDesk" in capsys.readouterr().err


def gem_texts(folder: Path, actions: Iterable[str]) -> list[str]:
    env = of("gem", "ScenarioEnv")(str(folder))
    env.reset(seed=0)
    texts = [env.step(action)[0] for action in actions]
    env.close()
    return texts


def test_calls_that_cannot_be_made_are_answered_in_words_by_gem(tmp_path: Path) -> None:
    pytest.importorskip("gem.core", reason="gem is not installed")
    calls = ({"name": "burn", "arguments": {}}, {"name": "lend", "arguments": [1]})

    unknown, no_object = gem_texts(
        write_desk(tmp_path), (f"<tool_call>{json.dumps(call)}</tool_call>" for call in calls)
    )

    assert "There is no tool 'burn'" in unknown
    assert "object" in no_object


def test_calls_that_cannot_be_made_are_answered_in_words_by_a_harbor_tool(tmp_path: Path) -> None:
    run = write_desk(tmp_path / "run")
    export_rl(run, settings=("train.validation_share=0",))
    export_harbor(run, tmp_path / "tasks")
    scenario = tmp_path / "tasks/scen-1/tests/scenario.json"

    assert "no tool 'burn'" in harbor_tool.call(scenario, tmp_path / "calls", "burn")
    assert "not a JSON object" in harbor_tool.call(scenario, tmp_path / "calls", "lend", "[1]")


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is neither a run with scenarios nor an export"):
        rows_of(str(tmp_path))
