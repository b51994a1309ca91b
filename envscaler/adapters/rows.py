"""What a folder has to play, read and checked once for all environments of a process."""

from collections.abc import Mapping
from functools import cache

from envscaler.env import AsyncEnv
from envscaler.load import load_playable
from envscaler.playing.playable import Source


@cache
def rows_of(folder: str) -> Mapping[str, Source]:
    """Return the scenarios of a folder by id.

    Args:
        folder: A run folder, or RUN/exports/rl.

    Raises:
        ArtifactError: There is no such folder, or a row is not whole or of another version.
    """
    return {AsyncEnv(row).scenario_id: row for row in load_playable(folder)}
