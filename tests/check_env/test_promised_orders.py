"""Rows in another order than their description promises."""

import pytest

from envscaler.check_env.detectors.promised_orders import promised_orders
from envscaler.check_env.detectors.stated_orders import stated_columns, stated_order, stated_ties
from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

LEAGUE = '''
class League:
    def __init__(self):
        self.players = {}

    def get_standings(self) -> dict:
        """All players as [player_id, points, rating]: most points first, of equal points the higher
        rating first, of equal rating by id."""
        rows = [[k, p["points"], p["rating"]] for k, p in self.players.items()]
        rows.sort(key=lambda row: (-row[1], -row[2], row[0]))
        return {"success": True, "data": rows}

    def list_youngest(self, limit: int = 3) -> dict:
        """The players with the latest birthday, latest first, equal ones by name."""
        ids = sorted(self.players, key=lambda k: self.players[k]["name"])
        ids.sort(key=lambda k: self.players[k]["born"], reverse=True)
        return {"success": True, "data": ids[:limit]}
'''
STATE: JsonObject = {
    "players": {
        "p4": {"name": "Ann", "born": "2001-05-01", "points": 3, "rating": 1500},
        "p3": {"name": "Bob", "born": "1999-05-01", "points": 3, "rating": 1700},
        "p2": {"name": "Zoe", "born": "2001-05-01", "points": 5, "rating": 1400},
        "p1": {"name": "Cyd", "born": "2004-05-01", "points": 1, "rating": 1600},
    }
}


def wrong(source: str) -> dict[str, str]:
    found = examined(source, STATE).findings
    return {one.tool: one.message for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_rows_in_the_order_that_is_promised_are_fine() -> None:
    assert wrong(LEAGUE) == {}


def test_rows_that_are_turned_round_are_found() -> None:
    found = wrong(LEAGUE.replace("-row[1], -row[2]", "row[1], -row[2]"))

    assert "begin with the smallest points" in found["get_standings"]


def test_what_is_most_may_be_told_by_no_column() -> None:
    urgent = """
class League:
    def __init__(self):
        self.players = {}

    def get_waiting(self) -> dict:
        \"\"\"All players as [player_id, rating], the most urgent first.\"\"\"
        rows = [[key, one["rating"]] for key, one in self.players.items()]
        return {"success": True, "data": sorted(rows, key=lambda row: row[1])}
"""

    assert wrong(urgent) == {}
    assert (
        "begin with the smallest rating" in wrong(urgent.replace("urgent", "rating"))["get_waiting"]
    )


def test_equal_rows_in_another_order_are_found() -> None:
    found = wrong(
        LEAGUE.replace("-row[2]", "row[2]").replace(
            'key=lambda k: self.players[k]["name"]', "reverse=False"
        )
    )

    assert "of equal points the higher rating first" in found["get_standings"].replace(
        "'equal", "of equal"
    )
    assert "'equal ones by name'" in found["list_youngest"]


@pytest.mark.parametrize(
    ("text", "down", "of_time"),
    [
        ("The cheapest first.", False, False),
        ("Newest entries first", True, True),
        ("Largest party first, then by id", True, False),
    ],
)
def test_a_description_says_what_comes_first(text: str, *, down: bool, of_time: bool) -> None:
    found = stated_order(text)

    assert found is not None
    assert (found.down, found.of_time) == (down, of_time)


@pytest.mark.parametrize("text", ["In order.", "Oldest first or newest first, as asked."])
def test_no_order_or_two_orders_are_not_read(text: str) -> None:
    assert stated_order(text) is None


def test_what_decides_between_equal_rows_is_read_in_order() -> None:
    text = (
        "As [id, points, won]: most points first, of equal points the higher won first, ties by id"
    )

    assert [(tie.column, tie.down) for tie in stated_ties(text)] == [("won", True), ("id", False)]
    assert stated_columns(text) == ["id", "points", "won"]


@pytest.mark.parametrize(
    ("said", "sorted_by", "told"),
    [
        ("the earliest start first", "start", False),
        ("the earliest start first", "show_id", True),
        ("the show that is earliest first", "show_id", False),
    ],
)
def test_rows_that_are_not_sorted_by_the_column_that_is_named_are_claimed(
    said: str, sorted_by: str, *, told: bool
) -> None:
    def listing(state: JsonObject, _arguments: JsonObject) -> JsonObject:
        shows = state["shows"]
        assert isinstance(shows, list)
        rows: list[JsonObject] = [one for one in shows if isinstance(one, dict)]
        rows.sort(key=lambda one: str(one[sorted_by]))
        return {"success": True, "data": [*rows]}

    found = claimed(
        promised_orders,
        {"list_shows": listing},
        {
            "shows": [
                {"show_id": "1", "start": "20:00"},
                {"show_id": "2", "start": "16:30"},
                {"show_id": "3", "start": "18:00"},
            ]
        },
        call("list_shows"),
        source=SHOWS.replace("{said}", said),
    )

    assert len(found) == told


SHOWS = '''
class Screenings:
    def __init__(self):
        self.shows = []

    def list_shows(self) -> dict:
        """What is on, {said}."""
        return {"success": True, "data": []}
'''


DESK = '''
class Desk:
    def __init__(self):
        self.requests = {}

    def list_requests(self) -> dict:
        """Open requests: urgent ones first, then by id."""
        rows = sorted(self.requests, key=lambda k: (FLAG self.requests[k]["urgent"], k))
        return {"success": True, "data": rows}
'''


def test_rows_with_a_flag_come_first_where_that_is_said() -> None:
    state: JsonObject = {
        "requests": {f"r{n}": {"request_id": f"r{n}", "urgent": n % 2 == 0} for n in range(1, 6)}
    }

    for flag, told in (("not", set[str]()), ("", {"list_requests"})):
        found = examined(DESK.replace("FLAG", flag), state).findings
        assert {one.tool for one in found if one.kind is FindingKind.WRONG_ANSWER} == told


LOTS = '''
class Lots:
    def __init__(self):
        self.lots = {}

    def list_lots(self) -> str:
        """Lots as lines "id | seeds": the largest stock first, equal stocks in order of id."""
        rows = sorted(self.lots.items(), key=KEY)
        return "\\n".join(f"{key} | {lot['seeds']}" for key, lot in rows)
'''


@pytest.mark.parametrize(
    ("key", "claims"),
    [
        ("lambda lot: (-lot[1]['seeds'], lot[0])", 0),
        ("lambda lot: (lot[1]['seeds'], lot[0]), reverse=True", 1),
    ],
)
def test_equal_lines_are_seen_where_records_are_made_equal(key: str, claims: int) -> None:
    state: JsonObject = {"lots": {f"L{n}": {"seeds": 10 * n} for n in (1, 2, 3)}}
    found = examined(LOTS.replace("KEY", key), state).findings

    assert sum(one.kind is FindingKind.WRONG_ANSWER for one in found) == claims
