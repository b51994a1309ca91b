"""How long an examination takes: `python -m tests.bench.bench_check_env`.

The clean environments of the tests, and the published ones where they are at hand. The baseline in
the same run is the same number of plain calls in one live environment.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from envscaler.check_env.examine import examine
from envscaler.config import load_settings
from envscaler.published.read_environments import Given, read_environments
from envscaler.sandbox import Sandbox, Start
from tests.check_env.planted.states import CLASSES, STATES, clean_source, skeleton_of
from tests.shared_data import SHARED_DATA

_AT_ONCE = 2


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


async def main() -> None:
    """Print a line for each environment, and one for each set."""
    _say(
        f"{'environment':<20}{'tools':>7}{'calls':>8}{'findings':>10}{'seconds':>9}{'baseline':>10}"
    )
    ours = [Given(skeleton_of(name, clean_source(name)), (STATES[name],)) for name in CLASSES]
    async with Sandbox.start(load_settings(None, ()).sandbox) as sandbox:
        await _measure("clean", ours, sandbox)
        await _measure("published", _published(SHARED_DATA / "envscaler"), sandbox)


def _published(folder: Path) -> Sequence[Given]:
    environments = folder / "env_metadata_dev.json.gz"
    if not environments.is_file():
        return ()
    return read_environments(environments, folder / "scenarios_dev.json.gz")


async def _measure(name: str, given: Sequence[Given], sandbox: Sandbox) -> None:
    turns, began = asyncio.Semaphore(_AT_ONCE), time.perf_counter()

    async def one(item: Given) -> None:
        async with turns:
            await _examine(item, sandbox)

    await asyncio.gather(*map(one, given))
    if given:
        whole = time.perf_counter() - began
        _say(f"{name}: {len(given)} environments in {whole:.1f} s, {whole / len(given):.1f} s each")


async def _examine(item: Given, sandbox: Sandbox) -> None:
    began = time.perf_counter()
    seen = await examine(item.skeleton, item.states, sandbox)
    seconds = time.perf_counter() - began
    calls = sum(call_stats.calls for call_stats in seen.tools.values())
    baseline = await _plain_calls(item, calls, sandbox)
    _say(
        f"{item.skeleton.id:<20}{len(item.skeleton.tools):>7}{calls:>8}{len(seen.findings):>10}"
        f"{seconds:>9.2f}{seconds / baseline:>9.1f}×"
    )


async def _plain_calls(item: Given, calls: int, sandbox: Sandbox) -> float:
    """Return the seconds that as many refused calls take."""
    state = item.states[0] if item.states else {}
    live = await sandbox.open(item.skeleton, Start(initial_state=state), isolation="shared")
    began = time.perf_counter()
    for turn in range(calls):
        tool = item.skeleton.tools[turn % len(item.skeleton.tools)]
        names = tool.parameters["properties"]
        assert isinstance(names, dict)
        await live.call(tool.name, dict.fromkeys(names, "nothing"))
    await live.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
