"""Things outside the sandbox that an attack would have to touch to succeed, and who looks at them.

`python -m tests.sandbox.arena` runs every attack as the current user and prints, as JSON, what
each one achieved.
"""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from envscaler.errors import EnvScalerError, GuestError
from envscaler.records import Check
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from tests.sandbox.attacks import ATTACKS
from tests.sandbox.guests import COUNTER, Guest, Scene, settings, tool

WON = Check(
    item="Is the counter at one million?",
    source="def check_func(final_state):\n"
    "    count = final_state.get('count')\n"
    "    return isinstance(count, int) and count == 1_000_000",
)


_SCENE = Scene(env_id="arena", initial_state={"count": 0}, checks=(WON,))


@dataclass
class Arena:
    """Targets, each of which shows when it was hit."""

    folder: Path
    secret: str
    listeners: Sequence[socket.socket]
    victim: subprocess.Popen[bytes]

    def source(self, attack: str) -> str:
        """Write an attack's class with the targets of this arena filled in."""
        names = [str(one.getsockname()) for one in self.listeners]
        values = {
            "@SECRET_FILE@": str(self.folder / "key.txt"),
            "@FOLDER@": str(self.folder),
            "@VICTIM@": str(self.victim.pid),
            "@HOST@": str(os.getpid()),
            "@TCP@": names[0],
            "@UDP@": names[1],
            "@UNIX@": self.listeners[2].getsockname(),
            "@ABSTRACT@": repr(self.listeners[3].getsockname()),
        }
        body = ATTACKS[attack]
        for mark, value in values.items():
            body = body.replace(mark, value)
        return body

    def hits(self) -> list[str]:
        """Return which targets were hit, and set them up again where that is possible."""
        found: list[str] = []
        if {path.name for path in self.folder.iterdir()} != {"key.txt", "socket"}:
            found.append("the folder was changed")
        if self.secret not in (self.folder / "key.txt").read_text(encoding="utf-8"):
            found.append("the key was overwritten")
        if self.victim.poll() is not None:
            found.append("a process was killed")
        return found + [f"{one.getsockname()} was reached" for one in self.listeners if _hit(one)]


def _hit(listener: socket.socket) -> bool:
    with contextlib.suppress(BlockingIOError):
        if listener.type == socket.SOCK_DGRAM:
            return bool(listener.recv(100))
        accepted, _ = listener.accept()
        accepted.close()
        return True
    return False


@contextmanager
def arena() -> Generator[Arena]:
    """Set up the targets."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)
        secret = secrets.token_hex(16)
        (folder / "key.txt").write_text(f"root:{secret}", encoding="utf-8")
        victim = subprocess.Popen(["sleep", "600"], env={"API_KEY": secret, **_path()})
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        listeners = [
            stack.enter_context(_listen(family, kind, address))
            for family, kind, address in (
                (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
                (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
                (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
                (socket.AF_UNIX, socket.SOCK_STREAM, f"\0arena-{secret}"),
            )
        ]
        yield Arena(folder, secret, listeners, victim)


def _path() -> dict[str, str]:
    return {"PATH": os.defpath}


def _listen(family: int, kind: int, address: tuple[str, int] | str) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    listener.setblocking(False)
    return listener


async def attack(sandbox: Sandbox, targets: Arena, name: str) -> list[str]:
    """Run one attack and return everything it achieved; nothing, when the sandbox holds."""
    body = targets.source(name)
    villain = Guest(class_name="World", source=body, tools=(tool("attack"), tool("again")))
    achieved: list[str] = []
    said = ""
    try:
        environment = await sandbox.open(villain, Start(initial_state={"count": 0}))
    except GuestError as error:
        return [f"the attack was never made: {error}"]
    try:
        observations = [await environment.call(method, {}) for method in ("attack", "again")]
        await environment.restore(await environment.snapshot())
        said = str([one.model_dump() for one in observations])
        achieved += await _win(sandbox, environment)
        await environment.close()
    except EnvScalerError as error:
        said += str(error)
    if targets.secret in said or "root:" in said:
        achieved.append("a secret was read")
    if "BREACH" in said:
        achieved.append(f"the attack says that it worked: {said[:300]}")
    return achieved + targets.hits()


async def _win(sandbox: Sandbox, environment: LiveEnvironment) -> list[str]:
    """Look whether a score was won that the counter does not give."""
    state = await environment.state()
    reward = await sandbox.score(_SCENE, state)
    if reward.score not in (0.0, None):
        return [f"a reward of {reward.score} for {str(state)[:100]}"]
    return []


@asynccontextmanager
async def neighbour(sandbox: Sandbox) -> AsyncGenerator[LiveEnvironment]:
    """Keep an environment beside the attacks."""
    environment = await sandbox.open(COUNTER, Start(initial_state={"count": 0}))
    yield environment
    await environment.close()


async def run_all(sandbox: Sandbox, targets: Arena) -> dict[str, list[str]]:
    """Run every attack with a neighbour that has to answer after each."""
    results: dict[str, list[str]] = {}
    async with neighbour(sandbox) as beside:
        for turn, name in enumerate(ATTACKS, 1):
            results[name] = await attack(sandbox, targets, name)
            answer = await beside.call("add", {})
            if answer.value != {**_counted(turn)}:
                results[name].append(f"the neighbour answered {answer.value}")
    return results


def _counted(turn: int) -> dict[str, object]:
    return {"success": True, "count": turn, "totals": list(range(1, turn + 1))}


async def main(python: str = sys.executable) -> dict[str, list[str]]:
    """Run every attack in a sandbox of its own."""
    quick = settings(call_soft=0.3, call_hard=0.8, memory=256 << 20)
    with arena() as targets:
        async with Sandbox.start(quick, python=python) as sandbox:
            return await run_all(sandbox, targets)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main())))
