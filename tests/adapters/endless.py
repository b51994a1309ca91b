"""Doors that make one call after the other and never end: `python -m tests.adapters.endless`.

The call is `audit` of a desk that does not return from it by itself; see `stuck_desk`. Whoever
starts this kills it in the middle of a call and looks at what is left.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.face import write_desk
from tests.interact.fakes import make_environment

STUCK = """while True:
            try:
                while True: pass
            except BaseException: pass"""
AUDIT = f"<tool_call>\n{json.dumps({'name': 'audit', 'arguments': {}})}\n</tool_call>"
_ENOUGH = 5
"""Ticks of processor time that only a call takes which does not end."""


def stuck_desk(folder: Path) -> Path:
    """Write a run with a desk whose `audit` runs until it is stopped from outside."""
    desk = make_environment()
    source = desk.source.replace('raise RuntimeError("the ledger is locked")', STUCK)
    assert source != desk.source
    return write_desk(folder, desk.model_copy(update={"source": source}))


def wait_for_a_call(root: int) -> set[int]:
    """Wait until a call runs below a process; return all processes of generated code there.

    Raises:
        AssertionError: The process has ended before, or no call began in two minutes.
    """
    for _ in range(2400):
        if found := seen_in_a_call(root):
            return found
        assert Path(f"/proc/{root}").exists(), "the door has ended"
        time.sleep(0.05)
    raise AssertionError("no call began")


def seen_in_a_call(root: int) -> set[int]:
    """Return the processes of generated code below another; none where no call runs."""
    found = guests_of(root)
    busy = any(ticks >= _ENOUGH for parent, ticks in found.values() if parent in found)
    return set(found) if busy else set()


def guests_of(root: int) -> dict[int, tuple[int, int]]:
    """Return process id → parent, ticks of the processes of generated code below another."""
    known = dict(_processes())
    below = {root}
    while more := {pid for pid, (parent, *_) in known.items() if parent in below} - below:
        below |= more
    return {pid: known[pid][:2] for pid in below & known.keys() if known[pid][2]}


def _processes() -> Iterator[tuple[int, tuple[int, int, bool]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ours = b"guest.zygote" in (folder / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        yield int(folder.name), (int(fields[1]), int(fields[11]) + int(fields[12]), ours)


def play_gem(run: Path) -> None:
    import gem

    from envscaler.adapters.gem import register

    register(run, max_steps=1_000_000)
    env = gem.make("envscaler")
    env.reset(seed=0)
    while True:
        env.step(AUDIT)


def play_inspect(run: Path) -> None:
    os.environ["INSPECT_DISPLAY"] = "none"
    from inspect_ai import eval as evaluate
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from envscaler.adapters import inspect_task

    def act(*_: object) -> ModelOutput:
        output = ModelOutput.for_tool_call("mock", "audit", {})
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    task = inspect_task.run(str(run), message_limit=1_000_000)
    model = get_model("mockllm/model", custom_outputs=act)
    evaluate(task, model=model, log_dir=str(run / "logs"), display="none")


def play_trl(run: Path) -> None:
    from envscaler.adapters.trl import Environments
    from envscaler.load import load_scenarios
    from tests.adapters.grpo import make_tokenizer, make_trainer, scripted

    environments, tokenizer = Environments(load_scenarios(run)), make_tokenizer()
    trainer = make_trainer(environments, tokenizer, run / "trained")
    calls = [{"name": "audit", "arguments": {}}] * 1000
    trainer._generate_single_turn = scripted(tokenizer, calls, [])
    trainer.train()


def play_mcp(run: Path) -> None:
    from tests.adapters.test_mcp import connected

    async def play() -> None:
        async with connected(run, "scen-1", run / "result.json") as client:
            while True:
                await client.call_tool("audit", {})

    asyncio.run(play())


def serve_one(run: Path) -> None:
    """Serve OpenEnv to one client at a time: another gets in when the session of the last ends."""
    from envscaler.adapters.http_server import listen
    from envscaler.adapters.nemo_gym import Sessions
    from envscaler.adapters.openenv import app
    from envscaler.adapters.rows import rows_of

    listen(app(Sessions(rows_of(str(run))), most=1), "127.0.0.1", int(sys.argv[-1]))


PLAYS = {
    "openenv": serve_one,
    "gem": play_gem,
    "inspect": play_inspect,
    "trl": play_trl,
    "mcp": play_mcp,
}

if __name__ == "__main__":
    PLAYS[sys.argv[1]](Path(sys.argv[2]))
