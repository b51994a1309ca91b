"""The highest tier: what counts as long, and what a search for it comes to."""

from functools import lru_cache

from pydantic import JsonValue

from envscaler.records import Call, JsonObject, Scenario
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.intention import Intention
from envscaler.scen_generator.solution_first.intentions.knowledge import knowledge_of
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
    World,
)
from envscaler.scen_generator.solution_first.intentions.messages import repetitions
from envscaler.scen_generator.solution_first.intentions.tiers import (
    LIMITS,
    LONGEST,
    depths_of,
    is_long,
    may_be_of,
    tier_of,
)
from tests.scen_generator.intentions.busy import busy_state
from tests.scen_generator.intentions.making import make
from tests.scen_generator.running import ENVIRONMENT


@lru_cache
def _long() -> Scenario:
    found = make((5, 1), state=busy_state())[5, 1]
    assert isinstance(found, Scenario), found
    return found


def test_fifteen_calls_with_three_dependent_look_ups_are_long() -> None:
    assert is_long(15, 3)
    assert not is_long(14, 3)
    assert not is_long(15, 2)


def test_many_calls_that_depend_on_nothing_are_of_the_tier_below() -> None:
    few = {"writes": 1, "look_ups": 1, "calls": 20, "branches": 0}

    assert tier_of(**few, dependent=2) == 4
    assert tier_of(**few, dependent=3) == LONGEST


def test_a_task_is_of_the_lowest_tier_whose_limits_it_keeps() -> None:
    for limit in LIMITS:
        most = {"writes": limit.writes, "look_ups": limit.look_ups, "branches": limit.branches}
        assert tier_of(**most, calls=limit.calls, dependent=0) == limit.number
        assert tier_of(**most, calls=limit.calls + 1, dependent=0) > limit.number


def test_too_many_calls_or_branches_or_too_few_are_of_another_tier() -> None:
    for limit in LIMITS:
        assert may_be_of(limit.number, limit.calls, limit.branches)
        assert not may_be_of(limit.number, limit.calls + 1, limit.branches)
        assert not may_be_of(limit.number, limit.calls, limit.branches + 1)
    assert may_be_of(4, 30, 5)
    assert not may_be_of(LONGEST, 14, 0)


def test_a_call_needs_those_that_answered_what_it_is_given() -> None:
    calls: list[tuple[JsonObject, JsonValue]] = [
        ({"berth": "A1"}, {"booking": "BK-1"}),
        ({"booking": "BK-1"}, {"boat": "BT-1"}),
        ({"boat": "BT-1"}, {}),
        ({"berth": "A1"}, {}),
    ]

    assert depths_of("about A1", calls) == [0, 1, 2, 0]


def test_what_the_task_says_need_not_be_looked_up() -> None:
    calls: list[tuple[JsonObject, JsonValue]] = [
        ({"berth": "A1"}, {"booking": "BK-1"}),
        ({"booking": "BK-1"}, {}),
    ]

    assert depths_of("booking BK-1", calls) == [0, 0]


def test_a_long_search_ends_in_a_proven_task_of_the_highest_tier() -> None:
    row = _long()

    assert row.shape is not None
    assert row.proof is not None
    assert row.proof.proven
    assert row.shape.tier == LONGEST
    assert is_long(row.shape.calls, row.shape.dependent)
    assert row.shape.calls == len(row.proof.reference)


def test_a_long_message_means_the_writes_of_its_reference_and_nothing_else() -> None:
    row = _long()
    assert row.proof is not None
    known = knowledge_of(SearchContext(ENVIRONMENT, row.initial_state), row.clock)
    world = World(known.context.collections)

    readings = known.phrasing.read(row.task)

    writers = known.context.writers()
    made = [each.call for each in row.proof.reference if each.name in writers]
    understood = [acts for each in readings if (acts := _acts(each, world))]
    assert understood
    for acts in understood:
        writes = [Call(name=act.tool, arguments=act.bind({})) for act in acts]
        assert made == writes


def _acts(reading: Intention, world: World) -> tuple[Act, ...]:
    """Return what a reading comes to; nothing where it makes no sense."""
    try:
        return tuple(Reader(world).read(reading))
    except NoAnswerError:
        return ()


def test_nothing_is_ended_before_something_was_done_with_it() -> None:
    row = _long()
    assert row.proof is not None
    writes = [each for each in row.proof.reference if each.changed]
    ended = [at for at, each in enumerate(writes) if each.name == "cancel_booking"]

    for at in ended:
        later = [*writes[at + 1 :]]
        gone = writes[at].arguments["booking_id"]
        assert gone not in [value for each in later for value in each.arguments.values()]


def test_a_word_twice_in_a_row_counts_as_repeated() -> None:
    assert repetitions("Please retry the one that came first first.") == 1
    assert repetitions("Please retry the one that came first.") == 0
