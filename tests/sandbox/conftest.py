"""A sandbox that lives as long as a test module."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from envscaler.records import JsonObject, Observation
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.sandbox.live import Isolation
from tests.sandbox.guests import Guest, settings

T = TypeVar("T")
NOBODY = 65534


@dataclass
class Box:
    """A sandbox and the loop it runs in, for tests that are not coroutines."""

    runner: asyncio.Runner
    sandbox: Sandbox

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Wait for a coroutine."""
        return self.runner.run(work)

    def open(
        self, guest: Guest, state: JsonObject | None = None, isolation: Isolation = "process"
    ) -> LiveEnvironment:
        """Open an environment."""
        start = Start(initial_state=state or {})
        return self.run(self.sandbox.open(guest, start, isolation=isolation))

    def call(self, environment: LiveEnvironment, tool: str, **arguments: object) -> Observation:
        """Call a tool."""
        return self.run(environment.call(tool, {**arguments}))  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def box() -> Generator[Box]:
    """A sandbox with short time limits, and time for a busy machine to keep them."""
    context = Sandbox.start(settings(call_soft=0.3, call_hard=1.5, check_time=0.3))
    with asyncio.Runner() as runner:
        yield Box(runner, runner.run(context.__aenter__()))
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture(params=["process", "shared"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Both places where an environment may live."""
    return request.param


def find_python(version: str) -> str:
    """Return an interpreter of a version, or skip."""
    name = f"python{version}"
    homes = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/{name}"))
    for candidate in (shutil.which(name), *map(str, homes)):
        if candidate and subprocess.run([candidate, "-c", ""], check=False).returncode == 0:
            return candidate
    pytest.skip(f"this machine has no {name}")


@pytest.fixture(params=["3.11", "3.12", "3.13"])
def any_python(request: pytest.FixtureRequest) -> str:
    """Every interpreter that generated code may be run with."""
    if sys.version_info[:2] == tuple(map(int, request.param.split("."))):
        return sys.executable
    return find_python(request.param)


def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests as an ordinary user, with an interpreter that this user can start.

    Skips when this process is an ordinary user itself, or cannot help the other one to a Python.
    """
    if os.geteuid() != 0:
        pytest.skip("the tests already run as an ordinary user")
    root = Path(__file__).parents[2]
    packages = [path for path in sys.path if path.endswith("site-packages")]
    environment = {"PYTHONPATH": os.pathsep.join([str(root), *packages]), "PATH": os.defpath}
    for python in (sys.executable, shutil.which("python3.11", path="/usr/bin:/usr/local/bin")):
        if python and _starts(python, environment):
            return subprocess.run(
                [python, "-B", *command],
                user=NOBODY,
                group=NOBODY,
                extra_groups=[],
                env=environment,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
    pytest.skip("no Python 3.11 on this machine can be started by an ordinary user")


def _starts(python: str, environment: dict[str, str]) -> bool:
    check = "import pydantic, orjson, envscaler.sandbox"
    try:
        result = subprocess.run(
            [python, "-B", "-c", check],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            env=environment,
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return result.returncode == 0
