"""Where generated code cannot be isolated, one line says what is missing and what helps."""

import subprocess
import sys
from pathlib import Path

import pytest

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
WINDOWS = {
    "platform": "win32",
    "missing": ("resource", "fcntl"),
    "absent": {
        "os": ("sched_yield", "sched_getaffinity", "memfd_create", "pidfd_open"),
        "select": ("poll", "epoll"),
        "signal": ("pidfd_send_signal",),
        "socket": ("AF_UNIX", "send_fds", "recv_fds"),
    },
}
MACOS = {
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
        cwd=Path(__file__).parents[2],
    )

    assert result.stdout.startswith(message), result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == ""
