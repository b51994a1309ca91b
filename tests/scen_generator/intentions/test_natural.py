"""Messages sound like those of people: one description a record, labels in words, own voices."""

from random import Random
from typing import cast

import pytest

from envscaler.environment.state.collections import collections_of
from envscaler.records import Clock, JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.details import (
    APART,
    apart,
    described,
)
from envscaler.scen_generator.solution_first.intentions.grammar import Grammar, form
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Choice,
    Condition,
    Extreme,
    Given,
    Group,
    Intention,
    Named,
    Only,
    Plan,
    Request,
    Told,
    plan_of,
    several,
)
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
    participle_of,
    ranks,
    with_article,
)
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.messages import about_whom
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.sentences import (
    add_plain_messages,
    add_request,
    add_sentences,
)
from envscaler.scen_generator.solution_first.intentions.spoken import Values
from envscaler.scen_generator.solution_first.intentions.verbs import wordings
from tests.scen_generator.intentions.making import harbour, knowledge

KNOWLEDGE = knowledge()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("max_length_m", "maximum length in metres"),
        ("new_due_date", "due date"),
        ("created_at", "creation date"),
        ("duration_minutes", "duration in minutes"),
        ("price_per_km", "price per km"),
        ("check_in_date", "check-in date"),
    ],
)
def test_a_field_is_called_by_whole_words(name: str, label: str) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("field", "done"),
    [
        ("created_at", "created"),
        ("upload_time", "uploaded"),
        ("date_submitted", "submitted"),
        ("speed", None),
        ("due_date", None),
    ],
)
def test_a_date_says_what_was_done_then(field: str, done: str | None) -> None:
    assert participle_of(field) == done


def test_the_first_of_many_is_told_by_an_adjective_where_there_is_one() -> None:
    said = {
        field: next(
            f"{each.before}…{each.after}"
            for each in ranks(field, is_date=day, is_main=field in ("date", "posted_at"))
        )
        for field, day in (
            ("date", True),
            ("unit_price", False),
            ("created_at", True),
            ("posted_at", True),
            ("date_of_birth", False),
        )
    }

    assert said == {
        "date": "latest …",
        "unit_price": "most expensive …",
        "created_at": "most recently created …",
        "posted_at": "latest …",
        "date_of_birth": "youngest …",
    }


def test_no_two_descriptions_stand_behind_one_noun() -> None:
    lacking = Group("bookings", field="note", value=None)

    assert KNOWLEDGE.phrasing.says("any bookings", Only(lacking))
    assert not KNOWLEDGE.phrasing.says("any bookings", Extreme(lacking, "arrival", most=True))


def test_what_belongs_to_what_a_message_is_about_is_told_by_a_possessive() -> None:
    boat = Named("boats", "name", "Skua")
    theirs = Only(Group("bookings", "boat_id", About("boats"), "note", None))
    step = Request("cancel_booking", (("booking_id", theirs),))

    message = KNOWLEDGE.phrasing.say(Intention(boat, plan_of((step,))), "other", Random(1))

    assert "its booking without a note" in message
    assert Intention(boat, plan_of((step,))) in KNOWLEDGE.phrasing.read(message)


def test_names_stand_without_quotation_marks_also_before_an_s() -> None:
    values = Values([], [])

    assert values.say("Skua", Random(0)) == "Skua"
    assert ("Ana Ruiz", 8) in [*values.read("Ana Ruiz's order", 0)]


def test_details_are_told_with_articles_and_dates_as_a_span() -> None:
    schemas: dict[str, JsonObject] = {"quantity": {"type": "integer"}}

    said = described(["name", "quantity", "color", "start_date", "end_date"], schemas)

    assert said == (
        " called {name} with a quantity of {quantity} and the color {color}"
        " from {start_date} to {end_date}"
    )


@pytest.mark.parametrize(
    ("noun", "said"), [("order", "an order"), ("user", "a user"), ("notes", "notes")]
)
def test_articles_fit_the_noun(noun: str, said: str) -> None:
    assert with_article(noun) == said


def test_one_person_acts_and_is_named_once() -> None:
    tool = Tool(
        name="remove_note",
        description="Remove a note.",
        parameters={
            "type": "object",
            "properties": {
                name: {"type": "string"} for name in ("note_id", "user_id", "requester_id")
            },
            "required": ["note_id", "user_id", "requester_id"],
        },
    )
    targets = [
        Target("note_id", "note"),
        Target("user_id", "user", is_human=True),
        Target("requester_id", "user", is_human=True),
    ]

    said = [pattern for each in wordings(tool, targets) for pattern in each.patterns]

    assert said
    assert all(pattern.count("on behalf of") == 1 for pattern in said)


def test_what_has_happened_is_not_dated_after_now() -> None:
    clock = Clock()
    literals = Literals(KNOWLEDGE.context, KNOWLEDGE.nouns, clock)
    names = ("incident_date", "due_date", "date_of_birth")
    tool = Tool(
        name="log_incident",
        description="Log an incident.",
        parameters={"type": "object", "properties": {name: {"type": "string"} for name in names}},
    )
    now = clock.start.date().isoformat()

    for seed in range(8):
        happened, due, born = (str(literals.draw(tool, name, Random(seed))) for name in names)
        assert born < "2010" < happened < now < due


def test_words_that_sound_double_are_not_said() -> None:
    for _, row in harbour():
        assert row.proof is not None
        assert "booked booking" not in row.task
        assert "with the status" not in row.task


@pytest.mark.parametrize(
    ("tool", "parameters", "said"),
    [
        ("fail_request", {"request_id": "request"}, "mark {request_id} as failed"),
        (
            "increment_helpful_vote",
            {"review_id": "review"},
            "mark {review_id} as helpful",
        ),
        ("create_claim", {"customer_id": "customer"}, "file a claim for {customer_id}"),
        (
            "create_new_loan_transaction",
            {"user_id": "user", "item_id": "item"},
            "set up a loan of {item_id} for {user_id}",
        ),
        (
            "create_dispute",
            {"patient_id": "patient", "bill_id": "bill"},
            "open a dispute for {patient_id} about {bill_id}",
        ),
        (
            "create_consultation",
            {"patient_id": "user", "provider_id": "user"},
            "book a consultation for {patient_id} with {provider_id}",
        ),
        (
            "assign_machine_location",
            {"machine_id": "machine", "location_id": "location"},
            "move {machine_id} to {location_id}",
        ),
    ],
)
def test_a_request_has_the_verb_that_goes_with_its_noun(
    tool: str, parameters: dict[str, str], said: str
) -> None:
    properties: JsonObject = {name: {"type": "string"} for name in parameters}
    schema: JsonObject = {
        "type": "object",
        "properties": properties,
        "required": [*parameters],
    }
    humans = {"customer", "user", "patient"}
    targets = [Target(name, noun, is_human=noun in humans) for name, noun in parameters.items()]

    found = wordings(Tool(name=tool, description="", parameters=schema), targets)

    patterns = [pattern for each in found for pattern in each.patterns]
    assert said in patterns


def test_a_person_who_is_renamed_keeps_the_first_name() -> None:
    literals = Literals(KNOWLEDGE.context, KNOWLEDGE.nouns, Clock())
    tool = Tool(
        name="update_captain",
        description="Update a captain.",
        parameters={"type": "object", "properties": {"name": {"type": "string"}}},
    )

    renamed = str(literals.draw(tool, "name", Random(1), "Ann Lee"))

    assert renamed.startswith("Ann ")
    assert renamed != "Ann Lee"


def test_several_details_stand_in_sentences_of_their_own() -> None:
    grammar = Grammar()
    grammar.define("plain", Values([], ["pharmacist"]).lexicon())
    grammar.add("value", form(Given, "{value}", {"value": "plain"}))
    add_sentences(grammar)
    add_plain_messages(grammar)
    names = ["state", "profession", "issue_date", "expiration_date"]
    head, details = apart(names, {}, "license_number")
    rules = dict.fromkeys([*names, "license_number"], "value")
    add_request(
        grammar,
        form(Request, f"add a license{head}{APART}{details}", rules, {"tool": "add_license"}),
    )
    values = ("Nebraska", "pharmacist", "2024-12-22", "2026-01-16", "LN-8555")
    given = zip(rules, map(Given, values), strict=True)
    step = Request("add_license", tuple(sorted(given)))
    asked = Intention(None, plan_of((step,)))

    said = {grammar.say("message", asked, Random(seed)) for seed in range(60)}

    told = "give it the license number LN-8555. the state is Nebraska and the profession is "
    told += "pharmacist."
    asked_for = "add a license valid from 22 December 2024 to 16 January 2026"
    assert {f"could you {asked_for}? {told}", f"please {asked_for}. {told}"} <= said
    assert all(each.endswith(told) for each in said)
    assert all(grammar.read("message", each) == [asked] for each in said)


def test_details_stand_apart_behind_a_condition_too() -> None:
    grammar = Grammar()
    grammar.define("plain", Values([], ["Ohio", "nurse"]).lexicon())
    grammar.add("value", form(Given, "{value}", {"value": "plain"}))
    grammar.add("condition", form(Given, "it is {value}", {"value": "plain"}))
    add_sentences(grammar)
    head, details = apart(["state", "profession"], {})
    rules = dict.fromkeys(["state", "profession"], "value")
    said = f"add a license{head}{APART}{details}"
    add_request(grammar, form(Request, said, rules, {"tool": "add_license"}))
    given = (("profession", Given("nurse")), ("state", Given("Ohio")))
    choice = Choice(cast("Condition", Given("Ohio")), Request("add_license", given), None)

    assert grammar.say("turn", choice, Random(1)).endswith(
        "add a license. the state is Ohio and the profession is nurse"
    )


def test_one_detail_stands_where_it_is_asked_for() -> None:
    assert apart(["name", "status"], {}) == ("", "")


def test_greetings_and_thanks_stand_around_what_is_read() -> None:
    both = several([Told("bookings", "BK-001"), Told("bookings", "BK-002")])
    asked = Intention(None, plan_of((Request("cancel_booking", (("booking_id", both),)),)))

    said = {KNOWLEDGE.phrasing.say(asked, "other", Random(seed)) for seed in range(60)}

    assert len({each.split(maxsplit=1)[0] for each in said}) > 5
    assert any("our bookings" in each for each in said)
    assert all(asked in KNOWLEDGE.phrasing.read(each) for each in said)


def test_whoever_owns_two_of_what_is_told_is_named_once() -> None:
    nouns = Nouns(
        collections_of(
            {
                "guests": {"GU-1": {"guest_id": "GU-1", "name": "Ann Lee"}},
                "stays": {"ST-1": {"stay_id": "ST-1", "guest_id": "GU-1"}},
                "bills": {"BI-1": {"bill_id": "BI-1", "guest_id": "GU-1"}},
            }
        )
    )

    def asked(owner: Named | About) -> Plan:
        stay, bill = (Only(Group(noun, "guest_id", owner)) for noun in ("stays", "bills"))
        return plan_of((Request("link_stay", (("bill_id", bill), ("stay_id", stay))),))

    ann = Named("guests", "name", "Ann Lee")

    assert about_whom(Intention(None, asked(ann)), nouns) == Intention(ann, asked(About("guests")))
