"""What `import envscaler` offers, what it costs, and that the README's lines run."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import envscaler
from envscaler import errors
from tests.face import LEND, desk_row, write_desk

CHECKOUT = Path(__file__).parents[1]
OFFERED = {
    *(
        "Environment",
        "Scenario",
        "Trajectory",
        "Reward",
        "Check",
        "Tool",
        "ToolCall",
        "Observation",
    ),
    *("load_run", "load_environments", "load_scenarios", "load_export"),
    *("Env", "AsyncEnv", "Score"),
    *("check_environment", "export_sft", "export_rl"),
}
ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.EnvScalerError)
}


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after it ran some code."""
    tail = "\nimport json, sys; print(json.dumps([*sys.modules]))"
    command = [sys.executable, "-c", code + tail, *arguments]
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=120
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_public_names_are_these() -> None:
    assert {*envscaler.__all__} == OFFERED | ERRORS


@pytest.mark.parametrize("name", sorted(OFFERED | ERRORS))
def test_a_public_name_is_loaded_when_asked_for(name: str) -> None:
    assert getattr(envscaler, name).__name__ == name
    assert name in dir(envscaler)


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Enf'"):
        envscaler.Enf  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def test_the_import_loads_nothing() -> None:
    ours = loaded_by("import envscaler") - loaded_by(
        "from importlib import import_module\nimport typing"
    )

    assert ours == {"envscaler"}


def test_an_env_loads_no_model_client_no_command_line_and_no_extra(tmp_path: Path) -> None:
    row = tmp_path / "row.json"
    row.write_text(json.dumps(desk_row(tmp_path)), encoding="utf-8")
    play = (
        "import envscaler, json, sys\n"
        "env = envscaler.Env(json.load(open(sys.argv[1], encoding='utf-8')))\n"
        f"env.call('lend', {LEND})\n"
        "assert env.score().reward == 1.0\n"
        "env.close()"
    )

    loaded = loaded_by(play, str(row))

    assert "pydantic" in loaded
    heavy = {"openai", "typer", "rich", "tqdm", "sklearn", "numpy", "httpx", "httpx2", "aiohttp"}
    extras = {"trl", "torch", "verifiers", "mcp", "openenv", "inspect_ai", "fastapi", "gem"}
    assert loaded & (heavy | extras) == set()


def python_of(page: str, heading: str) -> str:
    """Return the Python code below a heading of a Markdown page."""
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```python\n(.*?)```", section, re.S))


def test_the_lines_of_the_readme_run(tmp_path: Path) -> None:
    write_desk(tmp_path / "runs" / "one")
    code = python_of((CHECKOUT / "README.md").read_text(encoding="utf-8"), "From Python")

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code.replace('"find_orders", {"status": "open"}', f'"lend", {LEND}'),
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stderr == ""
    assert done.stdout.splitlines()[-1].startswith("1.0")
    assert len(code.strip().splitlines()) <= 12
