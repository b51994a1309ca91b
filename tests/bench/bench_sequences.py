"""Time per proven scenario, without a model: `python -m tests.bench.bench_sequences [COUNT]`.

On the harbour of the tests, and on the published environments where they are at hand. The baseline
in the same run is what a scenario needs at least: its solution carried out once and scored once.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from envscaler.config import ScenGeneratorSettings, load_settings
from envscaler.errors import RowError
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.published.convert import import_published
from envscaler.records import Call, Clock, Environment, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.solution_first.initial_states import InitialStates
from envscaler.scen_generator.solution_first.make import SolutionFirst
from envscaler.scen_generator.solution_first.trace import trace
from envscaler.scen_generator.spec import ScenarioSpec, spec_for
from tests.scen_generator.running import ENVIRONMENT
from tests.shared_data import SHARED_DATA

T = TypeVar("T")

AT_ONCE = 4


async def main(count: int) -> None:
    """Print a line for each set of environments."""
    settings = load_settings(None, ())
    section = settings.scen_generator.model_copy(update={"phrasing": "template"})
    async with Sandbox.start(settings.sandbox) as sandbox:
        for name, environments in _sets().items():
            await _measure(name, environments, count, sandbox, section)


async def _measure(
    name: str,
    environments: Sequence[Environment],
    count: int,
    sandbox: Sandbox,
    section: ScenGeneratorSettings,
) -> None:
    strategy, initial_states = SolutionFirst(sandbox, section), InitialStates(sandbox, section)
    calls = Calls({}, seed=0, tries=1)
    found: list[Scenario] = []
    dropped: Counter[str] = Counter()

    async def make(spec: ScenarioSpec) -> None:
        try:
            found.append(await strategy.make(spec, await initial_states.take(spec, calls), calls))
        except RowError as error:
            dropped[error.kind] += 1

    by_id = {each.id: each for each in environments}

    async def once(scenario: Scenario) -> None:
        calls = [
            Call(name=call.name, arguments=call.arguments)
            for call in (scenario.proof.reference if scenario.proof else ())
        ]
        executed = await trace(by_id[scenario.env_id], scenario, calls, sandbox)
        await sandbox.score(scenario, executed.state)

    specs = [
        spec_for(environments[place % len(environments)], place // len(environments), Clock(), 0)
        for place in range(count)
    ]
    made = await _seconds(make, specs)
    baseline = await _seconds(once, found)
    proven = sum(bool(row.proof and row.proof.proven) for row in found)
    proofs = [row.proof for row in found if row.proof]
    writes = sum(call.changed for proof in proofs for call in proof.reference)
    enough = sum(tally >= 10 for tally in Counter(row.env_id for row in found).values())
    sys.stdout.write(
        f"{name}: {len(environments)} environments, {count} asked, {proven} proven in "
        f"{made:.1f} s ({1000 * made / count:.0f} ms each, {AT_ONCE} at once), "
        f"{made / max(baseline, 1e-9) * len(found) / count:.1f} × carrying out and scoring once; "
        f"{writes / max(len(found), 1):.1f} writes each; {enough} environments with 10 or more"
        f"{'; dropped ' + str(dict(dropped)) if dropped else ''}\n"
    )


def _sets() -> dict[str, list[Environment]]:
    sets = {"harbour": [ENVIRONMENT]}
    published = SHARED_DATA / "envscaler/env_metadata_dev.json.gz"
    if published.is_file():
        with TemporaryDirectory() as folder:
            import_published([published], Path(folder))
            sets["published"] = [*read_rows(Path(folder) / "envs.jsonl", Environment)]
    return sets


async def _seconds(work: Callable[[T], Awaitable[None]], rows: Sequence[T]) -> float:
    left = iter(rows)

    async def worker() -> None:
        for row in left:
            await work(row)

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return time.perf_counter() - begin


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
