"""`envscaler export-harbor`: a Harbor task directory for each scenario (Terminal-Bench style).

The agent works in a container with one command, `tool NAME JSON`. Its image holds the scenario
without checks and solution; a second image holds the whole row and scores the calls that were made.
"""

import json
import shlex
import shutil
from pathlib import Path

from envscaler import __version__
from envscaler.adapters.package import check_new, template
from envscaler.env import AsyncEnv
from envscaler.errors import ArtifactError, ConfigError
from envscaler.load import load_export
from envscaler.records import JsonObject

CALLS = "/var/lib/envscaler/calls.jsonl"
_RUN = "python -m envscaler.adapters.harbor_tool"
_HIDDEN = {"checks": [], "reference": None, "proven": None, "noop_score": None}
"""What an agent must not find in its container."""


def export_harbor(run: Path, out: Path, wheel: Path | None = None) -> int:
    """Write the rows of `export-rl` as task directories.

    Args:
        run: A run folder with `exports/rl`, or that folder.
        out: Gets a folder for each scenario; must not exist yet.
        wheel: Of envscaler, which the images install; None: they take it from an index.

    Returns:
        The number of tasks.

    Raises:
        ConfigError: The folder exists, or there is no such wheel.
        ArtifactError: There is no export, or the disk refuses.
    """
    check_new(out)
    if wheel is not None and not wheel.is_file():
        raise ConfigError(f"{wheel} does not exist; build one with `pip wheel --no-deps .`")
    rows = list(load_export(run))
    try:
        for row in rows:
            _write_task(row, out / str(row["scenario_id"]), wheel)
    except OSError as error:
        raise ArtifactError(f"{out} cannot be written: {error.strerror}") from error
    return len(rows)


def _write_task(row: JsonObject, folder: Path, wheel: Path | None) -> None:
    env = AsyncEnv(row)
    texts = {
        "task.toml": template(
            "harbor/task.toml", name=env.scenario_id, env_id=row["env_id"], calls=CALLS
        ),
        "instruction.md": _instruction(env),
        "environment/Dockerfile": _image("/opt/envscaler", wheel)
        + template("harbor/agent.Dockerfile", run=_RUN, calls=CALLS),
        "environment/scenario.json": json.dumps(row | _HIDDEN, ensure_ascii=False),
        "tests/Dockerfile": _image("/tests", wheel),
        "tests/test.sh": template("harbor/test.sh", run=_RUN, calls=CALLS),
        "tests/scenario.json": json.dumps(row, ensure_ascii=False),
    }
    if row.get("reference"):
        texts["solution/solve.sh"] = _solution(json.loads(str(row["reference"])))
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    if wheel is not None:
        for place in ("environment", "tests"):
            shutil.copy(wheel, folder / place / wheel.name)


def _image(place: str, wheel: Path | None) -> str:
    package = f"{place}/{wheel.name}" if wheel else f"envscaler=={__version__}"
    return template("harbor/Dockerfile", place=place, package=package)


def _instruction(env: AsyncEnv) -> str:
    functions = [tool["function"] for tool in env.tools]
    told = [
        f"* `{one['name']}`: {one['description']}\n  "
        f"`{json.dumps(one['parameters'], ensure_ascii=False)}`"
        for one in functions
    ]
    return template(
        "harbor/instruction.md",
        system=env.system,
        first=functions[0]["name"],
        tools="\n".join(told),
        task=env.task,
    )


def _solution(calls: list[JsonObject]) -> str:
    lines = (
        f"tool {one['name']} {shlex.quote(json.dumps(one['arguments'], ensure_ascii=False))}"
        for one in calls
    )
    return "\n".join(("#!/bin/sh", "set -e", *lines, ""))
