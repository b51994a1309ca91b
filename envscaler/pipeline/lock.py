"""One process at a time in a run folder."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from envscaler.errors import ConfigError
from envscaler.links import refuse_links
from envscaler.sandbox.machine import refuse_windows


@contextmanager
def only_one(folder: Path, *, make: bool = True, shared: bool = False) -> Generator[None]:
    """Keep other processes out of a run folder; two of them would make every row twice.

    Args:
        folder: The run.
        make: Whether a folder is made where there is none. What only looks at rows has nothing to
            lock there, and says itself which rows it misses.
        shared: Only keep those out who want it for themselves: shards write in their own folders.

    Raises:
        ConfigError: Somebody is in it already, or it cannot be made.
        ArtifactError: Something in it is a symbolic link that would be written through.
        IsolationError: This is Windows.
    """
    refuse_windows()
    if not make and not folder.exists():
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        refuse_links(folder)
        lock = (folder / ".lock").open("w", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--run {folder} cannot be used: {error.strerror}") from error
    with lock:
        try:
            _take(lock, shared=shared)
        except BlockingIOError as error:
            raise ConfigError(
                f"Another envscaler works in {folder}; wait for it, or give another --run"
            ) from error
        yield


def _take(lock: TextIO, *, shared: bool) -> None:
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 (Windows has none)

        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
