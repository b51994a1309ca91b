"""Scenarios that begin in one state take turns in what can be asked for there, new chains first."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from envscaler.records import Call, chain_id
from envscaler.scen_generator.solution_first.intentions.candidates import Candidate, Shelf
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Condition,
    Fallback,
    Given,
    Intention,
    Plan,
    Request,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.luck import HOPEFUL, Luck
from envscaler.scen_generator.solution_first.intentions.make import Place, place_of
from envscaler.scen_generator.solution_first.intentions.meaning import Act
from envscaler.scen_generator.spec import spec_for
from tests.scen_generator.intentions.making import settings_with
from tests.scen_generator.running import ENVIRONMENT


def _candidate(said: str, *queries: str) -> Candidate:
    """Return one that asks for `said` after some queries."""
    calls = (*(Call(name=name, arguments={}) for name in queries), Call(name="do", arguments={}))
    return Candidate(
        intention=Intention(None, Plan(Request("do", (("value", Given(said)),)))),
        acts=(Act("do", (("value", said),)),),
        calls=calls,
        answers=(None,) * len(calls),
        acting=(len(queries),),
    )


def _shelf(*candidates: Candidate, number: int = 0) -> Shelf:
    shelf = Shelf(number)
    for each in candidates:
        shelf.put([each])
    return shelf


def _names(found: Iterable[Candidate]) -> list[str]:
    return [str(each.acts[0].arguments[0][1]) for each in found]


def test_no_two_scenarios_of_a_state_take_the_same() -> None:
    shelf = _shelf(*(_candidate(f"{at}", f"query {at}") for at in range(12)))

    turns = [_names(shelf.in_turn(at, 5, frozenset())) for at in range(5)]

    assert sorted(name for turn in turns for name in turn) == sorted(map(str, range(12)))


def test_further_candidates_of_a_chain_come_after_all_chains() -> None:
    shelf = _shelf(
        *(_candidate(f"again {at}", "query") for at in range(3)),
        *(_candidate(f"new {at}", f"query {at}") for at in range(3)),
    )

    found = _names(shelf.in_turn(0, 1, frozenset()))

    assert {*found[:4]} == {"again 0", "new 0", "new 1", "new 2"}


def test_what_needs_no_look_up_comes_after_what_needs_one() -> None:
    shelf = _shelf(_candidate("bare"), *(_candidate(f"{at}", f"query {at}") for at in range(4)))

    assert _names(shelf.in_turn(0, 1, frozenset()))[-1] == "bare"


def test_chains_that_others_have_are_left_out() -> None:
    shelf = _shelf(_candidate("one", "query"), _candidate("other", "search"))

    taken = frozenset((chain_id(("query", "do")),))

    assert _names(shelf.in_turn(0, 1, taken)) == ["other"]


def test_states_begin_with_different_chains_of_the_same_ones() -> None:
    every = [_candidate(f"{at}", f"query {at}") for at in range(30)]

    first = {_names(_shelf(*every, number=at).in_turn(0, 1, frozenset()))[0] for at in range(10)}

    assert len(first) > 5


def test_of_ways_to_do_one_thing_the_rarest_is_kept() -> None:
    shelf = _shelf(_candidate("one", "list"))

    shelf.put([_candidate("other", "list"), _candidate("other", "search")])

    assert shelf.chains[chain_id(("search", "do"))] == 1
    assert not shelf.put([_candidate("other", "get")])


def _place(index: int, tier: int, **settings: object) -> Place:
    with_them = settings_with(**settings)
    return place_of(spec_for(ENVIRONMENT, index, with_them.clock, 1), tier, with_them)


def test_no_more_scenarios_share_a_search_than_a_run_asks_for() -> None:
    fourth = 3  # the place of tier 4 among the tiers

    alone = [_place(fourth + 5 * turn, 4, per_tier=1) for turn in range(3)]
    shared = [_place(fourth + 5 * turn, 4, per_tier=20) for turn in range(6)]

    assert {(each.at, each.of) for each in alone} == {(0, 1)}
    assert len({each.state for each in alone}) == 3
    assert [each.at for each in shared] == [0, 1, 2, 3, 4, 0]
    assert [each.state for each in shared[:5]] == [shared[0].state] * 5
    assert shared[5].state != shared[0].state


def test_a_scenario_that_becomes_one_of_another_tier_has_a_search_of_its_own() -> None:
    meant = _place(3, 4, scenarios_per_env=4)
    instead = [_place(index, 4, scenarios_per_env=4) for index in range(3)]

    assert len({each.state for each in (meant, *instead)}) == 4
    assert {(each.at, each.of) for each in instead} == {(0, 1)}


def test_what_leads_to_nothing_is_no_longer_tried() -> None:
    poor, rich = Recipe(1, 0, is_rich=False), Recipe(1, 0, is_rich=True)
    luck = Luck((poor, rich))
    random = Random(1)

    for _ in range(10 * HOPEFUL):
        if luck.choose(random) == rich:
            luck.note(rich)

    assert {luck.choose(random) for _ in range(HOPEFUL)} == {rich}


def test_where_nothing_leads_to_anything_the_search_ends_when_all_was_tried() -> None:
    recipes = Recipe(1, 0, is_rich=False), Recipe(1, 0, is_rich=True)
    luck = Luck(recipes)
    drawn: list[Recipe] = []

    while not luck.is_spent:
        drawn.append(luck.choose(Random(len(drawn))))

    assert [drawn.count(each) for each in recipes] == [HOPEFUL, HOPEFUL]


def test_where_something_has_led_to_something_the_search_goes_on() -> None:
    luck = Luck((Recipe(1, 0, is_rich=False),))

    for _ in range(10 * HOPEFUL):
        luck.note(luck.choose(Random(0)))

    assert not luck.is_spent


def test_a_condition_is_a_branch_where_something_else_is_to_be_done_otherwise() -> None:
    request = Request("do", (("value", Given("one")),))
    condition = Condition(Told("things", "a"), "status", "is", "open")
    candidate = _candidate("one", "query")

    alone = Intention(None, Plan(Choice(condition, request, None)))
    other = Intention(None, Plan(Choice(condition, request, request)))
    tried = Intention(None, Plan(Fallback(request, request)))

    found = [replace(candidate, intention=each).branches for each in (alone, other, tried)]
    assert found == [0, 1, 1]


def test_what_is_done_by_several_tools_comes_before_most_that_is_done_by_one() -> None:
    many = [_candidate(f"one {at}", f"query {at}") for at in range(40)]
    varied = [
        replace(
            _candidate(f"two {at}", f"query {at}", "more"), acts=(Act("do", ()), Act("undo", ()))
        )
        for at in range(40, 80)
    ]
    shelf = Shelf(0)
    for each in (*many, *varied):
        shelf.put([each])

    first = shelf.in_turn(0, 1, frozenset())[:30]

    assert sum(each.is_varied for each in first) > 20
