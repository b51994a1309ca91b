"""`envscaler export-verifiers`: a package that verifiers and prime-rl load by name.

It names the classes of `envscaler.adapters.verifiers` and holds the rows of `export-rl`.
"""

import shutil
from pathlib import Path

from envscaler.adapters.package import check_folder, write_texts
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.train.rl import ENVIRONMENTS, export_rl

_TEMPLATES = {
    "pyproject.toml": "verifiers/project.toml",
    "README.md": "verifiers/README.md",
}


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
    check_folder(out)
    report = export_rl(run, settings)
    module, count = out.name.replace("-", "_"), sum(report.rows.values())
    templates = {**_TEMPLATES, f"{module}/__init__.py": "verifiers/module.py.txt"}
    environments = sum(report.environments.values())
    rows = [one for one in report.files if one == ENVIRONMENTS or one.endswith(".jsonl")]
    try:
        (out / module / "rows").mkdir(parents=True)
        write_texts(out, templates, module=module, count=count, environments=environments)
        for file in rows:
            shutil.copy(report.folder / file, out / module / "rows" / file)
    except OSError as error:
        raise ArtifactError(f"{out} cannot be written: {error.strerror}") from error
    return count
