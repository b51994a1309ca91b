"""Nothing that generated code tries reaches beyond its own worker."""

import asyncio
import json

import pytest

from envscaler.sandbox import Sandbox
from envscaler.sandbox.host import limits_of
from envscaler.sandbox.launch import UnlockedLauncher
from envscaler.sandbox.pool import Workers
from tests.sandbox.arena import arena, attack, main
from tests.sandbox.attacks import ATTACKS
from tests.sandbox.conftest import as_nobody, find_python
from tests.sandbox.guests import settings

UNHINDERED = (
    "read a key file",
    "read the environment of others",
    "read /proc/self/mem",
    "stat a file",
    "write a file",
    "os.system",
    "leave a thread behind",
    "reduce to a call in the state",
    "kill another process",
    "connect by TCP",
    "send by UDP",
    "connect to a unix socket",
    "connect to an abstract socket",
)
"""Attacks that succeed without a wall and do no lasting harm."""


@pytest.fixture(scope="module")
def results() -> dict[str, list[str]]:
    return asyncio.run(main())


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_achieves_nothing_and_the_neighbour_answers(
    name: str, results: dict[str, list[str]]
) -> None:
    assert results[name] == []


@pytest.mark.parametrize("name", UNHINDERED)
def test_the_arena_sees_an_attack_that_no_wall_stops(name: str) -> None:
    assert asyncio.run(_attack_without_wall(name)) != []


async def _attack_without_wall(name: str) -> list[str]:
    chosen = settings()
    launcher = UnlockedLauncher(limits_of(chosen))

    async def again() -> UnlockedLauncher:
        return launcher

    workers = Workers(chosen, launcher, again)
    try:
        with arena() as targets:
            return await attack(Sandbox(chosen, workers), targets, name)
    finally:
        await workers.close()


def test_attacks_achieve_nothing_as_an_ordinary_user() -> None:
    result = as_nobody("-m", "tests.sandbox.arena")

    achieved = json.loads(result.stdout)
    assert len(achieved) == len(ATTACKS)
    assert {name: found for name, found in achieved.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_attacks_achieve_nothing_on_later_pythons(version: str) -> None:
    achieved = asyncio.run(main(find_python(version)))

    assert {name: found for name, found in achieved.items() if found} == {}
