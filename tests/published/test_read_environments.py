"""Reading environments from any file, and checking them from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ArtifactError
from envscaler.jsonl import write_objects, write_rows
from envscaler.published.read_environments import MOST_STATES, read_environments
from tests.check_env.arena import skeleton

SOUND = '''
class Lamp:
    def __init__(self):
        self.on = False

    def read(self) -> dict:
        """Read."""
        return {"success": True, "data": self.on}

    def turn_on(self) -> dict:
        """Turn it on."""
        if self.on:
            return {"success": False, "error": "it is on"}
        self.on = True
        return {"success": True, "message": "on"}
'''
BROKEN = SOUND.replace('"data": self.on', '"data": 1 // 0')


def check(path: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check-env", str(path), *options])
    return result.exit_code, result.stdout


def module(folder: Path, source: str) -> Path:
    path = folder / "lamp.py"
    path.write_text(source, encoding="utf-8")
    return path


def test_a_module_that_the_sandbox_does_not_offer_is_named_with_the_remedy(tmp_path: Path) -> None:
    source = "import attrs\n\nclass Lamp:\n    made = attrs.__name__\n    def on(self): ...\n"

    code, said = check(module(tmp_path, source))

    assert code == 1
    assert "No module named 'attrs'" in said
    assert "--set sandbox.modules=[attrs]" in said


def test_rows_of_a_run_are_read(tmp_path: Path) -> None:
    path = tmp_path / "skeletons.jsonl"
    write_rows(path, [skeleton(SOUND)])

    [given] = read_environments(path)

    assert given.skeleton == skeleton(SOUND)
    assert given.states == ()


def test_published_environments_are_read_with_the_states_of_their_scenarios(
    shared_data: Path,
) -> None:
    folder = shared_data / "envscaler"

    given = read_environments(folder / "env_metadata_dev.json.gz", folder / "scenarios_dev.json.gz")

    assert len(given) == 27
    assert sum(bool(one.states) for one in given) == 15
    assert max(len(one.states) for one in given) == MOST_STATES


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    for name in ("none.py", "none.jsonl", "none.json.gz"):
        with pytest.raises(ArtifactError, match=name):
            read_environments(tmp_path / name)


def test_a_sound_environment_ends_with_0(tmp_path: Path) -> None:
    code, text = check(module(tmp_path, SOUND))

    assert code == 0
    assert "no findings" in text


def test_a_serious_finding_ends_with_1_and_shows_its_calls(tmp_path: Path) -> None:
    code, text = check(module(tmp_path, BROKEN))

    assert code == 1
    assert "uncaught_exception  read" in text
    assert "state 0: read()" in text


def test_findings_are_printed_as_json(tmp_path: Path) -> None:
    _, text = check(module(tmp_path, BROKEN), "--json")

    states, finding = map(json.loads, text.splitlines())
    assert states["initial_states"]
    assert finding["kind"] == "uncaught_exception"
    assert finding["calls"] == [{"tool": "read", "arguments": {}}]


def test_an_environment_that_does_not_start_is_told(tmp_path: Path) -> None:
    code, text = check(module(tmp_path, SOUND.replace("self.on = False", "self.on = 1 // 0", 1)))

    assert code == 1
    assert "ZeroDivisionError" in text


@pytest.mark.parametrize("state", ["initial_state", "init_config"])
def test_scenarios_are_told_to_be_no_environments(tmp_path: Path, state: str) -> None:
    file = tmp_path / "scenarios.jsonl"
    write_objects(file, [{"task": "Lend it.", state: {}}])

    with pytest.raises(ArtifactError, match=r"holds scenarios, not environments; .* `--scenarios"):
        read_environments(file)
