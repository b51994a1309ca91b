"""What is found out once, and not again for every intention that is tried."""

from random import Random

import pytest

from envscaler.config import load_settings
from envscaler.records import Call
from envscaler.sandbox import LiveEnvironment, Sandbox, Snapshot, Start
from envscaler.sandbox.journal import SkeletonLike, StartLike
from envscaler.sandbox.live import Isolation
from envscaler.scen_generator.solution_first.intentions.answers import Answer
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.grammar import Grammar, UnsaidError
from envscaler.scen_generator.solution_first.intentions.intention import Told
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.requests import Neighbourhood
from envscaler.scen_generator.solution_first.intentions.steps import Steps
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.making import knowledge
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

START = Start(initial_state=STATE)


class Counted(Sandbox):
    """A sandbox that counts the environments that were opened."""

    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner
        self.opened = 0

    async def open(
        self,
        skeleton: SkeletonLike,
        start: StartLike,
        *,
        seed: int | None = None,
        isolation: Isolation | None = None,
    ) -> LiveEnvironment:
        self.opened += 1
        return await self._inner.open(skeleton, start, seed=seed, isolation=isolation)


def test_all_intentions_for_a_scenario_are_tried_in_the_same_two_environments() -> None:
    async def use(sandbox: Sandbox) -> int:
        counted = Counted(sandbox)
        async with Beginning.of(ENVIRONMENT, START, counted) as beginning:
            for _ in range(20):
                await beginning.pair()
        return counted.opened

    assert in_sandbox(load_settings(None, ()), use) == 2


def test_every_intention_finds_the_environments_as_they_were_at_the_start() -> None:
    calls = [
        Call(name="register_boat", arguments={"name": "Alk", "owner": "Per Voss", "length_m": 6.5}),
        Call(name="find_boats", arguments={"text": "Alk"}),
    ]

    async def use(sandbox: Sandbox) -> tuple[object, object]:
        async with Beginning.of(ENVIRONMENT, START, sandbox) as beginning:
            _, trying = await beginning.pair()
            first = await trying.trace(calls)
            asking, trying = await beginning.pair()
            assert asking.journal.calls == trying.journal.calls == ()
            return first, await trying.trace(calls)

    first, second = in_sandbox(load_settings(None, ()), use)

    assert first == second


def test_an_answer_mentions_ids_and_names_of_their_own_type() -> None:
    answer = Answer({"data": [{"id": 7, "by": {"B1": True}}]})

    assert answer.mentions(7)
    assert answer.mentions("B1")
    assert not answer.mentions("7")
    assert not answer.mentions(1)


def test_a_meaning_without_words_is_told_with_its_rule() -> None:
    with pytest.raises(UnsaidError, match="greeting has no words for Told"):
        Grammar().say("greeting", Told("boats", "BT-001"), Random(0))


class CountedLive(LiveEnvironment):
    """An environment that counts its snapshots."""

    def __init__(self, inner: LiveEnvironment) -> None:
        self.__dict__.update(inner.__dict__)
        self.snapshots = 0

    async def snapshot(self) -> Snapshot:
        self.snapshots += 1
        return await super().snapshot()


def test_where_an_environment_stands_is_looked_at_once_for_all_requests_tried_there() -> None:
    known = knowledge()
    noun, key = "boats", "BT-001"
    area = Neighbourhood(known.nouns, noun, key)
    drawn = [
        one for tool in known.drawer.speakable() for one in known.drawer.draw(tool, area, Random(1))
    ]

    async def use(sandbox: Sandbox) -> int:
        live = CountedLive(await sandbox.open(ENVIRONMENT, START))
        steps = Steps(known, LookUps(known.context, live, {}), live, Random(0))
        for one in drawn:
            await steps.works(one)
        await live.close()
        return live.snapshots

    assert len(drawn) > 3
    assert in_sandbox(load_settings(None, ()), use) == 1
