"""What a tool does is said as its name or the first sentence of its docstring says it."""

from collections.abc import Sequence
from random import Random

import pytest

from envscaler.environment.state.collections import collections_of
from envscaler.records import Clock, JsonObject, Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.docstrings import first_clause
from envscaler.scen_generator.solution_first.intentions.given_reasons import reason_text
from envscaler.scen_generator.solution_first.intentions.grammar import UnsaidError
from envscaler.scen_generator.solution_first.intentions.intention import (
    Given,
    Request,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import knowledge_of
from envscaler.scen_generator.solution_first.intentions.literals import is_made_up
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.spoken import Values, ids
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating, wordings
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.making import knowledge
from tests.scen_generator.running import ENVIRONMENT

SET, PILOT, JOB, LOT = (
    Target("no", "set"),
    Target("pilot", "pilot", is_human=True),
    Target("job", "job"),
    Target("accession", "accession"),
)
NUMBER: JsonObject = {"type": "integer"}
TEXT: JsonObject = {"type": "string"}
SWITCH: JsonObject = {"type": "boolean", "default": True}


def _said(
    name: str, description: str, targets: Sequence[Target], **given: JsonObject
) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return what is said of a tool, by the parameters that are spoken of."""
    ids = {each.parameter: NUMBER for each in targets}
    properties: JsonObject = {**ids, **given}
    required = [one for one, each in (ids | given).items() if "default" not in each]
    schema: JsonObject = {"type": "object", "properties": properties, "required": [*required]}
    tool = Tool(name=name, description=description, parameters=schema)
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for each in wordings(tool, targets):
        known = found.get(each.parameters, ())
        found[each.parameters] = (*known, each.patterns)
    return found


def _patterns(
    name: str, description: str, targets: Sequence[Target], **given: JsonObject
) -> set[str]:
    said = _said(name, description, targets, **given)
    return {one for every in said.values() for patterns in every for one in patterns}


def test_a_particle_belongs_to_its_verb() -> None:
    said = _patterns("sign_off", "Send a ready pilot away on leave.", [PILOT])

    assert said == {"sign off {pilot}", "send {pilot} away on leave"}


def test_a_pronoun_stands_before_a_particle() -> None:
    tool = Tool(
        name="sign_off",
        description="",
        parameters={
            "type": "object",
            "properties": {"boat_id": TEXT},
            "required": ["boat_id"],
        },
    )
    known = knowledge()
    forms = [*known.phrasing.requests(tool, ("other",))]

    said = {
        "".join(part if isinstance(part, str) else f"<{part.rule}>" for part in each.parts)
        for each in forms
    }

    assert said == {"sign off <plain boats>", "sign <pronoun boats> off"}


def test_what_the_name_leaves_unsaid_is_said_by_the_docstring() -> None:
    said = _patterns("assign", "Send a pilot to a job; return all pilots on it.", [JOB, PILOT])

    assert said == {"send {pilot} to {job}"}


@pytest.mark.parametrize(
    ("description", "clause"),
    [
        ("Takes a bell out of its tower; it is tuned again.", "take a bell out of its tower"),
        ("Catches a bird (any). Then more.", "catch a bird"),
        ("The tower at which a chair hangs.", ""),
        ("How many bricks to put on.", ""),
        ("Reckon what a wheel will weigh.", ""),
    ],
)
def test_the_first_sentence_is_a_request_or_none(description: str, clause: str) -> None:
    assert first_clause(description) == clause


def test_a_number_stands_before_what_is_counted() -> None:
    bricks = _patterns("load_bricks", "Put bricks on the arbor of a set.", [SET], count=NUMBER)
    seeds = _patterns(
        "top_up", "Add seeds to a lot; gives the count.", [LOT], seeds=NUMBER, donor=TEXT
    )

    assert bricks == {"put {count} bricks on the arbor of {no}"}
    assert seeds == {"add {seeds} seeds to {accession} from {donor}"}


def test_a_switch_is_said_by_what_is_done() -> None:
    text = "Put the brake of a set on or off. False if it is so already."
    said = _said("set_brake", text, [SET], on=SWITCH)

    assert said == {
        ("no",): (("put the brake of {no} on",),),
        ("no", "on"): (("put the brake of {no} off",),),
    }


def test_a_switch_that_nobody_words_is_not_spoken_of() -> None:
    assert [*_said("shut", "Shut a set.", [SET], quietly=SWITCH)] == [("no",)]


def test_a_value_that_is_only_a_field_is_not_asked_for() -> None:
    assert not _patterns("fly", "Fly a set; gives the way.", [SET], at=NUMBER)


def test_what_is_not_a_verb_asks_for_nothing() -> None:
    assert not _patterns("germination_test", "What a lot is worth.", [LOT])


def test_a_value_is_named_where_the_verb_names_it() -> None:
    said = _patterns("drop_dog", "What the vet has.", [SET], dog=TEXT)

    assert said == {"drop the dog {dog} of {no}"}


@pytest.mark.parametrize(
    ("name", "description", "said"),
    [
        ("put_in", "Lay a bell into a pit.", "lay {bell} into {tower}"),
        ("hang", "Send a tuned bell on the rail to a tower.", "send {bell} to {tower}"),
        ("hang", "Hang a bell that is tuned in a tower, as its last.", "hang {bell} in {tower}"),
        ("move_to_tower", "What hangs.", "move {bell} to {tower}"),
    ],
)
def test_how_things_stand_is_not_said_of_what_is_asked_for(
    name: str, description: str, said: str
) -> None:
    targets = (Target("bell", "bell"), Target("tower", "tower"))

    assert _patterns(name, description, targets) == {said}


def test_something_goes_from_one_to_another() -> None:
    targets = (
        Target("student_id", "student", is_human=True),
        Target("from_course", "course"),
        Target("to_course", "course"),
    )

    said = _patterns("swap_course", "Move a student from one course to another.", targets)

    assert said == {"move {student_id} from {from_course} to {to_course}"}


def test_somebody_is_signed_up_for_a_course() -> None:
    targets = (Target("course", "course"), Target("pupil", "pupil", is_human=True))

    said = _patterns("enrol", "What is charged.", targets)

    assert said == {"sign {pupil} up for {course}"}


def test_what_the_name_says_whole_is_not_said_by_the_docstring() -> None:
    said = _patterns("cancel_hire", "Delete a job that is open.", [JOB])

    assert said == {"cancel the hire of {job}"}


@pytest.mark.parametrize(
    ("name", "description", "given", "said"),
    [
        ("pay", "Book a payment of 1 to 900 cents.", "cents", "book a payment of {cents} cents"),
        ("pay", "Book money that a pilot pays.", "cents", "book a payment of {cents} cents"),
    ],
)
def test_who_has_paid_is_said_with_what_was_paid(
    name: str, description: str, given: str, said: str
) -> None:
    assert _patterns(name, description, [PILOT], **{given: NUMBER}) == {f"{said} from {{pilot}}"}


def test_there_is_so_much_of_something() -> None:
    said = _patterns("harvest", "Take honey from a lot and book it.", [LOT], kg=NUMBER)

    assert said == {"take {kg} kg of honey from {accession}"}


def test_what_is_written_down_is_so_for_a_record() -> None:
    said = _patterns("sow", "Note a test; gives per cent.", [LOT], sown=NUMBER, sprouted=NUMBER)

    assert said == {"note a test for {accession} with {sown} sown and {sprouted} sprouted"}


def test_what_belongs_to_a_record_is_said_of_it() -> None:
    said = _patterns("queue", "Put a pilot at the end of a job's list.", [PILOT, JOB])

    assert said == {"put {pilot} at the end of the list of {job}"}


def test_nothing_is_done_to_what_is_not_there_yet() -> None:
    assert not _patterns("write_in", "Enter a new pilot with nothing owed.", [PILOT])


def test_what_is_sent_back_or_written_off_is_there_already() -> None:
    tool = Tool(name="write_off", description="", parameters={"properties": {"hive": NUMBER}})

    assert not is_creating(tool)


def test_a_side_has_its_name_before_it() -> None:
    said = _patterns("arrive", "Put a job in the line of a side.", [JOB], side=TEXT)

    assert said == {"put {job} in the line of the {side} side"}


def test_whom_a_job_is_assigned_to_is_said() -> None:
    optional: JsonObject = {"type": "integer", "default": 0}
    text = "Give a job to a pilot."
    targets = [JOB, PILOT]

    said = [*_said("assign_pilot", text, targets, pilot=optional)]

    assert said == [("job", "pilot")]


def test_what_is_cleared_is_deleted_only_where_the_docstring_says_so() -> None:
    assert _patterns("clear_job", "The office clears a job.", [JOB]) == {"clear {job}"}
    assert "delete {job}" in _patterns("clear_job", "Remove a job.", [JOB])


def test_a_reason_is_one() -> None:
    assert reason_text("block_lane", Random(0)) == reason_text("blockLane", Random(0))
    assert reason_text("block_lane", Random(0)) != reason_text("reject_lane", Random(0))
    assert "repair" in str(reason_text("write_off", Random(0)))
    assert reason_text("markFailed", Random(0)) is None


def test_a_letter_may_be_an_id() -> None:
    assert ids().say("B", Random(0)) == "B"
    assert ("B", 1) in [*ids().read("B, please", 0)]


def test_what_is_done_to_what_somebody_has_is_not_done_to_them() -> None:
    text = "Take a pilot's prints off the line that hung for 30 minutes."

    assert _patterns("take_down", text, [PILOT]) == {"take the prints of {pilot} off the line"}
    assert not _patterns("take_down", "Take a pilot's prints in 3 parts.", [PILOT])


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("load_sheet", "Give the load sheet of a job."),
        ("job_report", "Give a job's figures."),
        ("leave_the_firm", "Mark somebody as gone."),
        ("approve_all", "Approve all that wait."),
        ("part", "Mark one part of a job as back."),
    ],
)
def test_what_nobody_asks_for_is_not_asked_for(name: str, description: str) -> None:
    assert not _patterns(name, description, [JOB])


def test_a_number_is_not_said_of_what_is_no_record() -> None:
    assert not _patterns("deliver_salt", "Book salt into a job.", [JOB], kg=NUMBER)


def test_a_folder_has_its_name_before_it() -> None:
    said = _patterns("move_job", "Move a job between inbox and spam.", [JOB], folder=TEXT)

    assert said == {"move {job} to the {folder} folder"}


def test_either_of_two_things_is_not_asked_for() -> None:
    assert not _patterns("sell", "Sell a job to a buyer or add seats.", [JOB], seats=NUMBER)


def test_how_long_something_new_is_for_is_said_so() -> None:
    said = _patterns("open_loan", "What is lent.", [PILOT], days=NUMBER)

    assert said == {"open a loan for {pilot} for {days} days"}


def test_only_what_is_measured_is_of_so_much() -> None:
    assert _patterns("lift", "Lift a job to a height.", [JOB], height=NUMBER) == {
        "lift {job} to a height of {height}"
    }
    assert not _patterns("shift", "Move a job to a club.", [JOB], club=NUMBER)


def test_one_is_not_said_with_a_noun_for_several() -> None:
    several = Values([], []).several()

    assert several.say(2, Random(0)) == "2"
    with pytest.raises(UnsaidError):
        several.say(1, Random(0))


def test_what_is_paid_for_stands_with_its_number() -> None:
    said = "Add paid minutes to a pilot's credit."
    assert _patterns("top_up", said, [PILOT], minutes=NUMBER) == {
        "add {minutes} paid minutes to the credit of {pilot}"
    }


def test_what_another_thing_does_itself_is_not_done_to_a_record() -> None:
    arrived = "Record that an expected {} has arrived; notes the meter."
    assert "moor {no}" in _patterns("moor", arrived.format("set"), [SET])
    assert "moor {no}" in _patterns("moor", arrived.format("guest"), [SET])
    assert not _patterns("moor", arrived.format("boat"), [SET])


def test_a_unit_is_said_behind_its_number() -> None:
    said = _patterns("finish_job", "What is done.", [JOB], km=NUMBER)
    paid = _patterns("post_credit", "What is owed.", [PILOT], cents=NUMBER)

    assert said == {"finish {job} with {km} km"}
    assert paid == {"post a credit of {cents} cents for {pilot}"}


def test_records_that_are_called_by_their_number_are_not_named_at_all() -> None:
    assert not _patterns("scrap", "Scrap a chair.", [Target("number", "by_number")])
    assert not _patterns("scrap", "Scrap a chair.", [Target("number", "_by_number")])


def test_people_are_known_by_their_trade() -> None:
    state: JsonObject = {"pilots": {"1": {"name": "Wray"}}, "dentists": {"1": {"name": "Amsel"}}}
    nouns = Nouns(collections_of(state))

    assert all(nouns.is_human(noun) for noun in nouns.collections)


def test_a_text_that_only_looks_like_a_name_is_known() -> None:
    assert is_made_up("Classic tooth")
    assert not is_made_up("Golden Wok")


def test_a_short_code_stands_without_quotation_marks() -> None:
    assert Values([], []).say("N-2", Random(0)) == "N-2"


def test_what_the_words_say_of_a_switch_is_read_back() -> None:
    closing = Tool(
        name="set_closed",
        description="Close a berth for repairs, or open it again.",
        parameters={
            "type": "object",
            "properties": {"berth_id": TEXT, "closed": {"type": "boolean"}},
            "required": ["berth_id", "closed"],
        },
    )
    changes = (*ENVIRONMENT.structure.changes, "set_closed")
    structure = ENVIRONMENT.structure.model_copy(update={"changes": changes})
    tools = (*ENVIRONMENT.tools, closing)
    environment = ENVIRONMENT.model_copy(update={"tools": tools, "structure": structure})
    known = knowledge_of(SearchContext(environment, STATE), Clock())

    for value, said in ((True, "close berth A1 for repairs"), (False, "open berth A1 again")):
        asked = Request(
            "set_closed", (("berth_id", Told("berths", "A1")), ("closed", Given(value)))
        )
        assert known.phrasing.words_for(asked, Random(0)) == said
