"""`envscaler export-openenv`: a package that OpenEnv builds, serves and validates.

It holds the scenarios that `export-rl` takes, with their environments, and a server for them.
"""

from pathlib import Path

from envscaler.adapters.package import check_folder, write_texts
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows, write_rows
from envscaler.load import load_playable, scenario_id
from envscaler.records import Environment, Scenario
from envscaler.train.rl import export_rl

_TEMPLATES = {
    "openenv.yaml": "openenv/openenv.yaml",
    "pyproject.toml": "openenv/project.toml",
    "README.md": "openenv/README.md",
    "server/__init__.py": "openenv/init.py.txt",
    "server/app.py": "openenv/app.py.txt",
    "server/Dockerfile": "openenv/Dockerfile",
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
    check_folder(out)
    report = export_rl(run, settings)
    chosen = {scenario_id(row) for row in load_playable(report.folder)}
    scenarios = [row for row in read_rows(run / "scenarios.jsonl", Scenario) if row.id in chosen]
    used = {row.env_id for row in scenarios}
    environments = [row for row in read_rows(run / "envs.jsonl", Environment) if row.id in used]
    try:
        (out / "data").mkdir(parents=True)
        counts = {"count": len(scenarios), "environments": len(environments)}
        write_texts(out, _TEMPLATES, **counts)
    except OSError as error:
        raise ArtifactError(f"{out} cannot be written: {error.strerror}") from error
    write_rows(out / "data" / "envs.jsonl", environments)
    write_rows(out / "data" / "scenarios.jsonl", scenarios)
    return len(scenarios)
