"""Rounds of work: several things to do with records of one kind, each for itself, each with why."""

import re
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.config import load_settings
from envscaler.environment.state.collections import collections_of
from envscaler.errors import RejectedError
from envscaler.records import Clock, JsonObject, Tool
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.explained import explained, is_of_others
from envscaler.scen_generator.solution_first.intentions.intention import (
    Given,
    Group,
    Intention,
    Named,
    Only,
    Plan,
    Request,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.meaning import Act, Reader
from envscaler.scen_generator.solution_first.intentions.messages import repetitions, worded
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.ours import ours
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.round_planner import RoundPlanner
from envscaler.scen_generator.solution_first.intentions.round_rules import is_worn
from envscaler.scen_generator.solution_first.intentions.round_sentences import around_one
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.busy import busy_state
from tests.scen_generator.intentions.making import knowledge
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

KNOWLEDGE = knowledge()
BUSY = busy_state()
WITH_MUCH = knowledge(BUSY)
SKUA = Only(Group("bookings", "boat_id", Named("boats", "name", "Skua")))
CANCEL = Request("cancel_booking", (("booking_id", SKUA),))
SKUA_II = Only(Group("bookings", "boat_id", Named("boats", "name", "Skua II")))
OTHER = Request("cancel_booking", (("booking_id", SKUA_II),))
CLOSE = Request(
    "set_berth_status", (("berth_id", Told("berths", "B1")), ("status", Given("closed")))
)
KINDS = ("bookings", "berths")
PEOPLE: JsonObject = {"US-1": {"name": "Ann Lee"}, "US-2": {"name": "Bob May"}}
BOOKED: JsonObject = {
    "BK-1": {"boat_id": "BT-001", "user_id": "US-1", "status": "booked"},
    "BK-2": {"boat_id": "BT-002", "user_id": "US-2", "status": "booked"},
}
WITH_PEOPLE = knowledge({**STATE, "users": PEOPLE, "bookings": BOOKED})


def _rounds(tier: int, count: int = 6) -> Sequence[Intention]:
    """Search rounds of a tier in a harbour with much to do."""

    async def use(sandbox: Sandbox) -> list[Intention]:
        start = Start(initial_state=BUSY, clock=Clock(), seed=0)
        found: list[Intention | None] = []
        async with Beginning.of(ENVIRONMENT, start, sandbox) as beginning:
            for seed in range(count):
                asking, trying = await beginning.pair()
                look_ups = LookUps(WITH_MUCH.context, asking, WITH_MUCH.answers)
                planner = RoundPlanner(WITH_MUCH, look_ups, trying, Random(seed))
                recipe = Recipe(0, 0, is_rich=True, round_of=tier)
                found.append(await planner.find(recipe, ()))
        return [each for each in found if each is not None]

    return in_sandbox(load_settings(None, ()), use)


def _acts(intention: Intention) -> tuple[Act, ...]:
    return Reader(KNOWLEDGE.world).read(intention)


@given(st.integers(0, 2**16))
def test_a_round_and_its_reasons_survive_all_ways_to_say_it(seed: int) -> None:
    why = "Their plans have changed."
    asked = Intention(None, Plan(CANCEL, Plan(CLOSE, Plan(CANCEL), why)), KINDS)

    message = KNOWLEDGE.phrasing.say(asked, "other", Random(seed))

    assert why in message
    assert asked in KNOWLEDGE.phrasing.read(message)


def test_a_round_says_first_what_it_goes_through() -> None:
    message = KNOWLEDGE.phrasing.say(
        Intention(None, plan_of((CANCEL, CLOSE)), KINDS), "other", Random(1)
    )

    assert "our bookings and berths" in message.split(".")[0]


def test_a_sentence_behind_one_that_is_quoted_begins_with_a_capital_letter() -> None:
    noted = Request(CANCEL.tool, (*CANCEL.arguments, ("note", Given("As discussed."))))
    asked = Intention(None, plan_of((noted, CLOSE)), KINDS)

    for seed in range(20):
        message = KNOWLEDGE.phrasing.say(asked, "other", Random(seed))
        assert asked in KNOWLEDGE.phrasing.read(message)
        behind = message.partition('As discussed."')[2]
        assert not behind.startswith(" ") or behind[1].isupper() or behind.startswith(" and "), (
            message
        )


def test_each_step_of_a_round_is_for_a_record_of_its_own() -> None:
    found = _rounds(4)

    assert found
    for each in found:
        acts = Reader(WITH_MUCH.world).read(each)
        subjects = [dict(act.arguments).get("booking_id") for act in acts]
        told = [key for key in subjects if key is not None]
        assert len(acts) > 1
        assert len({*told}) == len(told)


def test_no_step_of_a_round_leans_on_the_one_before() -> None:
    for each in _rounds(4):
        assert "Again(" not in repr(each)


def test_each_step_says_why_where_it_needs_a_reason() -> None:
    found = explained(Intention(None, plan_of((CANCEL, CLOSE)), KINDS), KNOWLEDGE)

    assert found.plan.why is not None
    assert "plans have changed" in found.plan.why
    assert found.steps == (CANCEL, CLOSE)


def test_a_round_gives_no_reason_twice() -> None:
    with pytest.raises(RejectedError, match="same reason twice"):
        explained(Intention(None, plan_of((CANCEL, OTHER)), KINDS), KNOWLEDGE)


def test_the_same_is_put_right_of_two_records_at_most() -> None:
    tool = Tool(name="edit_booking", description="", parameters={})
    steps = [
        Drawn(tool, {"booking_id": ("bookings", f"BK-{at}")}, {"date": f"2024-12-0{at}"})
        for at in (1, 2, 3)
    ]
    assert not is_worn(steps[:1], steps[2])
    assert is_worn(steps[:2], steps[2])


def test_a_round_is_said_by_whoever_keeps_the_records() -> None:
    asked = Intention(None, plan_of((CANCEL, CLOSE)), KINDS)

    message = worded(asked, _acts(asked), KNOWLEDGE, Random(1))

    assert "our bookings and berths" in message
    assert "plans have changed" in message


def test_two_things_of_one_verb_in_a_sentence_count_as_repeated() -> None:
    assert repetitions("Please change the name of A, and change the name of B.") == 1
    assert repetitions("Please change the name of A, and move B.") == 0


def test_somebody_goes_through_what_belongs_to_one_record() -> None:
    asked = Intention(Named("boats", "name", "Skua"), plan_of((CANCEL, CLOSE)), ("bookings",))

    message = KNOWLEDGE.phrasing.say(asked, "other", Random(1))

    assert re.search("the bookings of the boat Skua", message)
    assert asked in KNOWLEDGE.phrasing.read(message)


def test_things_are_at_a_place() -> None:
    state: JsonObject = {
        "locations": {"LO-1": {"location_id": "LO-1", "name": "Cardio area"}},
        "machines": {"MA-1": {"machine_id": "MA-1", "location_id": "LO-1"}},
    }
    whole = repr([*around_one("locations", Nouns(collections_of(state)), ("other",))])

    assert " at " in whole
    assert " of " not in whole


def test_nobody_says_the_status_of_it() -> None:
    assert repetitions("Change the status of it to done.") == 1
    assert repetitions("Change the date of birth of them to 2 May 1970.") == 1
    assert repetitions("Check in the guest of the active booking of room 4 now.") == 1
    assert repetitions("Change its status to done, and check in the guest of booking 4.") == 0


def test_whoever_puts_mistakes_right_says_so_once() -> None:
    asked = Intention(None, plan_of((CANCEL, OTHER)), ("bookings",), is_amending=True)

    message = worded(asked, _acts(asked), KNOWLEDGE, Random(1))

    assert "mistakes in our bookings" in message
    assert "plans have changed" not in message
    assert asked in KNOWLEDGE.phrasing.read(message)


def test_nobody_calls_theirs_what_belongs_to_others() -> None:
    ann = Named("users", "name", "Ann Lee")
    own, other = (
        Request("cancel_booking", (("booking_id", Told("bookings", key)),)) for key in BOOKED
    )

    assert not is_of_others(Intention(ann, plan_of((own,)), KINDS), WITH_PEOPLE)
    assert is_of_others(Intention(ann, plan_of((own, other)), KINDS), WITH_PEOPLE)


def test_whoever_is_named_behind_is_not_told_by_an_id_before() -> None:
    def cancel(user: Named | Told) -> Intention:
        booking = Only(Group("bookings", "user_id", user))
        steps = (Request("cancel_booking", (("booking_id", booking),)), CLOSE)
        return Intention(None, plan_of(steps), KINDS)

    assert explained(cancel(Named("users", "name", "Ann Lee")), WITH_PEOPLE).plan.why
    with pytest.raises(RejectedError, match="by a code and by a name"):
        explained(cancel(Told("users", "US-1")), WITH_PEOPLE)


def test_what_is_of_the_body_is_called_by_whose_it_is() -> None:
    state: JsonObject = {
        "patients": {"PA-1": {"patient_id": "PA-1", "name": "Ann Lee"}},
        "allergies": {"AL-1": {"allergy_id": "AL-1", "patient_id": "PA-1"}},
        "bookings": {"BK-1": {"booking_id": "BK-1", "patient_id": "PA-1"}},
    }
    nouns = Nouns(collections_of(state))

    assert ours("allergies", nouns) == "patients' allergies"
    assert ours("bookings", nouns) == "bookings"
    assert ours("patients", nouns) == "patient records"
