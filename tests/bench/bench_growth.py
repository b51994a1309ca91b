"""How the price grows: `python -m tests.bench.bench_growth [LARGEST]`.

Against the size of the state, the number of tools, the number of live environments, the length of
the journal and the rows of a stage. Each row ends with the exponent between its two largest sizes:
0 is a constant price, 1 a linear one.
`LARGEST` is the number of live environments, 4,000 when not given; each takes some 2 MB.
"""

import asyncio
import json
import math
import pickle
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from envscaler.records import Call, Check, JsonObject
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.sandbox.journal import SkeletonLike
from tests.bench.bench_pipeline import with_run_stage
from tests.sandbox.guests import Scene, guest, settings, tool

STORE = guest(
    """
    def __init__(self, config):
        self.orders = config["orders"]
        self.count = 0

    def get(self, order_id: str):
        return {"success": True, "data": self.orders[order_id]}

    def add(self):
        self.count += 1
        return {"success": True, "message": "added"}
""",
    tool("get", order_id="string"),
    "add",
)
_INIT = """
    def __init__(self, config):
        self.orders = config["orders"]
"""
_TOOL = """
    def get_NUMBER(self, order_id: str):
        if order_id not in self.orders:
            return {"success": False, "error": "There is no such order"}
        order = self.orders[order_id]
        return {"success": True, "data": {"id": order["id"], "status": order["status"]}}
"""
CHECK = Check(
    item="Is the first order open?",
    source="def check_func(final_state):\n"
    "    return final_state['orders']['ORD-0']['status'] == 'open'\n",
)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
TOOLS = (5, 20, 80, 320)
ROWS = (1000, 10_000, 100_000, 1_000_000)
JOURNALS = (10, 100, 1000, 10_000)
_RECORD = 130
"""Bytes of one order as JSON."""
_REPEATS = 5
_OPENED = 20
"""Environments that are opened one after the other, of which the mean is taken."""

Work = Callable[[], Awaitable[object]]


def state_of(size: int) -> JsonObject:
    """Make a state of about so many bytes."""
    return {
        "orders": {
            f"ORD-{n}": {
                "id": f"ORD-{n}",
                "status": "open",
                "customer": f"Customer number {n}",
                "items": [{"sku": f"SKU-{n}", "count": n, "price": 9.5}],
            }
            for n in range(max(1, size // _RECORD))
        }
    }


async def fastest(work: Work, times: int = _REPEATS) -> float:
    """Return the shortest of some times: what else the machine does only adds."""
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Return the power of the size with which a time grows at the end."""
    return math.log(times[-1] / times[-2]) / math.log(sizes[-1] / sizes[-2])


def line(what: str, sizes: Sequence[int], times: Sequence[float]) -> None:
    """Write a row: times in milliseconds, and the exponent."""
    cells = " | ".join(f"{seconds * 1e3:.3f}" for seconds in times)
    sys.stdout.write(f"| {what} | {cells} | {exponent(sizes, times):.2f} |\n")


def head(what: str, sizes: Sequence[int]) -> None:
    """Write the head of a table."""
    sys.stdout.write(f"\n| {what} | {' | '.join(f'{size:,}' for size in sizes)} | exponent |\n")
    sys.stdout.write(f"|---{'|---' * len(sizes)}|---|\n")


async def measure_states(sandbox: Sandbox) -> None:
    """Measure one environment against the size of its state."""
    rows: dict[str, list[float]] = {}
    for size in SIZES:
        state = state_of(size)
        found = {**await _measure_state(sandbox, state), **_alone(state)}
        for name, seconds in found.items():
            rows.setdefault(name, []).append(seconds)
    head("bytes of state (ms)", SIZES)
    for name, times in rows.items():
        line(name, SIZES, times)


async def _measure_state(sandbox: Sandbox, state: JsonObject) -> dict[str, float]:
    start = Start(initial_state=state)
    scene = Scene(env_id="store", initial_state=state, checks=(CHECK,))

    async def reopen() -> None:
        await (await sandbox.open(STORE, start)).close()

    environment = await sandbox.open(STORE, start)
    snapshot = await environment.snapshot()
    found = {
        "open": await fastest(reopen),
        "step": await fastest(lambda: environment.call("get", {"order_id": "ORD-0"}), 20),
        "state": await fastest(environment.state),
        "snapshot": await fastest(environment.snapshot),
        "restore": await fastest(lambda: environment.restore(snapshot)),
        "score": await fastest(lambda: sandbox.score(scene, state)),
    }
    await environment.close()
    return found


async def measure_tools(sandbox: Sandbox) -> None:
    """Measure one environment against the number of tools that its class has."""
    start = Start(initial_state=state_of(1000))
    opening, stepping = list[float](), list[float]()
    for count in TOOLS:
        store = with_tools(count)

        async def reopen(store: SkeletonLike = store) -> None:
            await (await sandbox.open(store, start)).close()

        await reopen()  # compiled, and its process of its own started
        opening.append(await fastest(reopen, _OPENED))
        environment = await sandbox.open(store, start)
        last = f"get_{count - 1}"
        stepping.append(
            await fastest(lambda: environment.call(last, {"order_id": "ORD-0"}), _OPENED)  # noqa: B023  awaited here
        )
        await environment.close()
    head("tools of a class (ms)", TOOLS)
    line("open", TOOLS, opening)
    line("step", TOOLS, stepping)


def with_tools(count: int) -> SkeletonLike:
    """Make a class with so many tools."""
    methods = "".join(_TOOL.replace("NUMBER", str(number)) for number in range(count))
    return guest(_INIT + methods, *(tool(f"get_{n}", order_id="string") for n in range(count)))


def _alone(state: JsonObject) -> dict[str, float]:
    """Measure what no state, snapshot and way back can do without, in this process."""
    text, copy = json.dumps(state).encode(), pickle.dumps(state, protocol=5)
    works: dict[str, Callable[[], object]] = {
        "state: to read its JSON, alone": lambda: orjson.loads(text),
        "snapshot: to pickle, alone": lambda: pickle.dumps(state, protocol=5),
        "restore: to read the pickle, alone": lambda: pickle.loads(copy),  # noqa: S301  our own
    }
    return {name: min(map(_seconds_of, [work] * _REPEATS)) for name, work in works.items()}


def _seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


async def measure_crowd(sandbox: Sandbox, largest: int) -> None:
    """Measure opening and calling against the number of environments that live already."""
    counts = [count for count in (1, 10, 100, 1000, 4000) if count <= largest]
    live: list[LiveEnvironment] = []
    start = Start(initial_state=state_of(1000))
    opening: list[float] = []
    tool_format: list[float] = []
    for count in counts:
        while len(live) < count - 1:
            live.append(await sandbox.open(STORE, start))
        started = time.perf_counter()
        more = [await sandbox.open(STORE, start) for _ in range(_OPENED)]
        opening.append((time.perf_counter() - started) / _OPENED)
        live.append(more.pop())
        for environment in more:
            await environment.close()
        tool_format.append(await _call_all(live) / len(live))
    head("environments alive (ms)", counts)
    line("open one more", counts, opening)
    line("a bare fork beside as many bare processes", counts, _bare_crowd(counts))
    line("a call of each, one after the other (each)", counts, tool_format)
    for environment in live:
        await environment.close()


def _bare_crowd(counts: Sequence[int]) -> list[float]:
    command = [sys.executable, "-m", "tests.bench.bare_crowd", *map(str, counts)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told)


async def _call_all(live: Sequence[LiveEnvironment]) -> float:
    async def call() -> None:
        for environment in live:
            await environment.call("add", {})

    return await fastest(call, 2)


async def measure_journals(sandbox: Sandbox) -> None:
    """Measure one environment against the number of calls that were made in it."""
    tool_format: list[float] = []
    rebuilding: list[float] = []
    environment = await sandbox.open(STORE, Start(initial_state=state_of(1000)))
    made = 0
    for length in JOURNALS:
        await environment.play([Call(name="add", arguments={})] * (length - made))
        made = length
        journal = environment.journal

        async def rebuild() -> None:
            await (await sandbox.rebuild(STORE, journal)).close()  # noqa: B023  awaited here

        rebuilding.append(await fastest(rebuild, 2))
        tool_format.append(await fastest(lambda: environment.call("add", {}), 20))
        made += 20
    head("calls in the journal (ms)", JOURNALS)
    line("one more call", JOURNALS, tool_format)
    line("rebuild", JOURNALS, rebuilding)
    await environment.close()


async def measure_rows(largest: int) -> None:
    """Measure a stage against its rows, each made without waiting."""
    counts = [count for count in ROWS if count <= largest]
    times: list[float] = []
    for count in counts:
        with TemporaryDirectory() as folder:
            started = time.process_time()
            await with_run_stage(count, Path(folder, "rows.jsonl"))
            times.append(time.process_time() - started)
    head("rows of a stage (ms of processor)", counts)
    line("whole stage", counts, times)


async def main(largest: int, rows: int) -> None:
    """Print a table for each thing that grows."""
    async with Sandbox.start(settings(memory=2 << 30)) as sandbox:
        await measure_states(sandbox)
        await measure_tools(sandbox)
        await measure_journals(sandbox)
        await measure_crowd(sandbox, largest)
    await measure_rows(rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000, max(ROWS)))
