"""The lending desk as a row and as a run folder, for tests that play it."""

import os
import time
from pathlib import Path

from envscaler.config import load_settings
from envscaler.jsonl import write_rows
from envscaler.load import load_export
from envscaler.records import Environment, JsonObject, Scenario
from envscaler.train.rl import export_rl
from tests.interact.fakes import make_environment, make_scenario

LEND: JsonObject = {"book_id": "B2", "reader": "Ada"}
"""Arguments of the call that solves the scenario."""


def write_desk(
    folder: Path,
    environment: Environment | None = None,
    scenarios: tuple[Scenario, ...] = (),
) -> Path:
    """Write a run folder with the desk, or another environment, and its scenarios."""
    write_rows(folder / "envs.jsonl", [environment or make_environment()])
    write_rows(folder / "scenarios.jsonl", scenarios or (make_scenario(),))
    return folder


def desk_row(folder: Path) -> JsonObject:
    """Export the desk below a folder, and return its row with its environment."""
    run = write_desk(folder)
    export_rl(run, load_settings(None, ("train.validation_share=0",)))
    return load_export(run)[0]


def is_gone(pid: int) -> bool:
    """Wait for a process to end."""
    for _ in range(3000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False
