"""Workers are forked from templates: they hold nothing of others, nor of their host."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from envscaler.errors import SandboxError
from envscaler.sandbox import LiveEnvironment, Sandbox
from envscaler.sandbox.channel import Traffic, WorkerLostError
from envscaler.sandbox.forker import Forker
from envscaler.sandbox.guest import wire
from tests.sandbox.guests import COUNTER, Guest, guest, start
from tests.sandbox.test_faults import worker_of, zygote_of
from tests.sandbox.test_pool import scene, variant

DESCRIPTORS = guest(
    """
    def __init__(self):
        self.held = []

    def look(self):
        import os
        for number in range(1000):
            try:
                os.lseek(number, 0, os.SEEK_CUR)
                self.held.append(number)
            except OSError as error:
                if error.errno != 9:
                    self.held.append(number)
        return self.held
""",
    "look",
)


def standard_files(pid: int) -> set[str]:
    return {str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in range(3)}


SEEKER = guest(
    """
    def __init__(self, config=None):
        self.found = []

    def look(self):
        import gc, sys, time
        known = [one for one in gc.get_objects() if isinstance(one, dict) and "I10" in one]
        module = sys.modules["environment"]
        return [len(known), hasattr(module, "Example"), time.time(), len(self.found)]
""",
    "look",
)

FORGETFUL = guest(
    """
    def __init__(self, config=None):
        import decimal, json, logging
        self.secret = (config or {}).get("secret", "")
        json.__dict__.setdefault("stash", []).append(self.secret)
        logging.getLogger("env").addHandler(logging.StreamHandler())
        decimal.getcontext().prec += 1

    def look(self):
        import decimal, json, logging
        logging.getLogger("env").warning("acted")
        return [json.__dict__["stash"], str(decimal.Decimal(1) / 3)]
""",
    "look",
)


def test_a_worker_holds_nothing_but_its_socket_whatever_its_host_holds() -> None:
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(150)]

    async def work(sandbox: Sandbox) -> None:
        environment = await sandbox.open(DESCRIPTORS, start())

        observation = await environment.call("look", {})

        assert observation.value == [0, 1, 2, 3]
        assert standard_files(worker_of(environment)) == {"/dev/null"}

    try:
        scene(work)
    finally:
        for descriptor in held:
            os.close(descriptor)


def test_what_a_newborn_worker_plays_first_leaves_nothing_behind() -> None:
    async def work(sandbox: Sandbox) -> None:
        environment = await sandbox.open(SEEKER, start())

        seen = await environment.call("look", {})

        assert seen.value == [0, False, 1735689600.0, 0]

    scene(work)


def test_no_environment_sees_what_another_of_its_class_left_behind() -> None:
    async def work(sandbox: Sandbox) -> None:
        for number in range(7):
            environment = await sandbox.open(FORGETFUL, start(secret=f"scenario-{number}"))

            seen = await environment.call("look", {})

            assert seen.value == [[f"scenario-{number}"], "0." + "3" * 29]
            assert seen.output == "acted\n"
            await environment.close()
            await asyncio.sleep(0.02)

    scene(work, spare_workers=2)


def test_the_body_of_a_class_sees_the_time_and_the_chance_of_its_own_scenario() -> None:
    early = guest(
        "    made = random.random()\n\n    def __init__(self): self.made = self.made",
        head="import random",
    )

    async def work(sandbox: Sandbox) -> None:
        seeds = (1, 2, 1)
        opened = [await sandbox.open(early, start(), seed=seed) for seed in seeds]

        one, two, again = [await environment.state() for environment in opened]

        assert one == again
        assert one != two

    scene(work)


async def open_many(sandbox: Sandbox, guests: list[Guest]) -> list[LiveEnvironment]:
    return [await sandbox.open(one, start()) for one in guests]


def test_a_class_that_makes_room_for_others_keeps_its_live_environments() -> None:
    async def work(sandbox: Sandbox) -> None:
        opened = await open_many(sandbox, [variant(number) for number in range(5)])
        pids = [worker_of(one) for one in opened]

        answers = [(await one.call("add", {})).kind for one in opened]

        assert set(answers) == {"ok"}
        assert [worker_of(one) for one in opened] == pids

    scene(work, max_classes=1)


def parent_of(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[1])


def test_environments_of_one_class_come_from_one_template() -> None:
    async def work(sandbox: Sandbox) -> None:
        one, two, other = await open_many(sandbox, [COUNTER, COUNTER, variant(1)])

        parents = [parent_of(worker_of(live)) for live in (one, two, other)]

        assert parents[0] == parents[1] != parents[2]
        assert {parent_of(parent) for parent in parents} == {zygote_of(sandbox)}

    scene(work)


def test_a_template_that_died_is_made_again_and_its_environments_are_rebuilt() -> None:
    async def work(sandbox: Sandbox) -> None:
        environment = await sandbox.open(COUNTER, start())
        await environment.call("add", {"amount": 4})

        os.kill(parent_of(worker_of(environment)), signal.SIGKILL)

        assert (await environment.call("read", {})).value == {"success": True, "count": 4}
        assert (await (await sandbox.open(COUNTER, start())).call("add", {})).kind == "ok"

    scene(work)


def test_a_template_that_dies_again_and_again_is_an_error() -> None:
    async def work(sandbox: Sandbox) -> None:
        for _ in range(3):
            environment = await sandbox.open(COUNTER, start())
            os.kill(parent_of(worker_of(environment)), signal.SIGKILL)
            await environment.close()

        with pytest.raises(SandboxError, match="dies again and again"):
            await sandbox.open(COUNTER, start())

    scene(work, spare_workers=0)


class Played:
    """A process that should fork, played by a test."""

    def __init__(self, silence: float = 20) -> None:
        ours, self.end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ends = SimpleNamespace(count=0)
        self.forker = Forker(ours, Traffic(), self._on_end, silence=silence)

    def _on_end(self) -> None:
        self.ends.count += 1

    def close(self) -> None:
        self.forker.close()
        self.end.close()


def play(work: Callable[[Played], Awaitable[None]], silence: float = 20) -> None:
    async def inside() -> None:
        played = Played(silence)
        try:
            await work(played)
        finally:
            played.close()

    asyncio.run(inside())


@pytest.mark.parametrize("answer", [b"x", b"-1", b"1" * 11, b"\xff\xfe", b"1 2"])
def test_an_odd_answer_ends_the_process_that_gave_it(answer: bytes) -> None:
    async def work(played: Played) -> None:
        channel = played.forker.fork_worker()

        played.end.send(answer)

        assert await channel.is_forsaken()
        assert played.ends.count == 1
        with pytest.raises(SandboxError, match="gone"):
            played.forker.fork_worker()

    play(work)


def test_an_answer_that_nobody_asked_for_ends_the_process() -> None:
    async def work(played: Played) -> None:
        played.end.send(b"1")
        await asyncio.sleep(0.01)

        assert (played.forker.alive, played.ends.count) == (False, 1)

    play(work)


def test_a_process_that_stays_silent_is_given_up_and_its_workers_are_forsaken() -> None:
    async def work(played: Played) -> None:
        channel = played.forker.fork_worker()

        with pytest.raises(WorkerLostError):
            await channel.request(wire.CALL, b"", within=0.2, limit=10)

        assert await channel.is_forsaken()
        assert played.ends.count == 1

    play(work, silence=0.05)


def test_a_descriptor_that_is_no_process_is_taken_without_harm() -> None:
    async def work(played: Played) -> None:
        channel = played.forker.fork_worker()
        socket.send_fds(played.end, [b"17"], [0])
        await channel.identify()

        channel.kill()

        assert channel.pid == 17
        assert played.forker.alive

    play(work)
