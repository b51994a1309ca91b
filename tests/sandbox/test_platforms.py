"""Where generated code cannot be isolated, one line says what is missing and what helps."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from tests.test_cli import COMMANDS

CHECKOUT = Path(__file__).parents[2]
EXAMPLE = CHECKOUT / "data" / "example"

BESIDE = """
import asyncio, os, select, signal, socket, subprocess, sys
from envscaler.config import load_settings
from envscaler.errors import IsolationError
import envscaler.environment.reward, envscaler.records
settings = load_settings(None, ()).sandbox
assert not [name for name in sys.modules if name.startswith("envscaler.sandbox")]
sys.platform = {platform!r}
for name in {missing!r}:
    sys.modules[name] = None
for module, names in {absent!r}.items():
    for name in names:
        vars(sys.modules[module]).pop(name, None)
from envscaler.sandbox.host import launch

async def main():
    try:
        await launch(settings)
    except IsolationError as error:
        print(error)

# An event loop of this system cannot run as that of another, and nothing is waited for.
try:
    main().send(None)
except StopIteration:
    pass
"""
SYSTEM = """
import sys, typing, pydantic, asyncio, subprocess, socket, select, signal, os, typer, rich, yaml
import zoneinfo, tempfile, shutil, tqdm, openai, rich.console, rich.table
sys.platform = {platform!r}
for name in {missing!r}:
    sys.modules[name] = None
for module, names in {absent!r}.items():
    for name in names:
        vars(sys.modules[module]).pop(name, None)
"""
EVERY = """
import contextlib, io, json
from envscaler.cli.app import main
ends = {{}}
for command in {commands!r}:
    sys.argv, out, err, code = ["envscaler", *command.split()], io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    ends[command] = [code, out.getvalue(), err.getvalue(), os.listdir()]
print(json.dumps(ends))
"""
PLAYING = """
import envscaler
from pathlib import Path
from envscaler.pipeline.lock import only_one
folder = Path(sys.argv[1])
try:
    envscaler.Env(next(iter(envscaler.load_scenarios(folder))))
except envscaler.EnvScalerError as error:
    print(error)
try:
    with only_one(Path("nowhere")):
        print("locked")
except envscaler.EnvScalerError as error:
    print(error)
"""
WINDOWS: dict[str, object] = {
    "platform": "win32",
    "missing": ("resource", "fcntl", "pwd", "grp", "termios"),
    "absent": {
        "os": (
            *("sched_yield", "sched_getaffinity", "memfd_create", "pidfd_open"),
            *("fork", "register_at_fork", "getuid", "geteuid", "killpg", "O_NOFOLLOW"),
        ),
        "select": ("poll", "epoll"),
        "signal": ("pidfd_send_signal",),
        "socket": ("AF_UNIX", "send_fds", "recv_fds"),
    },
}
HELP = ("--help", "gen-scen --help", "--version")
RUNNING = ("demo --run made", f"check-env {EXAMPLE / 'envs.jsonl'}")
MACOS: dict[str, object] = {
    "platform": "darwin",
    "missing": (),
    "absent": {
        "os": ("sched_yield", "sched_getaffinity", "memfd_create", "pidfd_open"),
        "select": ("epoll",),
        "signal": ("pidfd_send_signal",),
    },
}


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (WINDOWS, "Windows cannot run generated code; use WSL 2, where it is isolated"),
        (MACOS, "Generated code cannot be isolated here: darwin has no seccomp."),
    ],
    ids=["windows", "macos"],
)
def test_another_system_says_in_one_line_what_is_missing(
    system: dict[str, object], message: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", BESIDE.format(**system)],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )

    assert result.stdout.startswith(message), result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == ""


def ends_elsewhere(
    system: Mapping[str, object], commands: Sequence[str], folder: Path
) -> dict[str, list[object]]:
    """Tell how commands end on another system: the code, what is printed, and what is left."""
    result = subprocess.run(
        [sys.executable, "-c", SYSTEM.format(**system) + EVERY.format(commands=commands)],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )
    return cast("dict[str, list[object]]", json.loads(result.stdout))


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """How each command ends on Windows."""
    folder = tmp_path_factory.mktemp("windows")
    return ends_elsewhere(WINDOWS, [*COMMANDS, *HELP], folder)


@pytest.fixture(scope="module")
def ends_on_macos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """How commands that run code end on macOS."""
    return ends_elsewhere(MACOS, RUNNING, tmp_path_factory.mktemp("macos"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_ends_in_one_line_on_windows(
    ends: dict[str, list[object]], command: str
) -> None:
    line = "envscaler: Windows cannot run generated code; use WSL 2, where it is isolated\n"

    assert ends[command] == [1, "", line, []]


@pytest.mark.parametrize("command", HELP)
def test_help_is_given_on_windows(ends: dict[str, list[object]], command: str) -> None:
    code, out, err, _ = ends[command]

    assert (code, err) == (0, "")
    assert out


def test_the_face_says_on_windows_what_helps(tmp_path: Path) -> None:
    """`import envscaler` works there, and a run folder and an `Env` name the remedy."""
    # An event loop of this system needs its own kind of sockets.
    system = WINDOWS | {"absent": {"os": ("register_at_fork", "O_NOFOLLOW")}}
    script = SYSTEM.format(**system) + PLAYING

    result = subprocess.run(
        [sys.executable, "-c", script, str(EXAMPLE)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )

    line = "Windows cannot run generated code; use WSL 2, where it is isolated"
    assert result.stdout.splitlines() == [line, line], result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", RUNNING, ids=["demo", "check-env"])
def test_a_command_that_runs_code_says_on_macos_what_is_missing(
    ends_on_macos: dict[str, list[object]], command: str
) -> None:
    code, _, err, _ = ends_on_macos[command]

    assert code == 1
    assert "Generated code cannot be isolated here: darwin has no seccomp." in str(err)
    assert "Traceback" not in str(err)
