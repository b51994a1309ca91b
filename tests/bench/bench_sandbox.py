"""The sandbox beside plain `exec` in process: `python -m tests.bench.bench_sandbox`.

The baseline does what the published system does: it runs the class in its own process, copies the
whole state before and after every step and compares the two recursively. Class, state, calls and
checks are the same on both sides. Prints a Markdown table that says what each row covers. Times are
medians. On a busy machine, `chrt -f 1` before the command keeps other work out of the figures.
"""

import asyncio
import copy
import os
import platform
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from envscaler.records import Check, JsonObject
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.sandbox.machine import usable_cores
from tests.sandbox.guests import Scene, guest, settings, tool

SHOP = guest(
    '''
    """Orders of a shop."""

    def __init__(self, init_config: dict):
        self.orders = init_config["orders"]
        self.log = []

    def get_order(self, order_id: str) -> dict:
        """Look an order up."""
        if order_id not in self.orders:
            return {"success": False, "error": "no such order"}
        return {"success": True, "data": self.orders[order_id]}

    def list_orders(self, status: str) -> dict:
        """List the orders of a status."""
        found = [order["id"] for order in self.orders.values() if order["status"] == status]
        return {"success": True, "data": found[:10]}

    def set_status(self, order_id: str, status: str) -> dict:
        """Change the status of an order."""
        if order_id not in self.orders:
            return {"success": False, "error": "no such order"}
        self.orders[order_id]["status"] = status
        self.log.append({"order": order_id, "status": status, "at": datetime.now().isoformat()})
        return {"success": True, "message": "changed"}
''',
    tool("get_order", order_id="string"),
    tool("list_orders", status="string"),
    tool("set_status", order_id="string", status="string"),
    head="from datetime import datetime\n",
)
STATE: JsonObject = {
    "orders": {
        f"ORD-{n:04}": {
            "id": f"ORD-{n:04}",
            "customer": f"Customer number {n}",
            "address": f"{n} Long Street, Some Town, Some Country",
            "status": ("open", "paid", "sent")[n % 3],
            "items": [{"sku": f"SKU-{n}-{k}", "count": k + 1, "price": 9.5 * k} for k in range(2)],
        }
        for n in range(80)
    }
}


def _round(order: str) -> list[tuple[str, JsonObject]]:
    return [
        ("list_orders", {"status": "open"}),
        ("get_order", {"order_id": order}),
        ("set_status", {"order_id": order, "status": "lost"}),
    ]


CALLS = [call for n in range(10) for call in _round(f"ORD-{n:04}")]
CHECKS = tuple(
    Check(
        item=f"Is order {n} lost?",
        source="def check_func(final_state):\n"
        f"    order = final_state.get('orders', {{}}).get('ORD-{n:04}')\n"
        "    return isinstance(order, dict) and order.get('status') == 'lost'\n",
    )
    for n in range(8)
)
FREE = Check(
    item="a check that is not confined",
    source="import copy\ndef check_func(final_state):\n    return True\n",
)
SCENE = Scene(env_id="shop", initial_state=STATE, checks=CHECKS)
START = Start(initial_state=STATE)
LIVE = 1000
_EPISODE = "open, 30 calls, state, close, score of 8 checks"


class Published:
    """The environment in this process, as the published system runs it."""

    def __init__(self) -> None:
        module = ModuleType("dynamic_env")
        exec(SHOP.source, module.__dict__)  # noqa: S102  our own class, as a baseline
        config = copy.deepcopy(STATE)
        self.env: Any = module.__dict__["EnvironmentSession"](config)
        for name, value in copy.deepcopy(STATE).items():
            setattr(self.env, name, value)

    def state(self) -> dict[str, Any]:
        return copy.deepcopy(cast("dict[str, Any]", self.env.__dict__))

    def step(self, name: str, arguments: JsonObject) -> object:
        before = self.state()
        result = getattr(self.env, name)(**arguments)
        differences(before, self.state())
        return result

    def score(self) -> float:
        passed = 0
        for check in CHECKS:
            names: dict[str, Any] = {"initial_state": copy.deepcopy(STATE)}
            exec(check.source, names)  # noqa: S102
            passed += names["check_func"](self.state()) is True
        return passed / len(CHECKS)


def differences(before: object, after: object, path: str = "") -> list[str]:
    """Compare two states in full."""
    if isinstance(before, dict) and isinstance(after, dict):
        one, two = cast("dict[str, object]", before), cast("dict[str, object]", after)
        keys = one.keys() | two.keys()
        return [d for k in keys for d in differences(one.get(k), two.get(k), f"{path}.{k}")]
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(cast("list[object]", before), cast("list[object]", after), strict=False)
        return [d for n, (a, b) in enumerate(pairs) for d in differences(a, b, f"{path}[{n}]")]
    return [] if before == after else [path]


def timed(work: Callable[[], object], times: int) -> float:
    """Return the median of the seconds that some work takes."""
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


async def awaited(work: Callable[[], Awaitable[object]], times: int, rest: float = 0) -> float:
    """Return the median of the seconds that some waiting takes."""
    taken: list[float] = []
    for _ in range(times):
        if rest:
            await asyncio.sleep(rest)
        started = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def published_episode() -> float:
    env = Published()
    for call in CALLS:
        env.step(*call)
    return env.score()


async def episode(sandbox: Sandbox) -> float | None:
    environment = await sandbox.open(SHOP, START)
    for call in CALLS:
        await environment.call(*call)
    state = await environment.state()
    await environment.close()
    return (await sandbox.score(SCENE, state)).score


Row = tuple[str, str, str, str]
"""What is measured, with the sandbox, in process, and what that covers."""


async def measure_calls(sandbox: Sandbox) -> list[Row]:
    """Measure one environment: calls, states, snapshots."""
    env = await sandbox.open(SHOP, START)
    baseline = Published()
    step = timed(lambda: baseline.step("get_order", {"order_id": "ORD-0007"}), 50)
    call = await awaited(lambda: env.call("get_order", {"order_id": "ORD-0007"}), 3000)
    state = await awaited(env.state, 100)
    copied = timed(baseline.state, 50)
    take = await awaited(env.snapshot, 100)
    snapshot = await env.snapshot()
    back = await awaited(lambda: env.restore(snapshot), 100)
    await env.close()
    return [
        ("call, hot", micro(call), micro(step), "schema check, one read-only call, journal"),
        ("state as JSON", micro(state), micro(copied), "every attribute, read by the host"),
        ("snapshot", micro(take), micro(copied), "opaque copy, kept by the host"),
        ("restore", micro(back), micro(copied), "back to that copy in the same worker"),
    ]


async def measure_opening(sandbox: Sandbox) -> list[Row]:
    """Measure how long it takes until an environment of 20 KB answers."""
    opened: list[LiveEnvironment] = []

    async def warm() -> None:
        opened.append(await sandbox.open(SHOP, START))

    async def shared() -> None:
        opened.append(await sandbox.open(SHOP, START, isolation="shared"))

    baseline = timed(Published, 50)
    await awaited(warm, 3)
    await asyncio.sleep(1)
    ours = micro(await awaited(warm, 20))
    rows = [
        ("open, warm spare worker", ours, micro(baseline), "take a spare, build the state in it")
    ]
    ours = micro(await awaited(shared, 50))
    rows.append(("open, shared worker", ours, micro(baseline), "the same beside up to 63 others"))
    for one in opened:
        await one.close()
    return rows


async def measure_scoring(sandbox: Sandbox) -> list[Row]:
    """Measure 8 checks: in a worker that is used once, and in one that goes on."""
    baseline = timed(Published().score, 50)
    fresh_checks = SCENE.model_copy(update={"checks": (*CHECKS[:7], FREE)})

    async def many() -> None:
        await asyncio.gather(*(sandbox.score(SCENE, STATE) for _ in range(50)))

    await many()
    fresh = await awaited(lambda: sandbox.score(fresh_checks, STATE), 30, rest=0.02)
    pooled = await awaited(many, 6) / 50
    return [
        ("score, fresh worker", micro(fresh), micro(baseline), "8 checks, one not confined"),
        ("score, pooled grader", micro(pooled), micro(baseline), "8 confined checks, 50 at a time"),
    ]


async def measure_crowd(sandbox: Sandbox) -> list[Row]:
    """Measure 64 environments that are called at the same time."""
    crowd = [await sandbox.open(SHOP, START) for _ in range(64)]
    rounds = 100

    async def drive(env: LiveEnvironment) -> None:
        for _ in range(rounds):
            await env.call("get_order", {"order_id": "ORD-0007"})

    async def all_at_once() -> None:
        await asyncio.gather(*map(drive, crowd))

    seconds = await awaited(all_at_once, 3)
    baseline = Published()
    step = timed(lambda: baseline.step("get_order", {"order_id": "ORD-0007"}), 50)
    for env in crowd:
        await env.close()
    rate = f"{64 * rounds / seconds:,.0f} calls/s"
    return [("64 environments, one host", rate, f"{1 / step:,.0f} calls/s", "all called at once")]


async def measure_episodes(sandbox: Sandbox) -> list[Row]:
    """Measure whole episodes of 30 calls, scored."""

    async def many() -> None:
        await asyncio.gather(*(episode(sandbox) for _ in range(16)))

    theirs = timed(published_episode, 10)
    alone = await awaited(lambda: episode(sandbox), 30, rest=0.02)
    each = await awaited(many, 6) / 16
    return [
        ("episode, one at a time", faster(alone, theirs), micro(theirs), _EPISODE),
        ("episode, 16 at a time", faster(each, theirs), micro(theirs), "the same, time for each"),
    ]


async def measure_memory(sandbox: Sandbox) -> list[Row]:
    """Measure how much 1,000 live environments take."""
    rows: list[Row] = []
    for isolation in ("process", "shared"):
        started = time.perf_counter()
        live = [await sandbox.open(SHOP, START, isolation=isolation) for _ in range(LIVE)]
        seconds = time.perf_counter() - started
        sizes = {pid: _proportional(pid) for pid in {one.pid for one in live if one.pid}}
        answered = sum([(await one.call("list_orders", {"status": "open"})).kind == "ok"
                        for one in live])  # fmt: skip
        each = sum(sizes.values()) / LIVE
        size = f"{each:,.0f} KB each" if each else "not readable by this user"
        what = f"{answered} live, {isolation}"
        rows.append((what, size, "", f"proportional set size; opened in {seconds:.1f} s"))
        for one in live:
            await one.close()
    return rows


def _proportional(pid: int) -> int:
    """Return the proportional set size of a process in KB; 0 where it may not be read."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def micro(seconds: float) -> str:
    """Write a time."""
    return f"{seconds * 1e6:,.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def faster(ours: float, theirs: float) -> str:
    """Write a time with its ratio to the baseline's."""
    return f"{micro(ours)} ({theirs / ours:.1f} times faster)"


async def main() -> None:
    """Measure everything and print the table."""
    size = len(str(STATE))
    async with Sandbox.start(settings(spare_workers=24)) as sandbox:
        load, cores, version = os.getloadavg()[0], usable_cores(), platform.python_version()
        sys.stdout.write(
            f"Level {sandbox.level}, state of {size / 1000:.0f} KB, Python {version}, "
        )
        sys.stdout.write(f"{cores} cores with a load of {load:.0f} beside this\n\n")
        sys.stdout.write("| what | sandbox | in process, copying | covers |\n|---|---|---|---|\n")
        for measure in (
            measure_calls,
            measure_opening,
            measure_scoring,
            measure_crowd,
            measure_episodes,
            measure_memory,
        ):
            for row in await measure(sandbox):
                sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    asyncio.run(main())
