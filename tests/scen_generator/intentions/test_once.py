"""What is found out once, and not again for every intention that is tried."""

from random import Random

import pytest

from envscaler.config import load_settings
from envscaler.records import Call, JsonObject, Observation, ObservationKind
from envscaler.sandbox import LiveEnvironment, Sandbox, Snapshot, Start
from envscaler.sandbox.journal import SkeletonLike, StartLike
from envscaler.sandbox.live import Isolation
from envscaler.scen_generator.solution_first.intentions.answers import Answer, Answers
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.grammar import Grammar, UnsaidError
from envscaler.scen_generator.solution_first.intentions.intention import Told
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, Neighbourhood
from envscaler.scen_generator.solution_first.intentions.steps import Steps
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.making import knowledge
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

START = Start(initial_state=STATE)
CHANCE = Random(5)


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


def test_what_can_be_asked_for_near_a_record_is_the_same_whoever_asks_first() -> None:
    one, other = knowledge(), knowledge()
    area = Neighbourhood(one.nouns, "boats", "BT-001")
    tools = one.drawer.speakable()
    for tool in reversed(tools):
        other.drawer.draw(tool, area, Random(7))

    for tool in tools:
        first = one.drawer.draw(tool, area, Random(1))
        again = other.drawer.draw(tool, area, Random(2))
        assert sorted(each.said for each in first) == sorted(each.said for each in again)


def test_what_can_be_asked_for_comes_in_an_order_of_chance_and_never_twice() -> None:
    known = knowledge()
    area = Neighbourhood(known.nouns, "boats", "BT-001")
    tool = max(
        known.drawer.speakable(), key=lambda each: len(known.drawer.draw(each, area, CHANCE))
    )

    said = [[each.said for each in known.drawer.draw(tool, area, CHANCE)] for _ in range(9)]

    assert len(said[0]) == len({*said[0]}) > 2
    assert len({tuple(each) for each in said}) > 1


def test_a_neighbourhood_that_has_grown_has_other_requests() -> None:
    known = knowledge()
    tool = known.context.tools["book_berth"]
    narrow, wide = (Neighbourhood(known.nouns, "boats", "BT-001") for _ in range(2))
    wide.widen()

    def boats(area: Neighbourhood) -> set[object]:
        return {each.arguments["boat_id"] for each in known.drawer.draw(tool, area, CHANCE)}

    assert boats(narrow) < boats(wide)


class CountedLive(LiveEnvironment):
    """An environment that counts its snapshots, and what is tried in it."""

    def __init__(self, inner: LiveEnvironment) -> None:
        self.__dict__.update(inner.__dict__)
        self.snapshots = 0
        self.attempts = 0

    async def snapshot(self) -> Snapshot:
        self.snapshots += 1
        return await super().snapshot()

    async def attempt(
        self, tool: str, arguments: JsonObject, back: Snapshot
    ) -> tuple[Observation, JsonObject]:
        self.attempts += 1
        return await super().attempt(tool, arguments, back)


def _drawn(known: Knowledge) -> list[Drawn]:
    area = Neighbourhood(known.nouns, "boats", "BT-001")
    tools = known.drawer.speakable()
    return [one for tool in tools for one in known.drawer.draw(tool, area, Random(1))]


def _steps(known: Knowledge, live: LiveEnvironment) -> Steps:
    return Steps(known, LookUps(known.context, live, Answers()), live, Random(0))


def test_where_an_environment_stands_is_looked_at_once_for_all_requests_tried_there() -> None:
    known = knowledge()
    drawn = _drawn(known)

    async def use(sandbox: Sandbox) -> int:
        live = CountedLive(await sandbox.open(ENVIRONMENT, START))
        steps = _steps(known, live)
        for one in drawn:
            await steps.works(one)
        await live.close()
        return live.snapshots

    assert len(drawn) > 3
    assert in_sandbox(load_settings(None, ()), use) == 1


def test_a_request_is_made_once_at_one_point_and_anew_at_another() -> None:
    known = knowledge()
    drawn = _drawn(known)
    different = {(one.tool.name, repr(one.arguments)) for one in drawn}

    async def use(sandbox: Sandbox) -> tuple[list[int], list[list[bool]]]:
        live = CountedLive(await sandbox.open(ENVIRONMENT, START))
        made: list[int] = []
        found: list[list[bool]] = []
        for _ in range(2):  # an intention after another, from the same point
            steps = _steps(known, live)
            found.append([await steps.works(one) for one in drawn])
            made.append(live.attempts)
        await live.call("register_boat", {"name": "Alk", "owner": "Per Voss", "length_m": 6.5})
        steps = _steps(known, live)
        for one in drawn:
            await steps.works(one)
        made.append(live.attempts)
        await live.close()
        return made, found

    made, found = in_sandbox(load_settings(None, ()), use)

    assert made == [len(different), len(different), 2 * len(different)]
    assert found[0] == found[1]
    assert {True, False} <= set(found[0])


class LateLive(CountedLive):
    """An environment in which every call that is tried runs into its time limit."""

    async def attempt(
        self, tool: str, arguments: JsonObject, back: Snapshot
    ) -> tuple[Observation, JsonObject]:
        _, state = await super().attempt(tool, arguments, back)
        return Observation(kind=ObservationKind.TIMEOUT, value={"error": "late"}), state


def test_a_request_that_ended_by_chance_is_made_again() -> None:
    known = knowledge()
    [one, *_] = _drawn(known)

    async def use(sandbox: Sandbox) -> int:
        live = LateLive(await sandbox.open(ENVIRONMENT, START))
        steps = _steps(known, live)
        await steps.works(one)
        await steps.works(one)
        await live.close()
        return live.attempts

    assert in_sandbox(load_settings(None, ()), use) == 2


def test_outcomes_that_are_too_many_are_forgotten() -> None:
    known = knowledge()
    for number in range(20_001):
        known.keep_outcome(("point", "tool", str(number)), (True, False))

    assert list(known.outcomes) == [("point", "tool", "20000")]
