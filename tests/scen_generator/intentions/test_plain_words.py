"""Messages do not talk of fields: what stands is said of a record, names stand for themselves."""

from random import Random
from typing import cast

import pytest

from envscaler.environment.state.collections import collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.adjectives import before_noun, behind_noun
from envscaler.scen_generator.solution_first.intentions.clauses import (
    as_sentences,
    clauses,
    is_entered,
)
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.details import apart
from envscaler.scen_generator.solution_first.intentions.drafts import tells_by_what_changes
from envscaler.scen_generator.solution_first.intentions.grammar import Grammar, UnsaidError
from envscaler.scen_generator.solution_first.intentions.groups import WORDS
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Condition,
    Extreme,
    Group,
    Named,
    Only,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.messages import repetitions
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.references import References
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sentences import in_full, shortened
from envscaler.scen_generator.solution_first.intentions.spoken import Values, ids
from envscaler.scen_generator.solution_first.intentions.verbs import wordings
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "businesses": {
        "BU-1": {"business_id": "BU-1", "name": "Golden Wok"},
        "BU-2": {"business_id": "BU-2", "name": "Sunny Side"},
    },
    "categories": {
        "CA-1": {"category_id": "CA-1", "name": "Sports"},
        "CA-2": {"category_id": "CA-2", "name": "Books"},
    },
    "locations": {"LO-1": {"location_id": "LO-1", "name": "Upper floor"}},
    "machines": {
        "machine_1": {"machine_id": "machine_1", "location_id": "LO-1", "status": "operational"},
        "machine_2": {"machine_id": "machine_2", "location_id": "LO-1", "status": "broken"},
    },
}


def _grammar() -> Grammar:
    nouns = Nouns(collections_of(STATE))
    grammar, values = Grammar(), Values([], ["operational", "broken", "success"])
    grammar.define("plain", values.lexicon())
    grammar.define("proper", values.proper())
    grammar.define("word", values.words())
    grammar.define("id", ids())
    for rule, words in WORDS.items():
        grammar.define(rule, values.words(words))
    references = References(nouns)
    for noun in nouns.collections:
        references.add(grammar, noun, ("own", "other"))
        references.add_groups(grammar, noun, ("own", "other"))
        references.add_conditions(grammar, noun, ("own", "other"))
    return grammar


GRAMMAR = _grammar()


def _said(rule: str, meaning: object) -> set[str]:
    said = {GRAMMAR.say(rule, meaning, Random(seed)) for seed in range(40)}
    assert all(meaning in GRAMMAR.read(rule, each) for each in said)
    return said


def test_names_stand_where_people_put_them() -> None:
    assert "Golden Wok" in _said("ref businesses", Named("businesses", "name", "Golden Wok"))
    sports = _said("ref categories", Named("categories", "name", "Sports"))
    assert sports == {"the Sports category"}


def test_an_id_that_says_what_it_is_stands_alone() -> None:
    assert "machine_1" in _said("ref machines", Told("machines", "machine_1"))


def test_things_are_at_a_place() -> None:
    here = Group("machines", "location_id", Named("locations", "name", "Upper floor"))
    said = _said("one machines", here)
    assert 'the machine at the location "Upper floor"' in said


def test_a_condition_is_said_of_the_record_and_not_of_its_status() -> None:
    told = Told("machines", "machine_1")
    assert "machine_1 is operational" in _said(
        "condition", Condition(told, "status", "is", "operational")
    )
    about = Condition(About("machines"), "status", "is", "broken")
    assert "it is broken" in _said("condition", about)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("operational", "is operational"),
        ("pending", "is still pending"),
        ("pending_review", "is still pending review"),
        ("draft", "is still a draft"),
        ("failed", "has failed"),
        ("arrived", "has arrived"),
    ],
)
def test_how_things_stand_is_said_with_the_verb_for_it(value: str, said: str) -> None:
    known = {"just so": "is", "lasting": "is still", "ended": "has"}
    found = [f"{before} {word}" for rule, before in known.items() if (word := WORDS[rule](value))]
    assert found == [said]


def test_what_is_needed_is_no_word_for_how_something_is() -> None:
    values = Values([], ["requires maintenance"])
    assert values.say("requires maintenance", Random(0)) == '"requires maintenance"'


def test_code_for_a_success_is_said_as_people_do() -> None:
    values = Values([], ["success"])
    assert values.say("success", Random(0)) == "successful"
    assert ("success", 10) in [*values.read("successful", 0)]


def test_what_goes_on_is_said_behind_a_noun() -> None:
    assert before_noun("processing") is None
    assert behind_noun("processing") == "processing"


def test_the_id_of_something_new_has_a_sentence_of_its_own() -> None:
    head, details = apart(["details", "submission_date"], {}, "claim_id")
    assert head == ""
    assert details == (
        "give it the ID {claim_id} and date it {submission_date}. the details should read {details}"
    )


def test_what_is_given_of_something_new_is_said_in_clauses() -> None:
    schemas: dict[str, JsonObject] = {"calories": {"type": "number"}}
    assert clauses(["current_condition"], {}) == ["the condition is {current_condition}"]
    names = ["description", "meal_name", "calories", "due_date", "category", "created_at"]
    assert clauses([*names, "status"], schemas) == [
        "mark it as {status}",
        "date it {created_at}",
        "the meal is {meal_name}",
        "it has {calories} calories",
        "it is due on {due_date}",
        "it is in the category {category}",
        "the description should read {description}",
    ]


def test_an_accident_happened_and_a_meal_was_had() -> None:
    schemas: dict[str, JsonObject] = {"calories": {"type": "number"}}
    _, incident = apart(["type", "timestamp"], {}, "incident_id", whose="the incident")
    assert incident == (
        "give the incident the ID {incident_id} and log it as {type}. it happened on {timestamp}"
    )
    assert clauses(["meal_name", "calories", "consumed_at"], schemas) == [
        "it was {meal_name} on {consumed_at}, with {calories} calories"
    ]
    _, meal = apart(["meal_name", "consumed_at"], {}, "record_id")
    assert meal == "it was {meal_name} on {consumed_at}. give it the ID {record_id}"
    assert clauses(["activity_type"], {}) == ["log it as {activity_type}"]
    assert clauses(["rating", "timestamp"], {}) == [
        "give it a rating of {rating}",
        "date it {timestamp}",
    ]


def test_the_id_is_said_of_what_is_new_and_of_no_other_record() -> None:
    properties: JsonObject = {
        name: {"type": "string"} for name in ("claim_id", "customer_id", "agent_id")
    }
    schema: JsonObject = {"properties": properties, "required": [*properties]}
    targets = [
        Target("claim_id", "claim", is_new=True),
        Target("customer_id", "customer", is_human=True),
        Target("agent_id", "agent", is_human=True),
    ]
    tool = Tool(name="create_claim", description="", parameters={"type": "object", **schema})
    said = [each for one in wordings(tool, targets) for each in one.patterns]
    assert any(each.endswith("<apart>give the claim the ID {claim_id}") for each in said)


def test_it_is_the_ambulance_that_arrives() -> None:
    state: JsonObject = {"incidents": {"IN-1": {"incident_id": "IN-1", "status": "arrived"}}}
    nouns = Nouns(collections_of(state))
    assert nouns.sounds_double("incidents", "arrived")
    assert nouns.sounds_double("incidents", "requested")
    assert not nouns.sounds_double("incidents", "completed")


def test_an_allergy_is_told_by_what_it_is_of_and_not_as_the_latest_one() -> None:
    allergies = {
        f"AL-{at}": {
            "allergy_id": f"AL-{at}",
            "patient_id": "PA-1" if at < 4 else "PA-2",
            "allergen": what,
            "status": status,
            "recorded_at": f"2024-03-0{at}",
        }
        for at, (what, status) in enumerate(
            [("latex", "inactive"), ("eggs", "inactive"), ("pollen", "active")] * 2, 1
        )
    }
    state = cast(
        "JsonObject",
        {
            "patients": {"PA-1": {"patient_id": "PA-1"}, "PA-2": {"patient_id": "PA-2"}},
            "allergies": allergies,
        },
    )
    collections = collections_of(state)
    nouns, reader = Nouns(collections), Reader(World(collections))
    told = [
        each
        for key in ("AL-2", "AL-3")
        for each in Describer(nouns).all("allergies", key, reader, Random(0), is_rich=True)
    ]
    assert any(isinstance(each, Only) and each.group.value == "eggs" for each in told)
    assert not any(isinstance(each, Extreme) for each in told)
    assert not any(isinstance(each, Only) and each.group.field == "status" for each in told)


def test_when_a_record_was_entered_is_known_to_who_keeps_it() -> None:
    assert is_entered("date_created")
    assert not is_entered("consumed_at")


def test_it_is_said_once_in_a_sentence() -> None:
    said = clauses(["status", "category", "brand", "created_at"], {})
    assert as_sentences([], said) == (
        "mark it as {status} and date it {created_at}."
        " it is in the category {category} and is by {brand}"
    )


def test_a_person_is_spoken_of_as_such_where_they_are_new() -> None:
    names = ["username", "account_status"]
    _, said = apart(names, {}, "user_id", whose="the user", is_person=True)
    assert said == (
        "give the user the ID {user_id}. the account is {account_status} "
        "and the username is {username}"
    )


def test_a_room_is_booked_rather_than_made_a_booking_of() -> None:
    said = _patterns("create_booking", {"room_id": "room", "user_id": "user"})
    assert said
    assert all(each.startswith("book {room_id} for {user_id}") for each in said)


def test_a_sentence_that_ends_with_a_quoted_one_has_one_full_stop() -> None:
    said = 'add a task. Its text is "Do it.". Thanks'
    assert shortened(said) == 'add a task. Its text is "Do it." Thanks'
    assert in_full(shortened(said)) == said


def _patterns(tool: str, parameters: dict[str, str], *plain: str) -> list[str]:
    properties: JsonObject = {name: {"type": "string"} for name in (*parameters, *plain)}
    schema: JsonObject = {
        "type": "object",
        "properties": properties,
        "required": [*properties],
    }
    targets = [Target(name, noun, is_human=noun == "user") for name, noun in parameters.items()]
    found = wordings(Tool(name=tool, description="", parameters=schema), targets)
    return [pattern for each in found for pattern in each.patterns]


def test_what_is_done_is_marked_so() -> None:
    assert _patterns("complete_task", {"task_id": "task"}) == ["mark {task_id} as completed"]


def test_nothing_is_told_by_what_a_field_of_it_is() -> None:
    reaction = Group("machines", None, None, "reaction", "redness")
    with pytest.raises(UnsaidError):
        GRAMMAR.say("one machines", reaction, Random(0))


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ("join_challenge", "sign {user_id} up for {challenge_id}"),
        ("leave_challenge", "take {user_id} out of {challenge_id}"),
    ],
)
def test_others_are_signed_up(tool: str, said: str) -> None:
    assert _patterns(tool, {"challenge_id": "challenge", "user_id": "user"}) == [said]


def test_what_of_a_record_is_changed_is_not_named_after_it() -> None:
    said = _patterns("edit_review", {"review_id": "review"}, "review_text")
    assert "change the text of {review_id} to {review_text}" in said
    said = _patterns("update_meal", {"meal_id": "meal"}, "consumed_at")
    assert "change the time of {meal_id} to {consumed_at}" in said
    said = _patterns("update_person", {"person_id": "person"}, "date_of_birth")
    assert "change the date of birth of {person_id} to {date_of_birth}" in said


def test_what_is_elsewhere_then_is_moved() -> None:
    said = _patterns("update_machine_location", {"machine_id": "machine"}, "new_location")
    assert said == ["move {machine_id} to {new_location}"]


def test_what_is_not_returned_yet_is_not_told_by_that() -> None:
    group = Only(Group("loans", None, None, "returned_date", None))
    tool = Tool(name="mark_loan_as_returned", description="", parameters={})
    drawn = Drawn(tool, {"loan_id": ("loans", "LO-1")}, {})
    assert tells_by_what_changes(drawn, [group])
    other = Tool(name="extend_loan", description="", parameters={})
    assert not tells_by_what_changes(Drawn(other, drawn.records, {}), [group])


def test_a_time_is_said_once() -> None:
    time = " from 3 January 2025 to 9 January 2025"
    whole = f"If room A is free, book it{time}; otherwise, book room B{time}."
    said = shortened(whole)
    assert said == f"If room A is free, book it{time}; otherwise, book room B for the same time."
    assert in_full(said) == whole
    assert shortened("Book room A.") == "Book room A."


def test_a_kind_is_not_said_with_each_id() -> None:
    assert repetitions("Delete post CO-1 and post CO-2.") > repetitions(
        "Delete posts CO-1 and CO-2."
    )
