"""The scenarios of one run, taken into another, where another agent plays them."""

from filecmp import cmp
from pathlib import Path
from shutil import copyfile

from envscaler.errors import ArtifactError, ConfigError
from envscaler.pipeline.lock import only_one

SET = ("envs.jsonl", "scenarios.jsonl")


def is_run(source: Path) -> bool:
    """Say whether a path names a run folder or its scenarios, and no file of calls."""
    return source.is_dir() or source.name == SET[1]


def take_scenarios(source: Path, run: Path) -> None:
    """Copy the environments and scenarios of a run into another; where they lie there, do nothing.

    Args:
        source: The run that has them, or its `scenarios.jsonl`.
        run: The folder of the other run, which is made where there is none.

    Raises:
        ArtifactError: The first has no scenarios.
        ConfigError: The other has others.
    """
    folder = source if source.is_dir() else source.parent
    missing = [str(folder / name) for name in SET if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(f"{missing[0]} does not exist; --from takes a run with scenarios")
    with only_one(run):
        for name in SET:
            _take(folder / name, run / name)


def _take(given: Path, target: Path) -> None:
    if not target.exists():
        part = target.with_suffix(".part")
        copyfile(given, part)
        part.replace(target)
    elif not cmp(given, target, shallow=False):
        raise ConfigError(f"{target} has other rows than {given}; take a new folder for each agent")
