"""Commands that ask no model, run as the command line does."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from envscaler.config import Settings
from envscaler.pipeline.measure import open_measuring
from envscaler.pipeline.run import Run

T = TypeVar("T")


async def measuring(folder: Path, settings: Settings, work: Callable[[Run], Awaitable[T]]) -> T:
    """Do the work of a command that asks no model in a run folder."""
    async with open_measuring(folder, settings, "measure") as run:
        return await work(run)
