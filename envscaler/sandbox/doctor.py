"""What this machine offers for running generated code: `envscaler doctor`."""

import platform
import sys

from envscaler.config import SandboxSettings
from envscaler.errors import IsolationError
from envscaler.records import Record
from envscaler.sandbox.guest.escape_attempts import ATTEMPTS
from envscaler.sandbox.host import Sandbox
from envscaler.sandbox.machine import raise_descriptor_limit, usable_cores


class Report(Record):
    """What was found."""

    system: str
    python: str
    cores: int
    environments: int
    """How many may live at once under the limit of open files."""
    level: str
    """What stands between generated code and the machine; empty when it may not run."""
    stopped: tuple[str, ...]
    """Attempts to break out that were made just now and failed."""
    problem: str = ""
    """Why generated code may not run, and the remedy."""


async def report(settings: SandboxSettings, *, python: str = sys.executable) -> Report:
    """Look at the machine, start a sandbox and test its cage.

    Args:
        settings: As for a run; with `mode: weak` a machine without a wall is accepted.
        python: Interpreter that would run generated code.
    """
    level, problem = "", ""
    try:
        async with Sandbox.start(settings, python=python) as sandbox:
            level = sandbox.level
    except IsolationError as error:
        problem = str(error)
    walled = level not in ("", "process")
    return Report(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        cores=usable_cores(),
        environments=raise_descriptor_limit(),
        level=level,
        stopped=tuple(ATTEMPTS) if walled else (),
        problem=problem,
    )
