"""How long a proof takes, beside running its reference once and scoring it once.

Run with `python -m tests.bench.bench_prove [SCENARIOS]`.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from envscaler.config import load_settings
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.proof import prove
from envscaler.scen_generator.solution_first.trace import trace
from tests.scen_generator.checks import SOUND
from tests.scen_generator.example import REFERENCE
from tests.scen_generator.running import ENVIRONMENT, make_scenario

AT_ONCE = 8


async def main(count: int) -> None:
    scenario = make_scenario(*SOUND)
    async with Sandbox.start(load_settings(None, ()).sandbox) as sandbox:

        async def once() -> None:
            executed = await trace(ENVIRONMENT, scenario, REFERENCE, sandbox)
            await sandbox.score(scenario, executed.state)

        async def proof() -> None:
            await prove(ENVIRONMENT, scenario, [REFERENCE], sandbox)

        proof_of = (await prove(ENVIRONMENT, scenario, [REFERENCE], sandbox)).proof
        mutants = len(proof_of.mutants) if proof_of is not None else 0
        baseline = await _seconds(once, count)
        proven = await _seconds(proof, count)
    rows = [("reference once, scored once", baseline), (f"proof with {mutants} mutants", proven)]
    lines = [f"{count} scenarios, {len(SOUND)} checks, {AT_ONCE} at once"]
    for name, seconds in rows:
        each = 1000 * seconds / count
        share = seconds / baseline
        lines.append(f"{name:30} {each:8.1f} ms each {share:8.1f} × {count / seconds:8.1f}/s")
    sys.stdout.write("\n".join(lines) + "\n")


async def _seconds(work: Callable[[], Awaitable[None]], count: int) -> float:
    """Do the work `count` times, a few side by side, and return how long all of it took."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with gate:
            await work()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
