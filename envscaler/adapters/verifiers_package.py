"""`envscaler export-verifiers`: a package that verifiers and prime-rl load by name.

It names the classes of `envscaler.adapters.verifiers` and holds the rows of `export-rl`.
"""

import re
import shutil
from pathlib import Path

from envscaler import __version__
from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.train.rl import ENVIRONMENTS, export_rl

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "{count} scenarios in tool environments, scored by code."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["envscaler[verifiers]>={version}"]
tags = ["tool-use", "multi-turn", "train", "eval"]

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

_MODULE = '''\
"""{count} scenarios in tool environments, scored by code."""

from pathlib import Path

from envscaler.adapters.verifiers import EnvHarness, EnvTaskset

__all__ = ["EnvHarness", "Scenarios"]


class Scenarios(EnvTaskset):
    """The scenarios of this package."""

    FOLDER = Path(__file__).parent / "rows"
'''

_README = """\
# {name}

{count} scenarios in {environments} tool environments, written by `envscaler export-verifiers`.
The reward is computed by code from the final state; where an environment breaks, the rollout is an
error and not a 0.

```bash
pip install -e .
vf-eval {name} -n 3 -r 2 --model MODEL --client.base-url http://localhost:8000/v1 \\
  --client.api-key-var OPENAI_API_KEY --env.agent.runtime.type subprocess --no-push
```

`rows/` holds code written by a model; it runs in the sandbox of envscaler only.
"""


def export_verifiers(run: Path, out: Path, settings: Settings) -> int:
    """Write the scenarios of a run as a package.

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
    name = out.name
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name for a package; use letters, digits and dashes")
    if out.exists():
        raise ConfigError(f"{out} exists; give a folder that does not")
    report = export_rl(run, settings)
    module, count = name.replace("-", "_"), sum(report.rows.values())
    known = {"name": name, "module": module, "count": count, "version": __version__}
    known["environments"] = sum(report.environments.values())
    texts = {"pyproject.toml": _PROJECT, "README.md": _README, f"{module}/__init__.py": _MODULE}
    rows = [one for one in report.files if one == ENVIRONMENTS or one.endswith(".jsonl")]
    try:
        (out / module / "rows").mkdir(parents=True)
        for file, text in texts.items():
            (out / file).write_text(text.format(**known), encoding="utf-8")
        for file in rows:
            shutil.copy(report.folder / file, out / module / "rows" / file)
    except OSError as error:
        raise ArtifactError(f"{out} cannot be written: {error.strerror}") from error
    return count
