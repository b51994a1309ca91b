"""A message says what its intention says: it can be read back, and nothing else out of it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.state.collections import collections_of
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.grammar import UnsaidError
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Condition,
    Given,
    Group,
    Intention,
    Named,
    Only,
    Request,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.meaning import (
    NoAnswerError,
    Reader,
    World,
)
from envscaler.scen_generator.solution_first.intentions.spoken import Values
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.making import harbour, knowledge

KNOWLEDGE = knowledge()
WORLD = World(collections_of(STATE))
SKUA = Named("boats", "name", "Skua")
CANCEL = Request("cancel_booking", (("booking_id", Only(Group("bookings", "boat_id", SKUA))),))
PLAIN = Values(["2025-03-01T10:00:00"], ["in_progress", "open"])


def test_every_message_is_read_as_the_calls_of_its_reference() -> None:
    for _, row in harbour():
        assert row.proof is not None
        known = knowledge(row.initial_state)
        asked = [
            (call.name, call.arguments)
            for call in row.proof.reference
            if call.changed or not call.succeeded
        ]
        for reading in known.phrasing.read(row.task):
            try:
                acts = Reader(known.world).read(reading)
            except NoAnswerError:
                continue
            assert [(act.tool, act.bind({})) for act in acts] == asked


@given(st.integers(0, 2**16), st.sampled_from(["own", "other"]))
def test_an_intention_survives_all_ways_to_say_it(seed: int, voice: str) -> None:
    condition = Condition(SKUA, "length_m", "over", 9)
    choice = Choice(condition, CANCEL, None)
    intention = Intention(Told("berths", "A1"), plan_of((CANCEL, choice)))
    said_by = "other" if voice == "own" else voice  # a berth writes no messages

    message = KNOWLEDGE.phrasing.say(intention, said_by, Random(seed))

    assert intention in KNOWLEDGE.phrasing.read(message)


@given(st.sampled_from(sorted(WORLD.collections)), st.integers(0, 3), st.integers(0, 99))
def test_every_description_fits_one_record_alone(noun: str, at: int, seed: int) -> None:
    keys = WORLD.collections[noun].ids
    key = keys[at % len(keys)]
    describer = Describer(KNOWLEDGE.nouns)

    for is_rich in (False, True):
        for each in describer.all(noun, key, Reader(WORLD), Random(seed), is_rich=is_rich):
            assert Reader(WORLD).find(each) == key


def test_a_description_that_fits_two_records_has_no_answer() -> None:
    both = Only(Group("bookings", field="status", value="booked"))

    with pytest.raises(NoAnswerError):
        Reader(WORLD).find(both)


@given(
    st.one_of(
        st.dates().map(lambda day: day.isoformat()).filter(lambda text: text[0] != "0"),
        st.integers(0, 10**7),
        st.integers(0, 10**6).map(lambda cents: cents / 100),
        st.sampled_from(["in_progress", "open", "Dana Reyes", "2025-03-09T08:30:00", "a@b.org"]),
        st.text("abc ,.", min_size=1).filter(str.strip),
    )
)
def test_values_are_read_as_they_were_said(value: str | float) -> None:
    said = PLAIN.say(value, Random(0))

    assert value in [read for read, end in PLAIN.read(said, 0) if end == len(said)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2025-03-01", "1 March 2025"),
        ("2025-03-01T10:00:00", "1 March 2025 at 10:00"),
        (1250, "1,250"),
        (12.5, "12.50"),
        ("in_progress", "in progress"),
        ("Dana Reyes", "Dana Reyes"),
        ("Call first", '"Call first"'),
    ],
)
def test_values_are_written_as_people_do(value: object, said: str) -> None:
    assert PLAIN.say(value, Random(0)) == said


def test_what_nobody_would_write_is_not_said() -> None:
    with pytest.raises(UnsaidError):
        PLAIN.say(0.123456, Random(0))
    assert not KNOWLEDGE.phrasing.says("do", Request("no_such_tool", (("x", Given(1)),)))
