"""Limiter: how many requests may be in flight."""

import asyncio
from collections.abc import Coroutine

from envscaler.llm.limiter import Limiter


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def good(limiter: Limiter, count: int) -> None:
    for _ in range(count):
        await limiter.acquire()
        limiter.release(good=True)


async def refuse(limiter: Limiter, count: int, wait: float = 0.0) -> None:
    permits = [await limiter.acquire() for _ in range(count)]
    for permit in permits:
        limiter.refuse(permit, wait)
        limiter.release(good=False)


def waits(work: Coroutine[object, object, object]) -> bool:
    """Tell whether `work` is still waiting after a moment."""

    async def look() -> bool:
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return not done

    return asyncio.run(look())


async def fill(limiter: Limiter) -> None:
    for _ in range(int(limiter.limit)):
        await limiter.acquire()


def test_the_limit_doubles_with_a_round_of_good_replies() -> None:
    limiter = Limiter(start=20, most=500)

    asyncio.run(good(limiter, 20))

    assert limiter.limit == 40


def test_the_limit_stops_at_the_most() -> None:
    limiter = Limiter(start=20, most=30)

    asyncio.run(good(limiter, 100))

    assert limiter.limit == 30


def test_a_start_above_the_most_is_the_most() -> None:
    assert Limiter(start=20, most=5).limit == 5


def test_the_refusals_of_one_burst_cut_once() -> None:
    limiter = Limiter(start=100, most=500)

    asyncio.run(refuse(limiter, 10))

    assert limiter.limit == 75


def test_a_refusal_after_a_cut_cuts_again() -> None:
    limiter = Limiter(start=100, most=500)

    asyncio.run(refuse(limiter, 10))
    asyncio.run(refuse(limiter, 10))

    assert limiter.limit == 56.25


def test_the_limit_never_falls_below_one() -> None:
    limiter = Limiter(start=1, most=500)

    asyncio.run(refuse(limiter, 1))

    assert limiter.limit == 1


def test_after_a_cut_25_good_replies_raise_the_limit_by_one() -> None:
    limiter = Limiter(start=100, most=500)
    asyncio.run(refuse(limiter, 1))

    asyncio.run(good(limiter, 25))

    assert round(limiter.limit, 6) == 76


def test_no_more_than_the_limit_are_let_in() -> None:
    async def one_too_many() -> None:
        limiter = Limiter(start=3, most=3)
        await fill(limiter)
        await limiter.acquire()

    assert waits(one_too_many())


def test_a_place_given_back_lets_the_next_one_in() -> None:
    async def exchange() -> None:
        limiter = Limiter(start=1, most=1)
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        limiter.release(good=True)
        await waiting

    assert not waits(exchange())


def test_places_are_given_in_the_order_of_asking() -> None:
    order: list[int] = []

    async def ask(limiter: Limiter, number: int) -> None:
        await limiter.acquire()
        order.append(number)
        limiter.release(good=False)

    async def run() -> None:
        limiter = Limiter(start=1, most=1)
        await limiter.acquire()
        tasks = [asyncio.ensure_future(ask(limiter, number)) for number in range(4)]
        await asyncio.sleep(0)
        limiter.release(good=False)
        await asyncio.gather(*tasks)

    asyncio.run(run())

    assert order == [0, 1, 2, 3]


def test_nobody_is_let_in_while_the_endpoint_wants_a_pause() -> None:
    clock = Clock()

    async def during_the_pause() -> None:
        limiter = Limiter(start=10, most=10, clock=clock)
        await refuse(limiter, 1, wait=30.0)
        await limiter.acquire()

    assert waits(during_the_pause())


def test_after_the_pause_they_are_let_in_again() -> None:
    async def run() -> float:
        limiter = Limiter(start=10, most=10)
        await refuse(limiter, 1, wait=0.05)
        start = asyncio.get_running_loop().time()
        await limiter.acquire()
        return asyncio.get_running_loop().time() - start

    assert 0.045 <= asyncio.run(run()) < 5


def test_who_gives_up_waiting_takes_no_place() -> None:
    async def run() -> int:
        limiter = Limiter(start=1, most=1)
        await limiter.acquire()
        gone = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        limiter.release(good=True)
        await limiter.acquire()
        return limiter.in_flight

    assert asyncio.run(run()) == 1


def test_who_is_cancelled_as_the_place_comes_gives_it_back() -> None:
    async def run() -> int:
        limiter = Limiter(start=1, most=1)
        await limiter.acquire()
        gone = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        limiter.release(good=True)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        return limiter.in_flight

    assert asyncio.run(run()) == 0


def test_good_replies_are_counted_and_others_not() -> None:
    limiter = Limiter(start=10, most=10)

    asyncio.run(refuse(limiter, 1))
    asyncio.run(good(limiter, 2))

    assert limiter.good == 2
