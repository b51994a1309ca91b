"""`envscaler export-openenv`: a package that OpenEnv builds, serves and validates.

It holds the scenarios that `export-rl` takes, with their environments, and a server for them.
"""

import re
from pathlib import Path

from envscaler import __version__
from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_rows, write_rows
from envscaler.load import load_playable, scenario_id
from envscaler.records import Environment, Scenario
from envscaler.train.rl import export_rl

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_MANIFEST = """\
spec_version: 1
name: {name}
version: 0.1.0
type: space
runtime: fastapi
app: server.app:app
port: 8000
validation:
  reward: {{range: [0.0, 1.0], oracle_tolerance: 0.0, floor_margin: 0.1}}
  resources: {{cpu: 1, memory_mb: 1024, disk_mb: 512, episode_timeout_s: 600}}
  capabilities: {{verifier: {{kind: reward_channel}}}}
  types: {{tags: [envscaler]}}
"""

_PROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "openenv-{name}"
version = "0.1.0"
description = "{count} scenarios in {environments} tool environments, scored by code."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["envscaler[openenv]>={version}", "openenv>=0.10,<0.11"]

[project.scripts]
server = "server.app:main"

[tool.hatch.build.targets.wheel]
packages = ["server"]
"""

_APP = '''\
"""{count} scenarios in {environments} tool environments, behind OpenEnv's routes."""

from pathlib import Path

from envscaler.adapters.http_server import listen
from envscaler.adapters.openenv import app_of

app = app_of(Path(__file__).parents[1] / "data")


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    listen(app, "0.0.0.0", 8000)


if __name__ == "__main__":
    main()
'''

_IMAGE = """\
FROM python:3.11.11-slim-bookworm
WORKDIR /app/env
COPY . .
RUN pip install --no-cache-dir -e .
EXPOSE 8000
CMD ["server"]
"""

_README = """\
---
title: {name}
sdk: docker
app_port: 8000
tags: [openenv, tool-use]
---

# {name}

{count} scenarios in {environments} tool environments, written by `envscaler export-openenv`.
A call of `finish` ends an episode with the only reward, which is computed by code from the final
state, and is null where the environment broke.

```bash
pip install -e . && server
openenv validate --level static --skip-build .
openenv validate --url http://127.0.0.1:8000
```

`data/` holds code written by a model, which runs in the sandbox of envscaler only, and the
checks and solutions: keep it from the agent.
"""

_FILES = {
    "openenv.yaml": _MANIFEST,
    "pyproject.toml": _PROJECT,
    "README.md": _README,
    "server/__init__.py": '"""The server of this package."""\n',
    "server/app.py": _APP,
    "server/Dockerfile": _IMAGE,
}


def export_openenv(run: Path, out: Path, settings: Settings) -> int:
    """Write the scenarios of a run as an OpenEnv package.

    Args:
        run: The run folder; its `exports/rl` is written anew on the way.
        out: Folder of the package; its name is the package's, and it must not exist yet.
        settings: As for `export-rl`.

    Returns:
        The number of scenarios.

    Raises:
        ConfigError: The folder exists, or its name is none for a package.
        ArtifactError: The run has nothing to export, or the disk refuses.
    """
    if not _NAME.fullmatch(out.name):
        raise ConfigError(f"{out.name!r} is no name for a package; use letters, digits and dashes")
    if out.exists():
        raise ConfigError(f"{out} exists; give a folder that does not")
    report = export_rl(run, settings)
    chosen = {scenario_id(row) for row in load_playable(report.folder)}
    scenarios = [row for row in read_rows(run / "scenarios.jsonl", Scenario) if row.id in chosen]
    used = {row.env_id for row in scenarios}
    environments = [row for row in read_rows(run / "envs.jsonl", Environment) if row.id in used]
    known = {"name": out.name, "count": len(scenarios), "environments": len(environments)}
    try:
        for folder in ("data", "server"):
            (out / folder).mkdir(parents=True)
        for file, text in _FILES.items():
            filled = text.format(**known, version=__version__)
            (out / file).write_text(filled, encoding="utf-8")
    except OSError as error:
        raise ArtifactError(f"{out} cannot be written: {error.strerror}") from error
    write_rows(out / "data" / "envs.jsonl", environments)
    write_rows(out / "data" / "scenarios.jsonl", scenarios)
    return len(scenarios)
