"""What a person would still ask for, as things stand with a record."""

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.story import (
    comes_back,
    facts_in,
    may_be_asked,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "patients": {
        "PA-1": {"patient_id": "PA-1", "name": "Ann Lee"},
        "PA-2": {"patient_id": "PA-2", "name": "Bob May"},
    },
    "tasks": {
        "TA-1": {"task_id": "TA-1", "status": "completed", "patient_id": "PA-1"},
        "TA-2": {"task_id": "TA-2", "status": "in progress", "patient_id": "PA-1"},
        "TA-3": {"task_id": "TA-3", "status": "blocked", "patient_id": "PA-2"},
    },
}
ANN: Place = ("patients", "PA-1")
BOB: Place = ("patients", "PA-2")
DONE: Place = ("tasks", "TA-1")
RUNNING: Place = ("tasks", "TA-2")
BLOCKED: Place = ("tasks", "TA-3")


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _is_asked(drawn: Drawn, person: Place | None = None) -> bool:
    collections = collections_of(STATE)
    return may_be_asked(drawn, World(collections), Nouns(collections), person)


def test_what_is_done_with_is_opened_again_or_removed_and_nothing_else() -> None:
    assert _is_asked(_drawn("reopen_task", task_id=DONE))
    assert _is_asked(_drawn("delete_task", task_id=DONE))
    assert not _is_asked(_drawn("set_task_status", {"status": "open"}, task_id=DONE))
    assert not _is_asked(_drawn("set_task_status", {"status": "in progress"}, task_id=DONE))
    assert not _is_asked(_drawn("set_due_date", {"due_date": "2025-03-01"}, task_id=DONE))


def test_what_was_put_to_sleep_is_woken_and_what_is_done_is_not_opened() -> None:
    assert comes_back("suspended", "active")
    assert not comes_back("resolved", "open")
    assert not comes_back("completed", "active")


def test_a_record_goes_back_to_no_stage_that_lies_behind_it() -> None:
    assert _is_asked(_drawn("set_task_status", {"status": "completed"}, task_id=RUNNING))
    assert not _is_asked(_drawn("set_task_status", {"status": "pending"}, task_id=RUNNING))


def test_what_is_stuck_is_not_said_to_be_finished() -> None:
    assert _is_asked(_drawn("set_task_status", {"status": "open"}, task_id=BLOCKED))
    assert not _is_asked(_drawn("complete_task", task_id=BLOCKED))
    assert not _is_asked(_drawn("set_task_status", {"status": "completed"}, task_id=BLOCKED))


def test_nothing_is_made_for_one_patient_about_what_another_has() -> None:
    assert _is_asked(_drawn("log_call", task_id=RUNNING, patient_id=ANN))
    assert not _is_asked(_drawn("log_call", task_id=RUNNING, patient_id=BOB))


def test_nobody_praises_or_removes_what_is_not_theirs_to_praise_or_remove() -> None:
    assert _is_asked(_drawn("like_task", task_id=RUNNING, patient_id=BOB))
    assert not _is_asked(_drawn("like_task", task_id=RUNNING, patient_id=ANN))
    assert not _is_asked(_drawn("like_task", task_id=RUNNING), ANN)
    assert _is_asked(_drawn("delete_task", task_id=RUNNING, patient_id=ANN))
    assert not _is_asked(_drawn("delete_task", task_id=RUNNING, patient_id=BOB))


def test_what_a_record_is_counts_as_a_fact_and_how_it_stands_does_not() -> None:
    given: dict[str, Scalar] = {"allergen": "pollen", "severity": "mild", "reaction": "rash"}

    assert facts_in(_drawn("update_allergy", given, task_id=RUNNING)) == 2
    assert facts_in(_drawn("create_allergy", given, task_id=RUNNING)) == 0
