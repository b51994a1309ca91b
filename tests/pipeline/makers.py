"""Steps that a worker can make: functions of a module, as those of the stages are."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from envscaler.chat import Prompt
from envscaler.errors import RejectedError
from envscaler.pipeline.run import Run
from envscaler.records import Clock, Task
from envscaler.sandbox import Start
from tests.sandbox.guests import Guest, tool

POKER = Guest(
    class_name="Poker",
    source="""
import os

class Poker:
    def poke(self) -> dict:
        for descriptor in range(4, 256):
            try:
                os.write(descriptor, b"x" * 64)
            except OSError:
                pass
        return {"success": True, "message": "poked"}
""",
    tools=(tool("poke"),),
)
Step = Callable[[int], Awaitable[Task]]


def made(number: int, text: str) -> Task:
    return Task(id=f"task-{number}", text=text, source="test")


def asking(run: Run) -> Step:
    """Ask the miner, and make a row of what it says."""

    async def step(number: int) -> Task:
        calls = run.calls(number)
        prompt = Prompt("test", "sha", ({"role": "user", "content": str(number)},))
        return made(number, (await calls.reply("miner", prompt)).content)

    return step


def refusing(run: Run) -> Step:
    """Refuse odd numbers."""
    del run

    async def step(number: int) -> Task:
        if number % 2:
            raise RejectedError("odd", f"{number} is odd")
        return made(number, "even")

    return step


def telling_who(run: Run) -> Step:
    """Say which process makes the row, after a wait in which others come."""
    del run

    async def step(number: int) -> Task:
        await asyncio.sleep(0.2)
        return made(number, str(os.getpid()))

    return step


def dying_once(mark: Path, run: Run) -> Step:
    """Ask the miner; the first time, be killed before the row is done."""

    async def step(number: int) -> Task:
        row = await asking(run)(number)
        _die_once(mark)
        return row

    return step


def _die_once(mark: Path) -> None:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def dying(run: Run) -> Step:
    """Be killed by number 0, every time."""
    del run

    async def step(number: int) -> Task:
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(number, "fine")

    return step


def poking(run: Run) -> Step:
    """Let a guest of the sandbox write to whatever is open, and say what it has tried."""

    async def step(number: int) -> Task:
        start = Start(initial_state={}, clock=Clock(), seed=0)
        live = await run.sandbox.open(POKER, start)
        try:
            observation = await live.call("poke", {})
        finally:
            await live.close()
        return made(number, str(observation.value))

    return step
