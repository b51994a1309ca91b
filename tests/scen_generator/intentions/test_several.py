"""Records that are told one by one, and what belongs to several of them."""

from random import Random

import pytest
from pydantic import JsonValue

from envscaler.environment.state.collections import collections_of
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.grammar import Grammar
from envscaler.scen_generator.solution_first.intentions.groups import WORDS
from envscaler.scen_generator.solution_first.intentions.intention import (
    Extreme,
    Firsts,
    Group,
    Intention,
    Limit,
    Many,
    Named,
    Only,
    Plan,
    Request,
    Told,
    plan_of,
    several,
)
from envscaler.scen_generator.solution_first.intentions.lists import (
    at_once,
    between,
    in_one,
    rows,
    some_rows,
    wide_groups,
)
from envscaler.scen_generator.solution_first.intentions.meaning import NoAnswerError, Reader
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.references import References
from envscaler.scen_generator.solution_first.intentions.spoken import Values, ids
from envscaler.scen_generator.solution_first.intentions.world import World
from tests.scen_generator.intentions.making import knowledge

STATE: JsonObject = {
    "guests": {
        "GU-1": {"guest_id": "GU-1", "name": "Ann Lee"},
        "GU-2": {"guest_id": "GU-2", "name": "Bob May"},
        "GU-3": {"guest_id": "GU-3", "name": "Eve Orr"},
    },
    "stays": {
        "ST-1": {"stay_id": "ST-1", "guest_id": "GU-1", "status": "open", "start": "2025-01-02"},
        "ST-2": {"stay_id": "ST-2", "guest_id": "GU-1", "status": "open", "start": "2025-01-05"},
        "ST-3": {"stay_id": "ST-3", "guest_id": "GU-2", "status": "paid", "start": "2025-01-03"},
    },
}


def _reader() -> Reader:
    return Reader(World(collections_of(STATE)))


def test_each_record_that_is_told_comes_once() -> None:
    ann, bob = Named("guests", "name", "Ann Lee"), Named("guests", "name", "Bob May")
    read = Intention(None, Plan(Request("greet", (("guest_id", several([ann, bob])),))))
    twice = Intention(None, Plan(Request("greet", (("guest_id", several([ann, ann])),))))

    assert [each.arguments for each in _reader().read(read)] == [
        (("guest_id", "GU-1"),),
        (("guest_id", "GU-2"),),
    ]
    try:
        _reader().read(twice)
    except NoAnswerError:
        return
    raise AssertionError("One record was told twice")


def test_what_belongs_to_several_is_what_belongs_to_each() -> None:
    ann, bob = Named("guests", "name", "Ann Lee"), Named("guests", "name", "Bob May")

    assert _reader().group(Group("stays", "guest_id", several([bob, ann]))) == [
        "ST-3",
        "ST-1",
        "ST-2",
    ]
    assert _reader().group(Group("stays", "guest_id", Group("guests"))) == ["ST-1", "ST-2", "ST-3"]


def test_a_row_tells_all_its_records_alike() -> None:
    nouns = Nouns(collections_of(STATE))

    found = some_rows(rows(nouns, "stays", _reader()), Random(0), 2)

    assert all(len({type(each) for each, _ in row}) == 1 for row in found)
    assert all(len(row) >= 2 for row in found)


def test_ids_are_told_one_by_one_only_where_there_are_no_names_and_last() -> None:
    nouns = Nouns(collections_of(STATE))
    guests = some_rows(rows(nouns, "guests", _reader()), Random(0), 2)
    stays = some_rows(rows(nouns, "stays", _reader()), Random(0), 2)

    assert not any(isinstance(each, Told) for row in guests for each, _ in row)
    assert all(isinstance(each, Told) for each, _ in stays[-1])
    assert not any(isinstance(each, Told) for row in stays[:-1] for each, _ in row)


def test_groups_of_what_belongs_to_several_name_two_owners_or_more() -> None:
    found = [*wide_groups(Nouns(collections_of(STATE)), "stays", Random(0))]

    assert Group("stays", "guest_id", found[0].of) in found
    assert all(len(_reader().owners(each)) >= 2 for each in found)


def test_several_records_are_said_in_one_sentence_and_read_back() -> None:
    known = knowledge()
    bookings = [Told("bookings", key) for key in ("BK-001", "BK-002", "BK-003")]
    asked = Request("cancel_booking", (("booking_id", several(bookings)),))

    said = known.phrasing.say(Intention(None, Plan(asked)), "other", Random(1))

    assert "BK-001, " in said
    assert " and " in said
    assert Intention(None, Plan(asked)) in known.phrasing.read(said)


def _grammar_of_guests() -> Grammar:
    nouns, grammar = Nouns(collections_of(STATE)), Grammar()
    references, values = References(nouns), Values([], ["open", "paid"])
    grammar.define("plain", values.lexicon())
    grammar.define("word", values.words())
    for rule, words in WORDS.items():
        grammar.define(rule, values.words(words))
    grammar.define("id", ids())
    for noun in nouns.collections:
        references.add(grammar, noun, ["other"])
        references.add_groups(grammar, noun, ["other"])
    for noun in nouns.collections:
        references.add_lists(grammar, noun)
        grammar.add(f"many {noun}", *grammar.forms(f"ref {noun}"))
    return grammar


def test_a_list_tells_all_owners_in_one_manner() -> None:
    guests = [Named("guests", "name", name) for name in ("Ann Lee", "Bob May", "Eve Orr")]
    told = several([Only(Group("stays", "guest_id", guest)) for guest in guests])
    grammar = _grammar_of_guests()

    said = {grammar.say("list stays", told, Random(seed)) for seed in range(60)}

    assert {each.count("'s stay") for each in said} == {0, 3}
    assert all(told in grammar.read("list stays", each) for each in said)


GUESTS = [Named("guests", "name", name) for name in ("Ann Lee", "Bob May")]


def test_what_references_have_in_common_is_told_once() -> None:
    stays = [Group("stays", "guest_id", guest) for guest in GUESTS]
    both = Group("stays", "guest_id", several(GUESTS))
    ann, bob = stays

    assert at_once([Only(ann), Only(bob)]) == both
    assert at_once([Extreme(ann, "start", True), Only(bob)]) == Firsts(both, "start", True)
    assert at_once([Told("stays", "ST-1"), Only(bob)]) == several(
        [Told("stays", "ST-1"), Only(bob)]
    )


def test_the_same_with_two_records_is_asked_for_once() -> None:
    first, second = (Request("end", (("stay_id", Told("stays", key)),)) for key in ("ST-1", "ST-2"))
    other = Request("pay", (("stay_id", Told("stays", "ST-2")),))

    assert in_one(first, other) is None
    assert in_one(first, second) == Request(
        "end", (("stay_id", several([Told("stays", "ST-1"), Told("stays", "ST-2")])),)
    )


def test_the_first_of_each_is_the_only_one_of_who_has_one() -> None:
    both = Group("stays", "guest_id", several(GUESTS))
    eve = Named("guests", "name", "Eve Orr")

    assert _reader().many(Firsts(both, "start", most=True)) == ["ST-2", "ST-3"]
    with pytest.raises(NoAnswerError):
        _reader().many(Firsts(Group("stays", "guest_id", several([*GUESTS, eve])), "start", True))


def test_a_limit_lies_between_the_records() -> None:
    early = Group("stays", limit=Limit("start", is_over=False, value="2025-01-04"))
    on_the_day = Group("stays", limit=Limit("start", is_over=False, value="2025-01-03"))

    assert _reader().group(early) == ["ST-1", "ST-3"]
    with pytest.raises(NoAnswerError):
        _reader().group(on_the_day)


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [
        ("2025-01-20", "2025-02-10", "2025-02-01"),
        ("2025-01-02", "2025-01-05", "2025-01-03"),
        ("2025-01-02", "2025-01-03", None),
        (180, 340, 200),
        (3, 5, 4),
        (3, 4, None),
    ],
)
def test_a_limit_is_a_round_one(low: JsonValue, high: JsonValue, value: JsonValue) -> None:
    assert between(low, high) == value


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            Group("stays", "guest_id", several(GUESTS), "status", "open"),
            {
                "Ann Lee's and Bob May's open stays",
                "the open stays of Ann Lee and Bob May",
                "all open stays of Ann Lee and Bob May",
            },
        ),
        (
            Firsts(Group("stays", "guest_id", several(GUESTS)), "start", most=True),
            {"Ann Lee's and Bob May's stays with the latest start"},
        ),
        (
            Group("stays", field="status", value="open", limit=Limit("start", False, "2025-02-01")),
            {
                "all open stays with a start before 1 February 2025",
                "every open stay with a start before 1 February 2025",
            },
        ),
    ],
)
def test_many_records_are_said_at_once_and_read_back(told: Many, said: set[str]) -> None:
    grammar = _grammar_of_guests()

    found = {grammar.say("many stays", told, Random(seed)) for seed in range(80)}

    assert said <= found
    assert all(told in grammar.read("many stays", each) for each in found)


@pytest.mark.parametrize("is_first", [True, False])
def test_three_owners_are_told_behind_the_noun(*, is_first: bool) -> None:
    grammar = _grammar_of_guests()
    three = several([*GUESTS, Named("guests", "name", "Eve Orr")])
    group = Group("stays", "guest_id", three)
    told = Firsts(group, "start", most=True) if is_first else group

    found = {grammar.say("many stays", told, Random(seed)) for seed in range(40)}

    assert not [each for each in found if "'s" in each]
    assert all("of Ann Lee, Bob May and Eve Orr" in each for each in found)
    assert all(told in grammar.read("many stays", each) for each in found)


def test_nobody_is_told_by_what_belongs_to_everybody_there() -> None:
    state: JsonObject = {
        "teams": {"TE-1": {"team_id": "TE-1", "name": "Research"}},
        "employees": {
            "EM-1": {"employee_id": "EM-1", "name": "Ann Lee", "team_id": "TE-1"},
        },
    }
    collections = collections_of(state)
    reader = Reader(World(collections))

    found = [
        *Describer(Nouns(collections)).all("employees", "EM-1", reader, Random(1), is_rich=True)
    ]

    assert found == [Named("employees", "name", "Ann Lee"), Told("employees", "EM-1")]


def test_the_second_of_two_steps_is_not_said_to_come_finally() -> None:
    known = knowledge()
    steps = tuple(
        Request("cancel_booking", (("booking_id", Told("bookings", key)),))
        for key in ("BK-001", "BK-002", "BK-003")
    )
    two, three = Intention(None, plan_of(steps[:2])), Intention(None, plan_of(steps))

    said_of_two = [known.phrasing.say(two, "other", Random(seed)) for seed in range(40)]
    said_of_three = [known.phrasing.say(three, "other", Random(seed)) for seed in range(40)]

    assert not any("Finally" in each or "Last of all" in each for each in said_of_two)
    assert any("Finally" in each for each in said_of_three)


def test_nothing_is_told_by_what_has_ended() -> None:
    state: JsonObject = {
        "cars": {
            "CA-1": {"car_id": "CA-1"},
            "CA-2": {"car_id": "CA-2"},
            "CA-3": {"car_id": "CA-3"},
        },
        "jobs": {
            "JO-1": {"job_id": "JO-1", "car_id": "CA-1", "status": "completed", "site": "S1"},
            "JO-2": {"job_id": "JO-2", "car_id": "CA-2", "status": "open", "site": "S1"},
        },
        "sites": {"S1": {"site_id": "S1", "name": "North"}},
    }
    collections = collections_of(state)

    found = rows(Nouns(collections), "cars", Reader(World(collections)))

    told = repr(found)
    assert "open" in told
    assert "completed" not in told


@pytest.mark.parametrize(("today", "is_said"), [("2025-01-04", False), ("2025-01-06", True)])
def test_the_latest_is_not_still_to_come(today: str, *, is_said: bool) -> None:
    describer = Describer(Nouns(collections_of(STATE)), today)

    told = [*describer.all("stays", "ST-2", _reader(), Random(0), is_rich=True)]

    assert any(isinstance(each, Extreme) and each.most for each in told) is is_said
