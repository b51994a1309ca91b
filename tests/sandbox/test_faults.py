"""The machinery fails: nothing hangs, nothing is scored by mistake, nothing is left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from envscaler.errors import IsolationError, SandboxError
from envscaler.records import Check, Clock, ObservationKind
from envscaler.sandbox import LiveEnvironment, Sandbox
from envscaler.sandbox.decode import load
from envscaler.sandbox.guest import wire
from envscaler.sandbox.launch import Zygote
from envscaler.sandbox.live import Isolation
from tests.sandbox.conftest import Box
from tests.sandbox.guests import COUNTER, guest, settings, start

SLOW = guest(
    """
    def __init__(self):
        self.count = 0

    def work(self):
        self.count += 1
        for n in range(200_000):
            pass
        return self.count

    def spin(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
""",
    "work",
    "spin",
)


def worker_of(environment: LiveEnvironment) -> int:
    assert environment.pid is not None
    return environment.pid


def zygote_of(sandbox: Sandbox) -> int:
    workers = sandbox._workers  # pyright: ignore[reportPrivateUsage]
    launcher = workers._launcher  # pyright: ignore[reportPrivateUsage]
    assert isinstance(launcher, Zygote)
    return launcher._process.pid  # pyright: ignore[reportPrivateUsage]


def alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        return state != "Z"
    return False


def gone_within(seconds: float, *pids: int) -> bool:
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(alive, pids))


async def kill_soon(pid: int) -> None:
    await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGKILL)


def ticks_of(pid: int) -> int:
    """Return the processor time that a process has had, in ticks of the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11])


def kill_at_work(pid: int) -> None:
    """Kill a worker when it has been working for some time, however long that takes."""
    before = ticks_of(pid)
    while ticks_of(pid) < before + 3:
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def unhurried() -> Generator[Box]:
    """A sandbox whose calls may take as long as any machine needs."""
    context = Sandbox.start(settings(call_soft=20, call_hard=40, load_time=60))
    with asyncio.Runner() as runner:
        yield Box(runner, runner.run(context.__aenter__()))
        runner.run(context.__aexit__(None, None, None))


def test_a_worker_killed_in_the_middle_of_a_call_is_rebuilt(
    unhurried: Box, isolation: Isolation
) -> None:
    environment = unhurried.open(SLOW, isolation=isolation)
    unhurried.call(environment, "work")

    async def killed() -> ObservationKind:
        spin = asyncio.create_task(environment.call("spin", {}))
        await asyncio.to_thread(kill_at_work, worker_of(environment))
        return (await spin).kind

    assert unhurried.run(killed()) is ObservationKind.KILLED
    assert unhurried.call(environment, "work").value == 2
    assert [call.undone for call in environment.journal.calls] == [False, True, False]


def test_a_replayed_call_may_take_several_times_as_long(box: Box) -> None:
    environment = box.open(guest("    def work(self):\n        while True: pass", "work"))
    slot = environment._slot  # pyright: ignore[reportPrivateUsage]
    assert slot is not None
    body = b'[%d, %d, [[1, "work", {}, false]]]' % (slot.number, wire.PATIENCE)

    _, answers = box.run(slot.channel.request(wire.PLAY, body, within=60, limit=1000))

    # The fixture's calls are stopped after 0.3 s.
    [(status, answer)] = wire.unpack_answers(answers)
    assert (status, load(answer)) == (wire.TIMEOUT, {"error": "no result after 1.5 s"})


def test_a_worker_killed_between_calls_is_rebuilt_unnoticed(box: Box) -> None:
    environment = box.open(COUNTER)
    box.call(environment, "add", amount=4)

    os.kill(worker_of(environment), signal.SIGKILL)

    assert box.run(environment.state()) == {"count": 4}
    assert box.call(environment, "add").value == {"success": True, "count": 5, "totals": [4, 5]}
    assert not any(call.undone for call in environment.journal.calls)


def test_the_neighbours_in_a_shared_worker_survive_its_end(box: Box) -> None:
    villain, victim = (box.open(SLOW, isolation="shared") for _ in range(2))
    box.call(victim, "work")

    observation = box.call(villain, "spin")

    assert observation.kind is ObservationKind.KILLED
    assert box.call(victim, "work").value == 2


def test_a_killed_zygote_takes_its_workers_along_and_the_call_is_made_again() -> None:
    async def scene() -> None:
        async with Sandbox.start(settings()) as sandbox:
            environment = await sandbox.open(SLOW, start())
            idle = await sandbox.open(COUNTER, start())
            workers = worker_of(environment), worker_of(idle)
            work = asyncio.create_task(environment.call("work", {}))
            await kill_soon(zygote_of(sandbox))

            observation = await work

            assert (observation.kind, observation.value) == (ObservationKind.OK, 1)
            assert gone_within(60, *workers)
            assert (await idle.call("add", {})).kind is ObservationKind.OK

    asyncio.run(scene())


def test_checks_go_on_after_the_zygote_was_killed() -> None:
    check = Check(item="?", source="def check_func(final_state):\n    return True")

    async def scene() -> None:
        async with Sandbox.start(settings()) as sandbox:
            os.kill(zygote_of(sandbox), signal.SIGKILL)

            [verdict] = await sandbox.run_checks((check,), {}, {}, Clock())

            assert verdict.kind == "passed", verdict

    asyncio.run(scene())


HOST = """
import asyncio, sys
from envscaler.sandbox import Sandbox
from tests.sandbox.guests import COUNTER, settings, start
from tests.sandbox.test_faults import SLOW, worker_of, zygote_of

async def main():
    async with Sandbox.start(settings(call_soft=30, call_hard=60)) as sandbox:
        idle = await sandbox.open(COUNTER, start())
        busy = await sandbox.open(SLOW, start())
        spin = asyncio.create_task(busy.call("spin", {}))
        await asyncio.sleep(0.1)
        print(zygote_of(sandbox), worker_of(idle), worker_of(busy), flush=True)
        await spin

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_the_host(how: signal.Signals) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", HOST],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with host:
        assert host.stdout is not None
        pids = [int(pid) for pid in host.stdout.readline().split()]

        host.send_signal(how)
        host.wait()

    assert len(pids) == 3
    assert gone_within(60, *pids)


def test_a_thousand_environments_leave_no_descriptor_and_no_process() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def processes(zygote: int) -> int:
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text(encoding="ascii")
        return len(children.split())

    async def scene() -> None:
        async with Sandbox.start(settings(spare_workers=0)) as sandbox:
            await (await sandbox.open(COUNTER, start())).close()
            await asyncio.sleep(0.1)
            before = descriptors(), processes(zygote_of(sandbox))
            for _ in range(100):
                opened = await asyncio.gather(*(sandbox.open(COUNTER, start()) for _ in range(10)))
                await asyncio.gather(*(one.close() for one in opened))
            await asyncio.sleep(0.1)
            assert (descriptors(), processes(zygote_of(sandbox))) == before

    outside = descriptors()
    asyncio.run(scene())
    assert descriptors() == outside


def test_too_few_descriptors_are_an_error_that_names_the_remedy() -> None:
    code = """
import asyncio, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from envscaler.sandbox import Sandbox
from envscaler.errors import SandboxError
from tests.sandbox.guests import COUNTER, settings, start

async def main():
    async with Sandbox.start(settings(spare_workers=0)) as sandbox:
        try:
            kept = [await sandbox.open(COUNTER, start()) for _ in range(40)]
        except SandboxError as error:
            print(error)

asyncio.run(main())
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert "raise the limit of open files (ulimit -n)" in result.stdout, result.stderr


def test_a_closed_sandbox_says_so() -> None:
    async def scene() -> None:
        async with Sandbox.start(settings()) as sandbox:
            pass
        with pytest.raises(SandboxError, match="closed"):
            await sandbox.open(COUNTER, start())

    asyncio.run(scene())


def test_an_interpreter_that_does_not_start_is_refused_with_the_remedy() -> None:
    async def scene() -> None:
        async with Sandbox.start(settings(), python="/nonexistent/python"):
            pass

    with pytest.raises(IsolationError, match="--sandbox weak"):
        asyncio.run(scene())
