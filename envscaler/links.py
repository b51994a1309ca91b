"""Symbolic links in a run folder, which may come from somebody else and lead anywhere."""

from collections.abc import Iterator
from pathlib import Path

from envscaler.errors import ArtifactError

_ONLY_READ = (".jsonl", ".gz")
"""Artifacts may be links to those of another run: writing replaces a link, or refuses it."""


def refuse_links(folder: Path) -> None:
    """Make sure that nothing which is written in a run folder leads out of it.

    Raises:
        ArtifactError: Something does.
    """
    for path in _written(folder):
        if path.is_symlink():
            raise ArtifactError(
                f"{path} is a symbolic link, and links are not followed for writing; "
                "take it out, or put what it leads to in its place"
            )


def _written(folder: Path) -> Iterator[Path]:
    yield from (path for path in _entries(folder) if path.suffix not in _ONLY_READ)
    # What is deeper is replaced as a whole, or is a trained model that others have put there.
    yield from _entries(folder / "settings")
    yield from _entries(folder / "exports")


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
