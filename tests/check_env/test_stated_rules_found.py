"""Calls that break what a sentence states are found, also where the state has to be made first."""

import pytest

from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.tables import VALUE
from envscaler.records import Examination, FindingKind, JsonObject
from tests.check_env.arena import examined, skeleton

SEATING = '''
class Seating:
    """Guests and tables.

    Rules: The parties at a table together never need more than its seats.
    """

    def __init__(self, config=None):
        self.guests = {}
        self.tables = {}

    def seat_guest(self, guest_id: str, table: str) -> dict:
        """Seat a guest where there is room."""
        if guest_id not in self.guests or table not in self.tables:
            return {"success": False, "error": "unknown"}
        if self.guests[guest_id]["table"] is not None:
            return {"success": False, "error": "sits already"}
        used = sum(g["party"] for g in self.guests.values() if g["table"] == table)
        if used + NEEDED > self.tables[table]["seats"]:
            return {"success": False, "error": "no room"}
        self.guests[guest_id]["table"] = table
        return {"success": True, "message": "seated"}

    def leave(self, guest_id: str) -> dict:
        """Let a guest get up."""
        if guest_id not in self.guests or self.guests[guest_id]["table"] is None:
            return {"success": False, "error": "not seated"}
        self.guests[guest_id]["table"] = None
        return {"success": True, "message": "left"}
'''
PARTY = 'self.guests[guest_id]["party"]'
ROOMY: JsonObject = {
    "guests": {
        "g1": {"party": 2, "table": "rose"},
        "g2": {"party": 2, "table": None},
        "g3": {"party": 1, "table": "lily"},
    },
    "tables": {"rose": {"seats": 40}, "lily": {"seats": 60}},
}


def broken(examination: Examination) -> list[tuple[str, str]]:
    return [
        (one.tool, one.severity)
        for one in examination.findings
        if one.kind is FindingKind.BROKEN_INVARIANT
    ]


@pytest.mark.parametrize(("needed", "found"), [("1", [("seat_guest", "possible")]), (PARTY, [])])
def test_a_limit_that_no_call_reaches_is_tried_in_a_state_where_it_is_one_short(
    needed: str, found: list[tuple[str, str]]
) -> None:
    assert broken(examined(SEATING.replace("NEEDED", needed), ROOMY)) == found


JOBS = '''
class Jobs:
    def __init__(self, config=None):
        self.jobs = {}

    def cancel_job(self, job_id: str) -> dict:
        """Cancel a waiting job."""
        if job_id not in self.jobs CHECK:
            return {"success": False, "error": "no such waiting job"}
        del self.jobs[job_id]
        return {"success": True, "message": "cancelled"}

    def end_job(self, job_id: str) -> dict:
        """Finish a waiting job."""
        if job_id not in self.jobs or self.jobs[job_id]["status"] != "waiting":
            return {"success": False, "error": "no such waiting job"}
        self.jobs[job_id]["status"] = "done"
        return {"success": True, "message": "done"}
'''


@pytest.mark.parametrize(
    ("check", "found"),
    [("", [("cancel_job", "possible")]), ('or self.jobs[job_id]["status"] != "waiting"', [])],
)
def test_a_status_that_a_docstring_asks_for_and_the_tool_does_not_is_found(
    check: str, found: list[tuple[str, str]]
) -> None:
    state: JsonObject = {
        "jobs": {"a": {"status": "waiting", "pages": 1}, "b": {"status": "done", "pages": 2}}
    }

    assert broken(examined(JOBS.replace("CHECK", check), state)) == found


CANTEEN = '''
class Canteen:
    def __init__(self, config=None):
        self.dishes = {}
        self.orders = {}
        self.next_order = 1

    def order_lunch(self, dish: str) -> dict:
        """Order a portion."""
        if dish not in self.dishes or self.dishes[dish]["left"] < 1:
            return {"success": False, "error": "nothing left"}
        self.dishes[dish]["left"] -= 1
        number = str(self.next_order)
        self.next_order += 1
        self.orders[number] = {"dish": dish, "paid": True}
        return {"success": True, "data": number}

    def cancel_order(self, number: str) -> dict:
        """SENTENCE"""
        if number not in self.orders:
            return {"success": False, "error": "no such order"}
        order = self.orders.pop(number)
        BACK
        return {"success": True, "message": "cancelled"}
'''
DISHES: JsonObject = {
    "dishes": {"soup": {"left": 3}, "rice": {"left": 2}},
    "orders": {},
    "next_order": 1,
}


@pytest.mark.parametrize(
    ("sentence", "back", "found"),
    [
        ("Undo an order: the portion is given back.", "pass", [("cancel_order", "possible")]),
        (
            "Undo an order: the portion is given back.",
            'self.dishes[order["dish"]]["left"] += 1',
            [],
        ),
        ("Forget an order.", "pass", []),
    ],
)
def test_what_is_not_given_back_is_found_where_a_sentence_says_that_it_is(
    sentence: str, back: str, found: list[tuple[str, str]]
) -> None:
    source = CANTEEN.replace("SENTENCE", sentence).replace("BACK", back)

    assert broken(examined(source, DISHES)) == found


def test_a_rule_that_nobody_understands_is_listed() -> None:
    row = skeleton(JOBS.replace("CHECK", ""), rules=("Work is always done with care.",))

    examination = examined(row, {"jobs": {"a": {"status": "waiting", "pages": 1}}})

    assert [one.rule for one in examination.discarded] == ["Work is always done with care."]


def test_a_field_is_changed_in_a_dict_a_list_and_a_tagged_dict() -> None:
    state: JsonObject = {
        "rooms": {"a": {"seats": 2}},
        "loans": [{"loan_id": 7, "days": 1}],
        "fees": {"$dict": [[3, 10]]},
    }

    assert with_field(state, "rooms", ("a",), "seats", 5) == {**state, "rooms": {"a": {"seats": 5}}}
    assert with_field(state, "loans", ("7",), "days", 5) == {
        **state,
        "loans": [{"loan_id": 7, "days": 5}],
    }
    assert with_field(state, "fees", ("3",), VALUE, 5) == {**state, "fees": {"$dict": [[3, 5]]}}
    assert with_field(state, "rooms", ("b",), "seats", 5) is None


MINUTES = '''
class Work:
    def __init__(self, config=None):
        self.tickets = {}

    def log_minutes(self, ticket_id: str, minutes: int) -> dict:
        """Add minutes (1 to 600) to a ticket."""
        if ticket_id not in self.tickets or not LOW minutes HIGH:
            return {"success": False, "error": "not possible"}
        self.tickets[ticket_id]["minutes"] += minutes
        return {"success": True, "message": "added"}
'''


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        ("1 <=", "<= 600", []),
        ("1 <=", "<= 900", ["is taken"]),
        ("0 <=", "<= 600", []),
        ("1 <", "<= 600", ["is refused"]),
        ("1 <=", "< 600", ["is refused"]),
    ],
)
def test_a_number_just_beyond_its_range_is_refused_and_one_just_within_it_is_not(
    low: str, high: str, found: list[str]
) -> None:
    source = MINUTES.replace("LOW", low).replace("HIGH", high)

    examination = examined(source, {"tickets": {"a": {"minutes": 3}}})

    said = [one.message for one in examination.findings if one.kind == "broken_invariant"]
    assert [any(word in message for message in said) for word in found] == [True] * len(found)
    assert len(said) == len(found)


def test_a_number_that_another_condition_refuses_is_no_finding() -> None:
    said = "Add minutes (1 to 600) to a ticket, not below what is logged."
    source = MINUTES.replace("Add minutes (1 to 600) to a ticket.", said)

    examination = examined(
        source.replace("LOW", "1 <").replace("HIGH", "<= 600"), {"tickets": {"a": {"minutes": 3}}}
    )

    assert broken(examination) == []


LEVELS = """
class School:
    def __init__(self, config=None):
        # course: title, level, day, start, end, capacity, min_age
        self.courses = {}

    def add_course(self, title: str, level: int, min_age: int) -> dict:
        if not title or title in self.courses or level < 1 or min_age < 1:
            return {"success": False, "error": "not possible"}
        self.courses[title] = {"title": title, "level": level, "min_age": min_age}
        return {"success": True, "message": "added"}
"""


def test_a_list_of_fields_states_no_order_of_two_of_them() -> None:
    courses: JsonObject = {
        title: {"title": title, "level": number, "min_age": number + 3}
        for number, title in enumerate(("blue", "red", "black", "gold", "green"), 1)
    }

    assert broken(examined(LEVELS, {"courses": courses})) == []


REVIEWS = """
class Reviews:
    def __init__(self, config=None):
        self.reviews = {}

    def edit_review(self, review_id: str, review_text: str, diagnoses: list) -> dict:
        '''A review has a unique id. Diagnoses are kept after treatment history.'''
        if review_id not in self.reviews or not review_text:
            return {"success": False, "error": "not possible"}
        self.reviews[review_id].update(review_text=review_text, diagnoses=diagnoses)
        return {"success": True, "message": "changed"}
"""


def test_a_sentence_about_something_else_states_no_relation() -> None:
    reviews: JsonObject = {
        f"r{number}": {
            "review_text": f"text {number}",
            "diagnoses": ["d"],
            "treatment_history": ["t", "u"],
        }
        for number in range(6)
    }

    found = examined(REVIEWS, {"reviews": reviews})

    assert broken(found) == []
