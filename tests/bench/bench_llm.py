"""What a model call costs the client: `python -m tests.bench.bench_llm [calls]`.

Agent-sized requests against a stub endpoint in a process of its own. CPU is that of this process,
all threads together. Two others are measured in the same run, so look at the ratios: absolute times
depend on the machine and on who else uses it. The published way makes a new `OpenAI()` for each
call, in threads; the bound is aiohttp alone, which posts bytes that are there already and drops
what comes back. For a replayed call it is a row read by the hash of a body.
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import aiohttp
import orjson

from envscaler.chat import Endpoint, Prompt, WireMessage
from envscaler.config import Settings, load_settings
from envscaler.llm.calls import Calls
from envscaler.llm.models import open_meter, open_models
from envscaler.llm.recorder import RecordedModel
from envscaler.llm.requests import chat_request
from envscaler.pipeline.stage import run_stage
from envscaler.records import JsonObject, Tool, Topic, row_id
from tests.bench.figures import Figure
from tests.stub_server import Behaviour, stub_process

IN_FLIGHT = 500
BASELINE_CALLS = 200
BASELINE_THREADS = 100
CONTENT = "The order has been found and its status is pending; I will cancel it next. " * 8


@dataclass(frozen=True, slots=True)
class Cost:
    """What one part of the benchmark took."""

    name: str
    calls: int
    cpu_ms: float
    """Per call."""
    seconds: float
    note: str = ""


def make_messages() -> tuple[WireMessage, ...]:
    """Build 31 messages of 24 KB together."""
    said = "Order O1 of customer C7 holds three items, and the second is delayed. "
    system = WireMessage(role="system", content="You act in a shop. " * 40)
    turns = (
        WireMessage(role=role, content=f"{turn} " + said * 10)
        for turn in range(15)
        for role in ("user", "assistant")
    )
    return system, *turns


def make_tools() -> tuple[Tool, ...]:
    """Build 15 tools of 8 KB together."""
    properties: JsonObject = {
        f"argument_{i}": {"type": "string", "description": "Which of the orders is meant."}
        for i in range(5)
    }
    return tuple(
        Tool(
            name=f"find_order_{i}",
            description="Find an order by its number and say what is in it. " * 2,
            parameters={"type": "object", "properties": properties, "required": ["argument_0"]},
        )
        for i in range(15)
    )


MESSAGES = make_messages()
TOOLS = make_tools()


def make_prompt(index: int) -> Prompt:
    """Build a dialogue that ends like no other."""
    last = WireMessage(role="assistant", content=f"{index} {MESSAGES[-1].get('content')}")
    return Prompt(name="bench/agent", sha="0" * 12, messages=(*MESSAGES[:-1], last))


def make_settings(policy: str = "live") -> Settings:
    overrides = [f"llm.policy={policy}", f"runner.workers={IN_FLIGHT}"]
    return load_settings(None, [*overrides, f"llm.max_in_flight={IN_FLIGHT}"])


def measure(name: str, calls: int, work: Callable[[], str]) -> Cost:
    """Run `work`, which makes `calls` calls and says something about them."""
    cpu, wall = time.process_time(), time.perf_counter()
    note = work()
    seconds, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(name, calls, 1000 * cpu / calls, seconds, note)


async def engine(url: str, folder: Path, calls: int, policy: str) -> str:
    """Make a stage of `calls` rows, one call each, with store and JSONL."""
    settings = make_settings(policy)
    meter = open_meter(settings.llm)
    endpoints = dict.fromkeys(settings.models, Endpoint(url, "key"))
    async with open_models(settings, endpoints, folder, meter) as models:

        async def step(index: int) -> Topic:
            made = Calls(models, seed=index, tries=3)
            reply = await made.reply("agent", make_prompt(index), tools=TOOLS)
            return Topic(
                id=row_id("topic", index),
                summary="bench",
                introduction=reply.content,
                usefulness=1,
                modelability=1,
                source_task="bench",
                provenance=made.provenance(),
            )

        report = await run_stage(
            range(calls),
            step,
            name=f"bench-{policy}",
            out=folder / f"{policy}.jsonl",
            kind=Topic,
            id_of=lambda index: row_id("topic", index),
            options=settings.runner,
            meter=meter,
        )
        model = models["agent"]
        assert isinstance(model, RecordedModel)
        limiter = getattr(model.source, "limiter", None)
    lost = calls - report.written
    refusals = 0 if limiter is None else limiter.refusals
    return f"{lost} lost, {refusals} refused ({100 * refusals / calls:.1f} %)"


def _engine(url: str, folder: Path, calls: int, policy: str) -> str:
    return asyncio.run(engine(url, folder, calls, policy))


def make_bodies() -> list[bytes]:
    settings = make_settings().models["agent"]
    prompts = [make_prompt(index) for index in range(IN_FLIGHT)]
    return [chat_request(settings, prompt, TOOLS, 0, 0).body for prompt in prompts]


def bare(url: str, bodies: list[bytes], calls: int) -> str:
    """Make the calls with aiohttp alone."""

    async def post_all() -> None:
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
        left = iter(range(calls))
        async with aiohttp.ClientSession(connector=connector) as session:

            async def post() -> None:
                for index in left:
                    body = bodies[index % IN_FLIGHT]
                    async with session.post(f"{url}/chat/completions", data=body) as response:
                        await response.read()

            await asyncio.gather(*(post() for _ in range(IN_FLIGHT)))

    asyncio.run(post_all())
    return ""


def threads(url: str) -> str:
    """Make the published calls: a new client each, in threads."""
    from openai import OpenAI  # noqa: PLC0415 (it is not needed for anything else here)

    tools = [{"type": "function", "function": tool.model_dump()} for tool in TOOLS]

    def call(index: int) -> None:
        client = OpenAI(base_url=url, api_key="key")
        messages = make_prompt(index).messages
        client.chat.completions.create(model="m", messages=messages, tools=tools)  # pyright: ignore[reportCallIssue, reportArgumentType]

    with ThreadPoolExecutor(BASELINE_THREADS) as pool:
        list(pool.map(call, range(BASELINE_CALLS)))
    return ""


def keys(calls: int) -> str:
    """Build the requests alone."""
    settings = make_settings().models["agent"]
    prompts = [make_prompt(index) for index in range(calls)]
    start = time.process_time()
    for prompt in prompts:
        chat_request(settings, prompt, TOOLS, 0, 0)
    return f"{1e6 * (time.process_time() - start) / calls:.0f} µs for body and key"


def replay_reads(folder: Path, calls: int) -> str:
    """Ask for stored replies, one after the other, without rows."""
    settings = make_settings("replay")
    prompts = [make_prompt(index) for index in range(calls)]

    async def ask() -> float:
        endpoints = dict.fromkeys(settings.models, Endpoint(None, ""))
        meter = open_meter(settings.llm)
        async with open_models(settings, endpoints, folder, meter) as models:
            agent = models["agent"]
            start = time.process_time()
            for index, prompt in enumerate(prompts):
                await agent.complete(prompt, tools=TOOLS, seed=index)
            return time.process_time() - start

    return f"{1000 * asyncio.run(ask()) / calls:.3f} ms for the call alone"


def bare_reads(calls: int) -> float:
    """Return the ms of a replayed call without anything around it.

    A body is written and hashed, its row is read from a database in memory, and the reply in it is
    read: nobody compares settings, counts tokens or makes a record.
    """
    requests = [cast("JsonObject", orjson.loads(body)) for body in make_bodies()]
    reply = orjson.dumps({"choices": [{"message": {"role": "assistant", "content": CONTENT}}]})
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute("CREATE TABLE replies (key BLOB PRIMARY KEY, reply BLOB) WITHOUT ROWID")
        found = [(sha256(orjson.dumps(one)).digest(), reply) for one in requests]
        store.executemany("INSERT INTO replies VALUES (?, ?)", found)
        start = time.process_time()
        for index in range(calls):
            key = sha256(orjson.dumps(requests[index % IN_FLIGHT])).digest()
            [row] = store.execute("SELECT reply FROM replies WHERE key = ?", (key,))
            orjson.loads(row[0])
        return 1000 * (time.process_time() - start) / calls


def run(calls: int, *, limited: bool = True) -> list[Cost]:
    """Measure everything; `limited`: also beside an endpoint that allows 100 calls at once."""
    costs: list[Cost] = []
    bodies = make_bodies()
    with TemporaryDirectory() as name:
        folder = Path(name)
        with stub_process(Behaviour(latency=0.2, content=CONTENT)) as url:
            _engine(url, folder, 50, "live")  # imports
            for left in folder.iterdir():
                left.unlink()
            costs += [
                measure("published: OpenAI() per call", BASELINE_CALLS, partial(threads, url)),
                measure("bound: aiohttp alone", calls, partial(bare, url, bodies, calls)),
                measure("engine, live", calls, partial(_engine, url, folder, calls, "live")),
            ]
        costs += [
            measure("engine, replay", calls, partial(_engine, "", folder, calls, "replay")),
            measure("replayed calls", calls, partial(replay_reads, folder, calls)),
            measure("requests", calls, partial(keys, calls)),
        ]
    if not limited:
        return costs
    with (
        TemporaryDirectory() as name,
        stub_process(Behaviour(latency=0.2, content=CONTENT, capacity=100)) as url,
    ):
        work = partial(_engine, url, Path(name), calls, "live")
        costs.append(measure("engine, 100 allowed", calls, work))
    return costs


def figures(calls: int) -> list[Figure]:
    """Measure what the README quotes, in milliseconds of processor time for one call."""
    published, bound, *costs = run(calls, limited=False)
    by_name = {cost.name: cost for cost in costs}
    live = by_name["engine, live"]
    alone = float(by_name["replayed calls"].note.split()[0])
    return [
        Figure(
            f"model call, {IN_FLIGHT} in flight",
            live.cpu_ms,
            published=published.cpu_ms,
            bound=bound.cpu_ms,
            wanted="≥ 60×",
        ),
        Figure("replayed call", alone, bound=bare_reads(calls), wanted="≤ 0.04"),
    ]


def main() -> None:
    """Print the table."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    size = len(orjson.dumps(MESSAGES)) + sum(len(tool.model_dump_json()) for tool in TOOLS)
    costs = run(calls)
    write = sys.stdout.write
    write(f"{len(MESSAGES)} messages, {len(TOOLS)} tools, {size} bytes, 200 ms latency\n")
    for cost in costs:
        published, bound = costs[0].cpu_ms / cost.cpu_ms, cost.cpu_ms / costs[1].cpu_ms
        write(
            f"{cost.name:28} {cost.calls:6} calls {cost.cpu_ms:8.3f} ms CPU each "
            f"{published:7.1f}x less than published {bound:6.2f}x the bound "
            f"{cost.seconds:6.1f} s  {cost.note}\n"
        )


if __name__ == "__main__":
    main()
