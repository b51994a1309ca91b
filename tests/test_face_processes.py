"""`Env` where trainers use it: running loops, threads, pools, daemons, and after a fork."""

import asyncio
import importlib.util
import multiprocessing
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from envscaler import AsyncEnv, Env
from tests.face import LEND, is_gone
from tests.interact.fakes import make_environment, make_scenario

CHECKOUT = Path(__file__).parents[1]
# Python 3.12 warns of any fork in a process with threads; that it works is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
_PATIENCE = 120
Method = Literal["spawn", "fork"]


def episode(number: int = 1) -> float | None:
    """Play the desk in this process; solve it when the number is odd."""
    with Env(make_scenario(), make_environment()) as env:
        if number % 2:
            env.call("lend", LEND)
        return env.score().reward


def finish(pickled: bytes) -> float | None:
    """Go on with an env of another process."""
    with pickle.loads(pickled) as env:  # noqa: S301
        env.call("lend", LEND)
        return env.score().reward


def test_inside_a_running_loop_as_in_a_notebook() -> None:
    async def cell() -> float | None:
        return episode()

    assert asyncio.run(cell()) == 1.0


def test_in_many_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(episode, range(16))) == [0.0, 1.0] * 8


def test_one_env_from_many_threads() -> None:
    with Env(make_scenario(), make_environment()) as env, ThreadPoolExecutor(8) as threads:
        for number in range(40):
            threads.submit(env.call, "lend", {"book_id": f"X{number}", "reader": "Eve"})
        threads.shutdown()

        assert env.call("list_loans").count("Eve") == 40


def test_async_ones_in_threads_with_loops_of_their_own() -> None:
    async def play() -> float | None:
        async with AsyncEnv(make_scenario(), make_environment()) as env:
            await env.call("lend", LEND)
            return (await env.score()).reward

    with ThreadPoolExecutor(4) as threads:
        played = [threads.submit(asyncio.run, play()) for _ in range(4)]

    assert [one.result() for one in played] == [1.0] * 4


def test_an_async_one_opened_in_one_loop_goes_on_in_another() -> None:
    async def opened() -> AsyncEnv:
        return await AsyncEnv(make_scenario(), make_environment())

    async def finished(env: AsyncEnv) -> float | None:
        await env.call("lend", LEND)
        return (await env.score()).reward

    assert asyncio.run(finished(asyncio.run(opened()))) == 1.0


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_in_pools_of_processes_though_the_parent_has_one_open(method: str) -> None:
    with Env(make_scenario(), make_environment()) as env:
        with multiprocessing.get_context(method).Pool(2) as pool:
            results = pool.map_async(episode, range(4)).get(_PATIENCE)

        assert results == [0.0, 1.0, 0.0, 1.0]
        assert env.score().reward == 0.0


def test_a_pickled_env_goes_on_in_another_process() -> None:
    with Env(make_scenario(), make_environment()) as env:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply_async(finish, (pickle.dumps(env),)).get(_PATIENCE) == 1.0

        assert env.score().reward == 0.0


def _put(queue: "multiprocessing.Queue[object]", work: Callable[[], object]) -> None:
    queue.put(work())


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_in_a_daemonic_worker(method: Method) -> None:
    assert _in_a_process(method, episode, daemon=True) == 1.0


def test_an_env_opened_before_a_fork_goes_on_in_both_processes() -> None:
    with Env(make_scenario(), make_environment()) as env:
        env.call("lend", {"book_id": "B3", "reader": "Eve"})

        def child() -> tuple[float | None, int]:
            env.call("lend", LEND)
            return env.score().reward, len(env.journal.calls)

        assert _in_a_process("fork", child) == (1.0, 2)
        assert env.score().reward == 0.0
        assert len(env.journal.calls) == 1


def test_a_fork_of_a_fork_works_too() -> None:
    with Env(make_scenario(), make_environment()) as env:

        def child() -> object:
            env.call("lend", LEND)
            return _in_a_process("fork", lambda: env.score().reward)

        assert _in_a_process("fork", child) == 1.0


def test_a_fork_while_other_threads_are_calling() -> None:
    stop = threading.Event()
    with Env(make_scenario(), make_environment()) as env:

        def keep_calling() -> None:
            while not stop.is_set():
                env.call("list_loans")

        threads = [threading.Thread(target=keep_calling) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            results = [_in_a_process("fork", episode) for _ in range(3)]
        finally:
            stop.set()
            for thread in threads:
                thread.join()

        assert results == [1.0, 1.0, 1.0]
        assert env.score().reward == 0.0


def _in_a_process(method: Method, work: Callable[[], object], *, daemon: bool = False) -> object:
    context = multiprocessing.get_context(method)
    queue: multiprocessing.Queue[object] = context.Queue()
    make: type[multiprocessing.Process] = vars(type(context))["Process"]
    process = make(target=_put, args=(queue, work), daemon=daemon)
    process.start()
    try:
        return queue.get(timeout=_PATIENCE)
    finally:
        process.join(_PATIENCE)
        if process.is_alive():
            process.kill()


def test_no_process_is_left_behind() -> None:
    script = (
        "import os, sys\n"
        "from tests.face import LEND\n"
        "from tests.test_face_processes import Env, make_environment, make_scenario\n"
        "env = Env(make_scenario(), make_environment())\n"
        "print(env.pid, flush=True)\n"
        "if len(sys.argv) > 1: os.kill(os.getpid(), 9)\n"
    )
    for how in ((), ("killed",)):
        done = subprocess.run(
            [sys.executable, "-c", script, *how],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )

        assert done.stderr == ""
        assert is_gone(int(done.stdout))


@pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="ray is not installed")
def test_in_a_ray_actor() -> None:
    ray = importlib.import_module("ray")
    ray.init(
        num_cpus=1, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": str(CHECKOUT)}}
    )
    try:
        actor = ray.remote(_Player).remote()

        assert ray.get([actor.play.remote(number) for number in range(3)]) == [0.0, 1.0, 0.0]
    finally:
        ray.shutdown()


class _Player:
    """What a trainer would make an actor of."""

    def play(self, number: int) -> float | None:
        return episode(number)
