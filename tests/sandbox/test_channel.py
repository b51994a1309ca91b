"""The host's end of a worker, with a worker that a test plays: every oddity ends it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest

from envscaler.sandbox.channel import Channel, Reply, Traffic, WorkerLostError
from envscaler.sandbox.guest import wire

T = TypeVar("T")
LIMIT = 1000


class FakeProcess:
    """Counts how often it is killed."""

    pid = 1
    forsaken = False

    def __init__(self) -> None:
        self.kills = 0

    def disown(self) -> None:
        raise AssertionError("its number is known")

    def kill(self) -> None:
        self.kills += 1


class CountingSocket(socket.socket):
    """Counts how often somebody looks for an answer."""

    looks = 0

    def recv(self, *given: int) -> bytes:
        self.looks += 1
        return super().recv(*given)


class Played:
    """A channel, and the other end of it."""

    def __init__(self) -> None:
        ours, self.end = socket.socketpair()
        self.ours = ours = CountingSocket(fileno=ours.detach())
        self.process = FakeProcess()
        self.channel = Channel(ours, self.process, Traffic())

    def answer(self, body: bytes, number: int | None = None, size: int | None = None) -> None:
        """Answer the request that is there."""
        *_, asked = wire.HEADER.unpack_from(self.end.recv(1 << 20))
        head = (len(body) if size is None else size, wire.OK, asked if number is None else number)
        self.end.sendall(wire.HEADER.pack(*head) + body)

    async def request(self, play: Callable[[], None], within: float = 2) -> Reply:
        """Make a request that is answered by `play`."""
        request = asyncio.create_task(
            self.channel.request(wire.CALL, b"{}", within=within, limit=LIMIT)
        )
        await asyncio.sleep(0.01)
        play()
        return await request


def run(scene: Callable[[Played], Coroutine[object, object, T]]) -> T:
    """Play a scene, and close both ends."""

    async def inside() -> T:
        played = Played()
        try:
            return await scene(played)
        finally:
            played.channel.kill()
            played.end.close()

    return asyncio.run(inside())


def test_an_answer_comes_back_whole() -> None:
    async def scene(played: Played) -> Reply:
        return await played.request(lambda: played.answer(b"x" * LIMIT))

    assert run(scene) == (wire.OK, b"x" * LIMIT)


def test_an_answer_in_pieces_is_put_together() -> None:
    async def scene(played: Played) -> Reply:
        request = asyncio.create_task(played.channel.request(wire.CALL, b"", within=2, limit=LIMIT))
        await asyncio.sleep(0.01)
        *_, number = wire.HEADER.unpack_from(played.end.recv(1000))
        for byte in wire.HEADER.pack(3, wire.OK, number) + b"abc":
            played.end.sendall(bytes([byte]))
            await asyncio.sleep(0)
        return await request

    assert run(scene) == (wire.OK, b"abc")


ODD: dict[str, tuple[Callable[[Played], None], str]] = {
    "an old or invented answer": (lambda p: p.answer(b"", number=1), "nobody had asked"),
    "two answers": (lambda p: p.answer(b"x", size=0), "more than one answer"),
    "an oversized answer": (lambda p: p.answer(b"x" * (LIMIT + 1)), "1001 bytes; 1000 are allowed"),
    "an announced size": (lambda p: p.answer(b"", size=2**32 - 1), "1000 are allowed"),
    "a truncated answer": (lambda p: (p.answer(b"x", size=9), p.end.close())[1], "died"),
    "half an answer": (lambda p: p.answer(b"x", size=9), "hard deadline"),
    "no answer": (lambda _: None, "hard deadline"),
    "the end": (lambda p: p.end.close(), "hung up|died"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_ends_the_worker(name: str) -> None:
    play, message = ODD[name]

    async def scene(played: Played) -> int:
        with pytest.raises(WorkerLostError, match=message):
            await played.request(lambda: play(played), within=0.2)
        with pytest.raises(WorkerLostError):
            await played.channel.request(wire.CALL, b"", within=1, limit=LIMIT)
        return played.process.kills

    assert run(scene) == 1


def test_only_a_missed_deadline_is_called_late() -> None:
    async def scene(played: Played) -> bool:
        with pytest.raises(WorkerLostError) as caught:
            await played.request(lambda: None, within=0.05)
        return caught.value.late

    assert run(scene)


def _speak(end: socket.socket) -> None:
    end.sendall(b"x")


@pytest.mark.parametrize(
    ("play", "reason"),
    [(_speak, "it spoke without being asked"), (socket.socket.close, "it died")],
)
def test_a_worker_that_stirs_while_nothing_is_asked_is_ended(
    play: Callable[[socket.socket], None], reason: str
) -> None:
    async def scene(played: Played) -> tuple[str, int]:
        play(played.end)
        await asyncio.sleep(0.01)
        return played.channel.lost, played.process.kills

    assert run(scene) == (reason, 1)


def test_a_cancelled_request_ends_the_worker() -> None:
    async def scene(played: Played) -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await played.channel.request(wire.CALL, b"", within=2, limit=LIMIT)
        return played.process.kills

    assert run(scene) == 1


def test_a_worker_that_reads_nothing_is_late() -> None:
    async def scene(played: Played) -> bool:
        with pytest.raises(WorkerLostError, match="does not read") as caught:
            await played.channel.request(wire.CALL, b"x" * (8 << 20), within=0.1, limit=LIMIT)
        return caught.value.late

    assert run(scene)


def test_requests_wait_for_their_turn() -> None:
    async def scene(played: Played) -> list[bytes]:
        requests = [
            asyncio.create_task(played.channel.request(wire.CALL, b"", within=2, limit=LIMIT))
            for _ in range(3)
        ]
        for turn in range(3):
            await asyncio.sleep(0.01)
            played.answer(str(turn).encode())
        return [body for _, body in await asyncio.gather(*requests)]

    assert run(scene) == [b"0", b"1", b"2"]


def test_a_host_that_waits_sleeps_instead_of_looking_again_and_again() -> None:
    async def scene(played: Played) -> int:
        answer = threading.Timer(0.0005, played.answer, [b"x"])
        answer.start()
        await played.channel.request(wire.CALL, b"", within=2, limit=LIMIT)
        answer.join()
        return played.ours.looks

    assert run(scene) <= 3
