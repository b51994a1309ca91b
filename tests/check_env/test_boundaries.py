"""Limits that count what lies on them, or not, against what their descriptions say."""

import pytest

from envscaler.check_env.detectors.boundaries import beside_limit
from envscaler.check_env.detectors.bounds import bound_at_clock, bound_in, bound_of, days_away
from envscaler.records import Finding, FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined

LENDING = '''
from datetime import date

class Lending:
    def __init__(self):
        self.loans = {}
        self.today = "2025-03-01"

    def list_small(self, max_pages: int = 900) -> dict:
        """List the loans of books that are not thicker than max_pages pages.

        Args:
            max_pages (int): Leave out books that have more than this.
        """
        small = [k for k, v in self.loans.items() if v["pages"] <= max_pages]
        return {"success": True, "data": small}

    def list_late(self) -> dict:
        """List the loans that were due before today; what is due today is not late."""
        late = [k for k, v in self.loans.items() if v["due"] < self.today]
        return {"success": True, "data": late}

    def list_old(self, day: str) -> dict:
        """List the loans that began at least 14 days before a day.

        Args:
            day (str): ISO date.
        """
        try:
            on = date.fromisoformat(day)
        except ValueError:
            return {"success": False, "error": "no date"}
        old = [k for k, v in self.loans.items() if (on - date.fromisoformat(v["since"])).days >= 14]
        return {"success": True, "data": old}
'''
STATE: JsonObject = {
    "loans": {
        f"L{n}": {"pages": 100 * n, "due": f"2025-03-1{n}", "since": f"2025-02-0{n}"}
        for n in range(1, 5)
    },
    "today": "2025-03-12",
}


def wrong(source: str) -> dict[str, Finding]:
    found = examined(source, STATE).findings
    return {one.tool: one for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_limits_that_are_drawn_where_they_are_described_are_fine() -> None:
    assert wrong(LENDING) == {}


def test_limits_that_are_drawn_one_step_beside_are_found() -> None:
    source = (
        LENDING.replace('["pages"] <= max_pages', '["pages"] < max_pages')
        .replace('["due"] < self.today', '["due"] <= self.today')
        .replace(".days >= 14", ".days > 14")
    )

    found = wrong(source)

    assert set(found) == {"list_small", "list_late", "list_old"}
    assert {one.severity for one in found.values()} == {"possible"}
    assert "whose due is '2025-03-11', exactly the limit" in found["list_late"].message


@pytest.mark.parametrize(
    ("text", "included"),
    [
        ("Only what costs at least this", True),
        ("Leave out what costs more than this", True),
        ("Cheaper than this", False),
        ("Only loans before this day", False),
        ("On or before this day", True),
        ("Not below this", True),
    ],
)
def test_a_description_says_whether_a_limit_counts(text: str, *, included: bool) -> None:
    found = bound_in(text)

    assert found is not None
    assert found.included == included


@pytest.mark.parametrize("text", ["The limit", "At least 1", "At least this, but below that"])
def test_what_says_nothing_of_the_limit_or_two_things_is_not_read(text: str) -> None:
    assert bound_in(text) is None


def test_a_name_alone_says_that_the_limit_counts() -> None:
    found = bound_of("max_price", "", "List items.")

    assert found is not None
    assert found.included


def test_a_number_of_days_and_the_day_of_a_state_are_read() -> None:
    away = days_away("Donors whose last donation lies more than 56 days back.")
    late = bound_at_clock(("today",), "Loans due before today.")

    assert away is not None
    assert (away[0], away[1].included) == (56, False)
    assert late is not None
    assert not late.included


def answers(drawn: dict[int, str]) -> list[tuple[JsonValue, frozenset[str]]]:
    return [(limit, frozenset(ids)) for limit, ids in drawn.items()]


def test_a_limit_is_judged_only_where_all_that_is_listed_follows_it() -> None:
    held: dict[str, JsonValue] = {"a": 3, "b": 5}
    beside = answers({2: "ab", 3: "b", 4: "b", 5: "", 6: ""})
    other_field = answers({2: "ab", 3: "", 4: "", 5: "", 6: ""})
    few = answers({4: "b", 5: "", 6: ""})

    assert beside_limit(beside, held, included=True) == ("a", 3)
    assert beside_limit(beside, held, included=False) is None
    assert beside_limit(other_field, held, included=True) is None
    assert beside_limit(few, held, included=True) is None


GAUGES = '''
class Gauges:
    def __init__(self):
        self.gauges = {}
        self.today = 10

    def list_overdue(self) -> dict:
        """Gauges that were due before today, each with its due_day."""
        rows = [{"gauge_id": k, "due_day": v["last"] + v["every"]} for k, v in self.gauges.items()]
        return {"success": True, "data": [row for row in rows if row["due_day"] < self.today]}

    def list_long(self, first: int, least: int) -> dict:
        """Gauges with a due_day of at least least. An error if first is above least."""
        rows = [{"gauge_id": k, "due_day": v["last"] + v["every"]} for k, v in self.gauges.items()]
        if first > least:
            return {"success": False, "error": "order"}
        return {"success": True, "data": [row for row in rows if row["due_day"] >= least]}
'''


def of_gauges(source: str) -> set[str]:
    state: JsonObject = {
        "gauges": {f"G{n}": {"last": n, "every": 10 * n} for n in range(1, 5)},
        "today": 50,
    }
    found = examined(source, state).findings
    return {one.tool for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_a_limit_of_what_rows_work_out_is_held_against_the_words_too() -> None:
    beside = GAUGES.replace('["due_day"] < self', '["due_day"] <= self').replace(
        ">= least]", "> least]"
    )

    assert of_gauges(GAUGES) == set()
    assert of_gauges(beside) == {"list_overdue", "list_long"}
