"""Whatever ends something, or hands it over, is asked for with a reason; alike things alike."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Condition,
    Extreme,
    Group,
    Intention,
    Named,
    Only,
    Reference,
    Request,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.manners import tells_unevenly
from envscaler.scen_generator.solution_first.intentions.messages import is_clear
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.reasons import (
    goes_without_saying,
    reason_for,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import reason
from envscaler.scen_generator.solution_first.intentions.sense import depends
from envscaler.scen_generator.solution_first.intentions.spans import extended, in_order
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.together import are_by_one, sets_status
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "users": {"US-1": {"user_id": "US-1", "name": "Ann Lee", "status": "active"}},
    "agents": {
        "AG-1": {"agent_id": "AG-1", "name": "Dee Poe", "specialty": "cars"},
        "AG-2": {"agent_id": "AG-2", "name": "Eva Roy", "specialty": "cars"},
        "AG-3": {"agent_id": "AG-3", "name": "Fay Orr", "specialty": "homes"},
    },
    "claims": {
        "CL-1": {"claim_id": "CL-1", "status": "open", "assigned_agent_id": "AG-1"},
        "CL-2": {"claim_id": "CL-2", "status": "open", "assigned_agent_id": None},
    },
    "bookings": {"BO-1": {"booking_id": "BO-1", "status": "active"}},
    "exports": {"EX-1": {"export_id": "EX-1", "status": "submitted"}},
    "tasks": {"TA-1": {"task_id": "TA-1", "status": "blocked", "priority": "medium"}},
    "reports": {"RP-1": {"report_id": "RP-1", "status": "draft"}},
    "orders": {"OR-1": {"order_id": "OR-1", "status": "shipped"}},
    "machines": {"MA-1": {"machine_id": "MA-1", "condition": "operational"}},
    "reviews": {"RE-1": {"review_id": "RE-1", "status": "pending"}},
    "licenses": {"LI-1": {"license_id": "LI-1", "status": "pending"}},
    "lots": {"LO-1": {"lot_id": "LO-1", "expiration_date": "2025-03-01"}},
    "documents": {"DO-1": {"document_id": "DO-1", "title": "Plan"}},
    "allergies": {"AL-1": {"allergy_id": "AL-1", "status": "active"}},
}
REVIEWS: JsonObject = {
    "users": {"US-1": {"user_id": "US-1"}, "US-2": {"user_id": "US-2"}},
    "reviews": {
        "RE-1": {"review_id": "RE-1", "user_id": "US-1"},
        "RE-2": {"review_id": "RE-2", "user_id": "US-1"},
        "RE-3": {"review_id": "RE-3", "user_id": "US-2"},
    },
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)
CLAIM = ("claims", "CL-1")
TASK = ("tasks", "TA-1")


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _why(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> str | None:
    reason = reason_for(_drawn(name, values, **records), WORLD, NOUNS)
    return reason and reason.one


@pytest.mark.parametrize(
    ("name", "place", "why"),
    [
        ("cancel_booking", ("bookings", "BO-1"), "Their plans have changed."),
        ("cancel_export", ("exports", "EX-1"), "It is no longer needed."),
        ("close_claim", CLAIM, "We have come to an agreement."),
        ("reject_review", ("reviews", "RE-1"), "It breaks our rules."),
        ("deny_license", ("licenses", "LI-1"), "It does not meet the requirements."),
        ("return_booking", ("bookings", "BO-1"), "They have brought it back."),
        ("finalize_report", ("reports", "RP-1"), "It has been checked and is correct."),
        ("suspend_user", ("users", "US-1"), "They have broken our rules."),
    ],
)
def test_whatever_ends_something_has_a_reason(name: str, place: Place, why: str) -> None:
    assert _why(name, record_id=place) == why


@pytest.mark.parametrize(
    ("status", "place", "why"),
    [
        ("cancelled", ("bookings", "BO-1"), "Their plans have changed."),
        ("resolved", CLAIM, "We have come to an agreement."),
        ("rejected", ("licenses", "LI-1"), "It does not meet the requirements."),
        ("in progress", TASK, "It can go on now."),
        ("out of order", ("machines", "MA-1"), "It no longer works."),
        ("disrupted", ("machines", "MA-1"), "There is a problem with it."),
        ("inactive", ("machines", "MA-1"), "It is no longer needed."),
        ("delivered", ("orders", "OR-1"), "It has arrived."),
        ("inactive", ("allergies", "AL-1"), "The last test was negative."),
    ],
)
def test_so_has_a_status_that_ends_it(status: str, place: Place, why: str) -> None:
    assert _why("update_status", {"new_status": status}, record_id=place) == why


def test_a_thing_is_moved_to_where_it_is_needed() -> None:
    why = _why("update_location", {"location": "Ward 2"}, machine_id=("machines", "MA-1"))
    assert why == "It is needed there."


@pytest.mark.parametrize(
    ("place", "why"),
    [(("licenses", "LI-1"), "It has been renewed."), (("lots", "LO-1"), None)],
)
def test_a_paper_holds_for_longer_when_it_is_renewed(place: Place, why: str | None) -> None:
    given: dict[str, Scalar] = {"new_expiration_date": "2027-07-25"}
    assert _why("update_expiration_date", given, record_id=place) == why


def test_what_is_put_into_a_project_belongs_there_and_a_price_is_the_suppliers() -> None:
    projects = ("exports", "EX-1")
    assert _why("add_task_to_project", task_id=TASK, project_id=projects) == "It belongs there."
    assert _why("add_task_to_cart", task_id=TASK, cart_id=projects) is None
    price: dict[str, Scalar] = {"new_unit_price": 25}
    priced = _why("update_lot_price", price, lot_id=("lots", "LO-1"))
    assert priced == "The supplier has changed the price."


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("new_department", "They are needed there."),
        ("new_job_title", "They have taken on a new role."),
    ],
)
def test_whoever_goes_to_another_department_has_no_other_role(name: str, why: str) -> None:
    assert _why("assign_user", {name: "HR"}, user_id=("users", "US-1")) == why


@pytest.mark.parametrize(
    ("begun", "ends", "until"),
    [
        ("2021-07-26", "2025-07-25", "2029-07-25"),
        ("2023-05-13", "2025-05-12", "2027-05-12"),
        ("2024-02-29", "2024-05-01", ""),
    ],
)
def test_a_paper_is_renewed_for_as_long_as_it_was_given(begun: str, ends: str, until: str) -> None:
    paper: JsonObject = {"issuance_date": begun, "expiration_date": ends}
    assert extended(paper, "2026-01-01") == until
    assert not extended({"expiration_date": ends}, "2026-01-01")


def test_several_are_regretted_by_one_author() -> None:
    state = World(collections_of(REVIEWS)), Nouns(collections_of(REVIEWS))
    one, two, three = (_drawn("delete_review", review_id=("reviews", f"RE-{at}")) for at in "123")
    assert are_by_one([one, two], *state)
    assert not are_by_one([one, three], *state)


def test_how_things_stand_with_what_is_of_several_is_changed_of_each() -> None:
    state = World(collections_of(REVIEWS)), Nouns(collections_of(REVIEWS))
    one, two = (
        _drawn("update_review", {"status": "done"}, review_id=("reviews", key))
        for key in ("RE-1", "RE-3")
    )
    assert sets_status(one)
    assert not sets_status(_drawn("update_review", {"text": "Good."}))
    assert not are_by_one([one, two], *state)


def test_access_is_revoked_of_whom_it_no_longer_concerns() -> None:
    document, user = ("documents", "DO-1"), ("users", "US-1")
    why = _why("revoke_user_access", document_id=document, user_id=user)
    assert why == "They no longer work on it."
    assert _why("revoke_license", license_id=("licenses", "LI-1")) == "The board has decided so."


def test_what_is_put_first_is_urgent_and_what_is_put_last_can_wait() -> None:
    assert _why("set_priority", {"priority": "high"}, task_id=TASK) == "It has become more urgent."
    assert _why("set_priority", {"priority": "low"}, task_id=TASK) == "It can wait a little."


def test_a_reason_that_is_given_is_not_said_twice() -> None:
    assert _why("cancel_booking", {"reason": "Ill."}, booking_id=("bookings", "BO-1")) is None


def test_whoever_takes_over_does_so_for_a_reason_and_is_of_the_same_trade() -> None:
    like, unlike = ("agents", "AG-2"), ("agents", "AG-3")
    why = "The one who has had it so far is going on leave."
    assert _why("assign_agent", claim_id=CLAIM, agent_id=like) == why
    assert not is_unwanted(_drawn("assign_agent", claim_id=CLAIM, agent_id=like), WORLD, NOUNS)
    assert is_unwanted(_drawn("assign_agent", claim_id=CLAIM, agent_id=unlike), WORLD, NOUNS)
    assert _why("assign_agent", claim_id=("claims", "CL-2"), agent_id=like) is None


def _asking(*told: Reference) -> Intention:
    steps = (Request("delete_review", (("review_id", each),)) for each in told)
    return Intention(None, plan_of(tuple(steps)))


def test_alike_records_are_told_in_one_way() -> None:
    one, two = Told("reviews", "RE-1"), Told("reviews", "RE-2")
    ann = Group("reviews", "user_id", Named("users", "name", "Ann Lee"))
    bob = Group("reviews", "user_id", Named("users", "name", "Bob May"))
    assert not tells_unevenly(_asking(one, two))
    assert not tells_unevenly(_asking(Only(ann), Only(bob)))
    assert tells_unevenly(_asking(one, Extreme(ann, "date", most=True)))
    assert tells_unevenly(_asking(Only(ann), Extreme(ann, "date", most=True)))


def test_a_day_is_put_right_by_itself() -> None:
    when: dict[str, Scalar] = {"text": "Good.", "timestamp": "2024-07-05T09:30:00"}
    assert is_unwanted(_drawn("update_post", when, post_id=("reviews", "RE-1")), WORLD, NOUNS)
    meal: dict[str, Scalar] = {"calories": 250, "consumed_at": "2024-12-11T17:30:00"}
    assert is_unwanted(_drawn("update_post", meal, post_id=("reviews", "RE-1")), WORLD, NOUNS)
    other = _drawn("update_line", {"new_currency": "USD"}, line_id=("reports", "RP-1"))
    assert is_unwanted(other, WORLD, NOUNS)
    born: dict[str, Scalar] = {"date_of_birth": "1989-07-20"}
    user = ("users", "US-1")
    assert not is_unwanted(_drawn("update_user", born, user_id=user), WORLD, NOUNS)
    both = born | {"contact_info": "a.lee@example.org"}
    assert is_unwanted(_drawn("update_user", both, user_id=user), WORLD, NOUNS)


def test_nothing_is_lent_for_a_day() -> None:
    dates: dict[str, Scalar] = {"borrowed_date": "2025-01-07", "due_date": "2025-01-08"}
    assert in_order(dates)["due_date"] == "2025-01-21"
    assert in_order(dates | {"due_date": "2025-02-08"})["due_date"] == "2025-02-08"


def test_a_reason_may_be_for_what_hangs_on_a_condition() -> None:
    booking = Told("berths", "A1")
    step = Choice(
        Condition(booking, "status", "is", "open"),
        Request("close_berth", (("berth_id", booking),)),
        None,
    )
    assert is_clear((step,))
    assert is_clear((step.then, step.then))
    assert not is_clear((step, step.then))
    assert not is_clear((Choice(step.condition, step.then, step.then),))


def test_what_is_gone_is_not_done_away_with() -> None:
    document = ("documents", "DO-1")
    told = Told(*document)
    archived = _drawn("archive_document", document_id=document)
    assert not depends(Condition(told, "status", "is", "deleted"), document, archived)
    assert depends(Condition(told, "status", "is", "active"), document, archived)


def test_a_state_that_is_said_already_is_no_reason() -> None:
    failed = reason("It has failed.", "They have failed.")
    assert goes_without_saying(failed, "If payment PA-1 has failed, delete it.")
    assert not goes_without_saying(failed, "Delete payment PA-1.")
