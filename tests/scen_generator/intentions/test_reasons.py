"""What is asked for with a reason, what is kept, and which status follows on which."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.lifecycle import (
    follows,
    is_free,
    is_set_by_hand,
)
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.reasons import (
    goes_without_saying,
    is_kept,
    is_unasked,
    reason_for,
    without_reason,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import REGRETTED, is_for_many
from envscaler.scen_generator.solution_first.intentions.story import has_begun, may_be_asked
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "users": {
        "US-1": {"user_id": "US-1", "name": "Ann Lee", "status": "active"},
        "US-2": {"user_id": "US-2", "name": "Bob May", "status": "suspended"},
    },
    "invoices": {
        "IN-1": {"invoice_id": "IN-1", "status": "paid", "user_id": "US-1"},
        "IN-2": {"invoice_id": "IN-2", "status": "unpaid", "user_id": "US-1"},
    },
    "charges": {
        "CH-1": {"charge_id": "CH-1", "invoice_id": "IN-1", "amount": 5},
        "CH-2": {"charge_id": "CH-2", "invoice_id": "IN-2", "amount": 7},
    },
    "bookings": {
        "BO-1": {"booking_id": "BO-1", "status": "active", "check_in_date": "2024-12-20"},
        "BO-2": {"booking_id": "BO-2", "status": "cancelled", "check_in_date": "2025-02-01"},
    },
    "devices": {
        "DE-1": {"device_id": "DE-1", "condition": "damaged", "availability": "available"},
        "DE-2": {"device_id": "DE-2", "condition": "good", "availability": "available"},
    },
    "documents": {"DO-1": {"document_id": "DO-1", "title": "Plan", "owner_id": "US-1"}},
    "licenses": {"LI-1": {"license_id": "LI-1", "expiration_date": "2026-05-17"}},
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _asked(drawn: Drawn) -> bool:
    return may_be_asked(drawn, WORLD, NOUNS, None)


def _why(drawn: Drawn) -> str | None:
    reason = reason_for(drawn, WORLD, NOUNS)
    return reason and reason.one


@pytest.mark.parametrize(
    ("held", "new", "known"),
    [
        ("requested", "en route", ()),
        ("en_route", "arrived", ()),
        ("open", "pending review", ("resolved",)),
        ("blocked", "in progress", ()),
        ("active", "maintenance", ()),
        ("suspended", "active", ()),
        ("pending", "cancelled", ()),
    ],
)
def test_a_status_follows_on_the_one_before(held: str, new: str, known: tuple[str, ...]) -> None:
    assert follows(held, new, known)


def test_a_word_of_which_nothing_is_known_may_follow_until_the_end() -> None:
    assert follows("nobody knows", "open", ())
    assert follows("waiting", "collected", ("returned",))


@pytest.mark.parametrize(
    ("held", "new", "known"),
    [
        ("active", "active", ()),
        ("completed", "nobody knows", ()),
        ("requested", "completed", ("en route", "arrived")),
        ("resolved", "open", ()),
        ("shipped", "cancelled", ()),
        ("approved", "rejected", ()),
        ("out of order", "requires maintenance", ()),
    ],
)
def test_no_status_is_kept_skipped_or_taken_back(
    held: str, new: str, known: tuple[str, ...]
) -> None:
    assert not follows(held, new, known)


def test_what_follows_from_something_else_is_not_set_by_hand() -> None:
    assert is_set_by_hand("active")
    assert not is_set_by_hand("paid")
    assert is_set_by_hand("revoked")
    assert not is_set_by_hand("revoked", for_many=True)
    assert not is_free("damaged")


def test_what_is_in_use_or_in_settled_books_is_not_deleted() -> None:
    assert is_kept(_drawn("delete_booking", booking_id=("bookings", "BO-1")), WORLD, NOUNS)
    assert not is_kept(_drawn("delete_booking", booking_id=("bookings", "BO-2")), WORLD, NOUNS)
    assert is_kept(_drawn("delete_charge", charge_id=("charges", "CH-1")), WORLD, NOUNS)
    assert not is_kept(_drawn("delete_charge", charge_id=("charges", "CH-2")), WORLD, NOUNS)
    assert is_kept(_drawn("delete_invoice", invoice_id=("invoices", "IN-2")), WORLD, NOUNS)


def test_a_draft_is_kept_since_it_is_work_in_progress() -> None:
    state: JsonObject = {"reports": {"RE-1": {"report_id": "RE-1", "status": "draft"}}}
    drawn = _drawn("delete_report", report_id=("reports", "RE-1"))
    assert is_kept(drawn, World(collections_of(state)), Nouns(collections_of(state)))


def test_what_is_tried_again_or_praised_has_a_reason() -> None:
    again = _drawn("retry_failed_request", request_id=("bookings", "BO-1"))
    assert _why(again) == "What made it fail has been fixed."
    praised = _drawn("increment_helpful_vote", review_id=("bookings", "BO-1"))
    assert _why(praised) == "It was a great help."


def test_what_is_deleted_or_put_right_has_a_reason() -> None:
    assert _why(_drawn("delete_booking", booking_id=("bookings", "BO-2"))) == "It is cancelled."
    mistaken = _drawn("delete_charge", charge_id=("charges", "CH-2"))
    assert _why(mistaken) == "It was entered by mistake."
    married = _drawn("update_user", {"name": "Ann May"}, user_id=("users", "US-1"))
    assert _why(married) == "They got married."
    woken = _drawn("update_user", {"new_status": "active"}, user_id=("users", "US-2"))
    assert _why(woken) == "The suspension is over."
    assert _why(_drawn("check_in_guest", booking_id=("bookings", "BO-1"))) is None


def test_a_place_stays_unless_it_is_closed_and_nothing_is_there() -> None:
    state: JsonObject = {
        "locations": {
            "LO-1": {"location_id": "LO-1", "name": "Hall", "status": "closed"},
            "LO-2": {"location_id": "LO-2", "name": "Reception", "status": "open"},
            "LO-3": {"location_id": "LO-3", "name": "Annex", "status": "closed"},
        },
        "machines": {"MA-1": {"machine_id": "MA-1", "location_id": "LO-1"}},
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    full, running, closed = (
        _drawn("remove_location", location_id=("locations", key))
        for key in ("LO-1", "LO-2", "LO-3")
    )

    assert is_kept(full, world, nouns)
    assert is_kept(running, world, nouns)
    assert not is_kept(closed, world, nouns)
    reason = reason_for(closed, world, nouns)
    assert reason is not None
    assert reason.one == "It is closed."


def test_an_empty_category_has_closed() -> None:
    state: JsonObject = {"categories": {"CA-1": {"category_id": "CA-1", "name": "Toys"}}}
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    empty = _drawn("remove_category", category_id=("categories", "CA-1"))

    assert not is_kept(empty, world, nouns)
    reason = reason_for(empty, world, nouns)
    assert reason is not None
    assert reason.one == "It has closed."


def test_what_is_taken_out_of_use_has_a_reason() -> None:
    device = ("devices", "DE-2")

    stopped = _drawn("set_availability", {"new_status": "maintenance"}, device_id=device)
    assert _why(stopped) == "It is due for a check."
    blocked = _drawn("set_status", {"status": "blocked"}, booking_id=("bookings", "BO-1"))
    assert _why(blocked) == "It cannot go on for now."
    resolved = _drawn("resolve_allergy", booking_id=("bookings", "BO-1"))
    assert _why(resolved) == "The last test was negative."


def test_few_records_are_mistakes_at_once() -> None:
    reason = reason_for(_drawn("delete_charge", charge_id=("charges", "CH-2")), WORLD, NOUNS)

    assert is_for_many(reason, 2)
    assert not is_for_many(reason, 3)


def test_a_reason_is_left_out_where_it_is_said_and_read_over() -> None:
    reason = reason_for(_drawn("delete_booking", booking_id=("bookings", "BO-2")), WORLD, NOUNS)

    assert reason is not None
    assert goes_without_saying(reason, "Delete the cancelled booking of room 5.")
    assert not goes_without_saying(reason, "Delete booking BO-2.")
    assert without_reason("Delete booking BO-2. It is cancelled.") == "Delete booking BO-2."
    assert without_reason("Rename Ann. I got married.") == "Rename Ann."
    assert without_reason("Rename Ann to Bob.") == "Rename Ann to Bob."


def test_nobody_sets_what_programs_count() -> None:
    assert is_unasked(_drawn("update_user_reputation", user_id=("users", "US-1")))
    assert is_unasked(_drawn("edit_bill", {"issue_date": "2025-01-01"}))
    assert not is_unasked(_drawn("create_bill", {"issue_date": "2025-01-01"}))


def test_what_has_begun_is_not_cancelled_and_nobody_arrives_early() -> None:
    past, ahead = ("bookings", "BO-1"), ("bookings", "BO-2")

    assert has_begun(_drawn("cancel_booking", booking_id=past), WORLD, NOUNS, "2025-01-01")
    assert not has_begun(_drawn("cancel_booking", booking_id=ahead), WORLD, NOUNS, "2025-01-01")
    assert has_begun(_drawn("check_in_guest", booking_id=ahead), WORLD, NOUNS, "2025-01-01")


def test_nothing_damaged_is_lent() -> None:
    assert not _asked(_drawn("create_loan", device_id=("devices", "DE-1")))
    assert _asked(_drawn("create_loan", device_id=("devices", "DE-2")))


def test_what_is_lent_is_not_set_to_available_whatever_its_status_is_called() -> None:
    lent: JsonObject = {"device_id": "DE-1", "condition": "good", "availability_status": "loaned"}
    collections = collections_of({"devices": {"DE-1": lent}})
    drawn = _drawn(
        "update_device_availability", {"new_status": "available"}, device_id=("devices", "DE-1")
    )

    assert not may_be_asked(drawn, World(collections), Nouns(collections), None)


def test_nobody_is_shut_out_from_what_is_theirs() -> None:
    document = ("documents", "DO-1")

    assert not _asked(_drawn("revoke_access", document_id=document, user_id=("users", "US-1")))
    assert _asked(_drawn("revoke_access", document_id=document, user_id=("users", "US-2")))


def test_nothing_is_made_to_end_earlier() -> None:
    license_ = ("licenses", "LI-1")
    sooner: dict[str, Scalar] = {"new_expiration_date": "2026-04-29"}

    assert not _asked(_drawn("update_expiration", sooner, license_id=license_))
    later: dict[str, Scalar] = {"new_expiration_date": "2027-04-29"}
    assert _asked(_drawn("update_expiration", later, license_id=license_))


def test_what_is_archived_or_of_somebody_who_left_is_kept() -> None:
    state: JsonObject = {
        "documents": {"DO-1": {"document_id": "DO-1", "title": "Plan", "status": "archived"}},
        "employees": {"EM-1": {"employee_id": "EM-1", "employment_status": "terminated"}},
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    paper = _drawn("delete_document", document_id=("documents", "DO-1"))
    leaver = _drawn("remove_employee_record", employee_id=("employees", "EM-1"))

    assert is_kept(paper, world, nouns)
    assert is_kept(leaver, world, nouns)


def test_nobody_thinks_otherwise_of_what_they_have_met_with() -> None:
    state: JsonObject = {
        "reviews": {
            "RE-1": {"review_id": "RE-1", "comment": "Poor quality, I sent it back."},
            "RE-2": {"review_id": "RE-2", "comment": "Not bad."},
        }
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    bad, fair = (_drawn("delete_review", review_id=("reviews", key)) for key in ("RE-1", "RE-2"))

    assert is_kept(bad, world, nouns)
    assert not is_kept(fair, world, nouns)
    assert is_for_many(REGRETTED, 1)
    assert not is_for_many(REGRETTED, 2)


def test_nobody_says_of_something_new_only_that_it_has_a_value() -> None:
    who: Place = ("users", "US-1")
    assert is_unasked(_drawn("create_log", {"value": 5.0}, user_id=who))
    assert not is_unasked(_drawn("create_log", {"distance_km": 5.0}, user_id=who))
