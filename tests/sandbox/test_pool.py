"""Workers kept ready, shared and given up."""

import asyncio
from collections.abc import Awaitable, Callable

from envscaler.sandbox import LiveEnvironment, Sandbox
from tests.sandbox.guests import COUNTER, Guest, settings, start
from tests.sandbox.test_faults import alive, gone_within, worker_of


def scene(work: Callable[[Sandbox], Awaitable[None]], **changes: object) -> None:
    """Run a coroutine with a sandbox of its own."""

    async def inside() -> None:
        async with Sandbox.start(settings(**changes)) as sandbox:
            await work(sandbox)

    asyncio.run(inside())


def variant(number: int) -> Guest:
    """Make a class unlike the others."""
    return COUNTER.model_copy(update={"source": COUNTER.source + f"\n# {number}\n"})


def spares(sandbox: Sandbox) -> dict[str, list[int]]:
    """Return process numbers of the spare workers for each class source."""
    kept = sandbox._workers._kept  # pyright: ignore[reportPrivateUsage]
    return {key[1]: [channel.pid for channel in one.spares] for key, one in kept.items() if key}


async def open_twice(sandbox: Sandbox, guest: Guest) -> list[LiveEnvironment]:
    """Make a class hot, and wait for its spares."""
    opened = [await sandbox.open(guest, start()) for _ in range(2)]
    for _ in range(200):
        ready = spares(sandbox)[guest.source]
        if len(ready) == 2 and all(ready):
            return opened
        await asyncio.sleep(0.01)
    raise AssertionError(spares(sandbox))


def test_a_class_in_use_gets_spare_workers_and_they_are_used() -> None:
    async def work(sandbox: Sandbox) -> None:
        await open_twice(sandbox, COUNTER)
        ready = spares(sandbox)[COUNTER.source]

        environment = await sandbox.open(COUNTER, start())

        assert worker_of(environment) == ready[0]

    scene(work, spare_workers=2)


def test_episodes_that_begin_at_once_have_their_class_compiled_once() -> None:
    async def work(sandbox: Sandbox) -> None:
        compiler = sandbox._compiler  # pyright: ignore[reportPrivateUsage]

        codes = await asyncio.gather(*(compiler.compile(COUNTER.source, "Counter") for _ in "abc"))

        assert codes[0] is codes[1]
        assert codes[1] is codes[2]

    scene(work)


def test_a_class_used_once_gets_none() -> None:
    async def work(sandbox: Sandbox) -> None:
        await sandbox.open(COUNTER, start())
        await asyncio.sleep(0.05)

        assert spares(sandbox) == {COUNTER.source: []}

    scene(work, spare_workers=2)


def test_the_class_that_was_used_longest_ago_loses_its_spares() -> None:
    async def work(sandbox: Sandbox) -> None:
        for number in range(2):
            await open_twice(sandbox, variant(number))
        old, kept = (spares(sandbox)[variant(number).source] for number in range(2))

        await open_twice(sandbox, variant(2))

        assert gone_within(60, *old)
        assert all(map(alive, kept))

    scene(work, spare_workers=2, max_classes=2)


def test_a_spare_that_died_is_not_handed_out() -> None:
    async def work(sandbox: Sandbox) -> None:
        await open_twice(sandbox, COUNTER)
        kept = sandbox._workers._kept  # pyright: ignore[reportPrivateUsage]
        for one in kept.values():
            for channel in one.spares:
                channel.kill()

        environment = await sandbox.open(COUNTER, start())

        assert (await environment.call("add", {})).kind == "ok"

    scene(work, spare_workers=2)


def test_shared_workers_hold_many_environments() -> None:
    async def work(sandbox: Sandbox) -> None:
        opened = [await sandbox.open(COUNTER, start(), isolation="shared") for _ in range(100)]
        await asyncio.gather(*(one.call("add", {"amount": n}) for n, one in enumerate(opened)))

        states = [await one.state() for one in opened]

        assert states == [{"count": n} for n in range(100)]
        assert len({worker_of(one) for one in opened}) < 10

    scene(work)


def test_an_environment_that_was_closed_makes_room() -> None:
    async def work(sandbox: Sandbox) -> None:
        for _ in range(200):
            environment = await sandbox.open(COUNTER, start(), isolation="shared")
            await environment.close()
        first = await sandbox.open(COUNTER, start(), isolation="shared")
        second = await sandbox.open(COUNTER, start(), isolation="shared")

        assert {(await one.call("add", {})).kind for one in (first, second)} == {"ok"}

    scene(work)


def test_a_closed_environment_leaves_no_process() -> None:
    async def work(sandbox: Sandbox) -> None:
        environment = await sandbox.open(COUNTER, start())
        pid = worker_of(environment)

        await environment.close()

        assert gone_within(60, pid)

    scene(work)
