"""Sound environments in forms that look like faults: nothing is suspected."""

from collections.abc import AsyncIterator

import pytest

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.no_effect import idle_successes
from envscaler.check_env.explorer import Explorer
from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined, found, skeleton
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

COUNTED = '''
class Store:
    """A store of values by key. Every `get` adds one to `hits` or to `misses`."""

    def __init__(self, keys=None, hits=0, misses=0):
        self.keys = dict(keys or {})
        self.hits = hits
        self.misses = misses

    def get(self, key: str):
        """The value of a key, or null."""
        if key in self.keys:
            self.hits += 1
            return self.keys[key]
        self.misses += 1
        return None

    def put(self, key: str, value: str | int) -> str:
        """Set the value of a key."""
        if not isinstance(key, str) or not key:
            raise ValueError("a key is a text")
        if not isinstance(value, (str, int)):
            raise ValueError("a text or a number")
        self.keys[key] = value
        return key
'''
CLAMPED = '''
class Radio:
    """A radio. Refused calls give {"problem": text}."""

    def __init__(self, volume=5, station="news", stations=()):
        self.volume = volume
        self.station = station
        self.stations = list(stations)

    def set_volume(self, volume: int):
        """Set the volume; above 10 it is 10, below 0 it is 0."""
        if not isinstance(volume, int) or isinstance(volume, bool):
            return {"problem": "a whole number"}
        self.volume = max(0, min(10, volume))
        return {"result": self.volume}

    def set_station(self, station: str):
        """Change to one of the stations."""
        if station not in self.stations:
            return {"problem": "no such station"}
        self.station = station
        return {"result": station}
'''
OPEN_TRIPS = '''
class Fleet:
    def __init__(self, trips=None):
        self.trips = {k: dict(v) for k, v in (trips or {}).items()}

    def start_trip(self, trip_id: str, driver: str) -> dict:
        """Start a trip of a driver."""
        if not isinstance(trip_id, str) or not isinstance(driver, str) or trip_id in self.trips:
            return {"success": False, "error": "used"}
        if any(t["driver"] == driver and t["end_km"] is None for t in self.trips.values()):
            return {"success": False, "error": "away"}
        self.trips[trip_id] = {"driver": driver, "end_km": None}
        return {"success": True, "message": "started"}

    def end_trip(self, trip_id: str, end_km: int) -> dict:
        """End an open trip."""
        trip = self.trips.get(trip_id) if isinstance(trip_id, str) else None
        if trip is None or trip["end_km"] is not None or not isinstance(end_km, int):
            return {"success": False, "error": "no open trip"}
        trip["end_km"] = end_km
        return {"success": True, "message": "ended"}
'''
DATED = '''
from datetime import date, timedelta


class Days:
    def __init__(self, config):
        self.today = date.fromisoformat(config["today"])
        self.notes = list(config["notes"])

    def next_day(self):
        """Go on to the next day."""
        self.today += timedelta(days=1)
        return {"success": True, "data": self.today.isoformat()}

    def note(self, text: str):
        """Write a note."""
        if not isinstance(text, str):
            return {"success": False, "error": {"code": 1, "text": "a text"}}
        self.notes.append(text)
        return {"success": True, "data": len(self.notes)}

    def pairs(self):
        """Notes that stand twice."""
        twice = [a for i, a in enumerate(self.notes) for b in self.notes[:i] if a == b]
        return {"success": True, "data": twice}
'''

PRIVATE = '''
class Heating:
    def __init__(self, config):
        self._zones = {name: dict(zone) for name, zone in config["zones"].items()}
        self._boost = dict(config["boost"])
        self._hour = config["hour"]

    def boost(self, zone: str) -> dict:
        """Heat a zone for an hour."""
        if zone not in self._zones:
            return {"success": False, "error": "no zone"}
        self._boost[zone] = self._hour + 1
        return {"success": True, "data": self._boost[zone]}

    def set_target(self, zone: str, degrees: int) -> dict:
        """Set the target of a zone."""
        if zone not in self._zones or not isinstance(degrees, int):
            return {"success": False, "error": "no zone"}
        self._zones[zone]["target"] = degrees
        return {"success": True, "data": degrees}
'''
BY_NAME = '''
class Rails:
    def __init__(self, **scenario):
        self.towns = {t: set(labels) for t, labels in scenario.get("towns", {}).items()}
        self.tracks = {(a, b): km for a, b, km in scenario.get("tracks", [])}

    def label(self, town: str, label: str) -> dict:
        """Add a label to a town, or take it off if the town has it."""
        if town not in self.towns or not isinstance(label, str):
            return {"success": False, "error": "no town"}
        self.towns[town] ^= {label}
        return {"success": True, "data": sorted(self.towns[town])}

    def build(self, a: str, b: str, km: int) -> dict:
        """Lay a track, or make it longer or shorter."""
        if a not in self.towns or b not in self.towns or not isinstance(km, int):
            return {"success": False, "error": "no town"}
        self.tracks[a, b] = km
        return {"success": True, "data": len(self.tracks)}
'''
IDLE = '''
class Staff:
    """Who works here."""

    def __init__(self, names=()):
        self.names = list(names)

    def hire(self, name: str):
        """Add somebody. Hiring one who is here changes nothing."""
        if not isinstance(name, str) or not name.isalpha():
            return {"problem": "a name has letters"}
        if name not in self.names:
            self.names.append(name)
        return {"names": len(self.names), "of": name}
'''

NAMED = '''
from typing import NamedTuple


class Track(NamedTuple):
    code: str
    seconds: int


class Player:
    def __init__(self, library, queue):
        self.library = [Track(**row) for row in library]
        self.queue = list(queue)

    def enqueue(self, code: str) -> dict:
        """Put a track into the queue."""
        if not any(track.code == code for track in self.library):
            return {"success": False, "error": "no track"}
        self.queue.append(code)
        return {"success": True, "data": len(self.queue)}

    def seconds(self) -> dict:
        """How long the library plays."""
        return {"success": True, "data": sum(track.seconds for track in self.library)}
'''


def suspected(source: str, state: JsonObject, *rules: str) -> set[tuple[FindingKind, str]]:
    examination = examined(skeleton(source, rules=rules), state)
    return {
        (one.kind, one.tool) for one in examination.findings if one.severity != "minor"
    } & found(examination)


def test_a_query_may_count_as_it_says_and_a_value_may_be_of_either_type() -> None:
    state: JsonObject = {"keys": {"a": 1, "b": 2}, "hits": 1, "misses": 4}

    assert suspected(COUNTED, state) == set()


def test_a_number_that_is_cut_to_fit_is_not_lost_and_a_problem_is_a_refusal() -> None:
    state: JsonObject = {"volume": 3, "station": "news", "stations": ["news", "jazz"]}

    assert suspected(CLAMPED, state) == set()


def test_a_limit_of_some_records_is_none_of_all_of_them() -> None:
    state: JsonObject = {
        "trips": {"1": {"driver": "ann", "end_km": 5}, "2": {"driver": "bob", "end_km": None}}
    }

    assert suspected(OPEN_TRIPS, state, "A driver has at most one open trip.") == set()


def test_an_attribute_that_is_a_date_leaves_an_environment_to_be_examined() -> None:
    assert suspected(DATED, {"today": "2025-06-02", "notes": ["a", "b", "a"]}) == set()


def test_attributes_of_other_names_than_the_state_has_hide_no_method() -> None:
    zones: JsonObject = {"hall": {"target": 18}, "bath": {"target": 21}}

    assert suspected(PRIVATE, {"zones": zones, "boost": {"bath": 8}, "hour": 6}) == set()


def test_a_constructor_may_take_a_state_by_whatever_names_it_has() -> None:
    towns: JsonObject = {"Arn": ["port"], "Bel": [], "Cor": ["mill"]}

    assert suspected(BY_NAME, {"towns": towns, "tracks": [["Arn", "Bel", 12]]}) == set()


def test_a_change_of_which_it_is_said_that_it_may_do_nothing_is_no_query() -> None:
    assert suspected(IDLE, {"names": ["Ann", "Bob"]}) == set()


def test_a_named_tuple_is_one_again_in_an_environment_made_anew() -> None:
    library: JsonObject = {"library": [{"code": "a", "seconds": 60}, {"code": "b", "seconds": 9}]}

    assert suspected(NAMED, {**library, "queue": ["a"]}) == set()


DESK = '''
class Desk:
    """Orders by id.

    A refusal changes nothing, except that every refused *change* adds one to `refused_tries`.
    Each question that is asked is kept in `asked`.
    """

    def __init__(self, state):
        self.state = {**state}

    def show_order(self, order_id: str) -> dict:
        """Show an order."""
        self.state["asked"] = [*self.state["asked"], order_id]
        if order_id not in self.state["orders"]:
            return {"success": False, "error": "unknown order"}
        return {"success": True, "data": dict(self.state["orders"][order_id])}

    def ship_order(self, order_id: str) -> dict:
        """Ship an order that is checked."""
        order = self.state["orders"].get(order_id)
        if order is None or order["stage"] != "checked":
            self.state["refused_tries"] += 1
            FAULT
            return {"success": False, "error": "unknown, or not checked"}
        order["stage"] = "shipped"
        return {"success": True, "message": "shipped"}
'''
ORDERS: JsonObject = {
    "orders": {"O1": {"stage": "checked"}, "O2": {"stage": "milled"}, "O3": {"stage": "checked"}},
    "refused_tries": 2,
    "asked": ["O1"],
}


def test_a_class_may_say_what_refusals_and_questions_leave_behind() -> None:
    assert suspected(DESK.replace("FAULT", "pass"), ORDERS) == set()


def test_what_refusals_leave_beside_that_is_a_fault() -> None:
    fault = 'self.state["orders"] = {**self.state["orders"], "lost": {"stage": "milled"}}'

    assert (FindingKind.REFUSED_CALL_CHANGED_STATE, "ship_order") in suspected(
        DESK.replace("FAULT", fault), ORDERS
    )


LOFT = '''
class Loft:
    """Line sets. Each None leaves its reason for ``why_not``."""

    def __init__(self, state):
        self.sets = dict(state["sets"])
        self.reason = ""

    def _no(self, why):
        self.reason = why

    def get_weight(self, no: str):
        """The weight of a set."""
        if no not in self.sets:
            return self._no(f"set {no}: there is none")
        return self.sets[no]["kg"]

    def get_height(self, no: str):
        """The height of a set."""
        if no not in self.sets:
            return self._no(f"there is no set {no}")
        return self.sets[no]["height"]

    def raise_set(self, no: str, height: int):
        """Fly a set to a height."""
        if no not in self.sets or self.sets[no]["height"] == height:
            return self._no(f"no set {no}, or it is there")
        self.sets[no] = {**self.sets[no], "height": height}
        return True

    def load_set(self, no: str, kg: int):
        """Hang something from a set."""
        if no not in self.sets or kg < 1:
            return self._no(f"no set {no}, or no weight")
        self.sets[no] = {**self.sets[no], "kg": self.sets[no]["kg"] + kg}
        return True

    def why_not(self):
        """The reason of the last refusal."""
        return self.reason
'''


def test_the_reason_of_the_last_refusal_may_be_kept() -> None:
    state: JsonObject = {"sets": {"4": {"kg": 20, "height": 3}, "5": {"kg": 8, "height": 0}}}
    examination = examined(skeleton(LOFT), state)

    changed = {FindingKind.QUERY_CHANGES_STATE, FindingKind.REFUSED_CALL_CHANGED_STATE}
    assert changed.isdisjoint(one.kind for one in examination.findings)


def test_one_query_that_changes_a_value_is_a_fault() -> None:
    source = LOFT.replace('return self._no(f"set {no}: there is none")', "return None")
    source = source.replace('return self.sets[no]["kg"]', 'return self._no("looked")')

    examination = examined(
        skeleton(source.replace("return self._no(f", "return print(f")),
        {"sets": {"4": {"kg": 20, "height": 3}, "5": {"kg": 8, "height": 0}}},
    )

    assert (FindingKind.QUERY_CHANGES_STATE, "get_weight") in found(examination)


def test_entries_of_which_nobody_knows_the_fields_tell_nothing() -> None:
    source = """
class Ditch:
    def __init__(self):
        self.users = {}

    def log_work(self, entries: list[TYPE]) -> dict:
        'Credit work to users; what is not right is set aside.'
        for one in entries:
            self.users[one] = 5
        return {"granted": True, "booked": 0}
"""

    async def idle(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
        for one in idle_successes(explorer):
            yield one

    def booked(_state: JsonObject, arguments: JsonObject) -> JsonObject:
        return {"granted": True, "of": len(str(arguments))}

    calls = [call("log_work", entries=[name]) for name in ("a", "b", "c", "d")]
    claims = [
        claimed(
            idle, {"log_work": booked}, {"users": {}}, *calls, source=source.replace("TYPE", kind)
        )
        for kind in ("dict", "str")
    ]

    assert [len(each) for each in claims] == [0, 1]


@pytest.mark.parametrize(
    ("said", "told"), [("It is printed, and nothing of it is kept.", 0), ("It is kept.", 1)]
)
def test_what_is_said_to_leave_nothing_need_not_change_anything(said: str, told: int) -> None:
    source = f"""
class Port:
    def __init__(self):
        self.calls = []

    def send_call(self, text: str):
        'Send a text on the channel. {said}'
        return {{"success": bool(text), "message": text}}
"""
    found = examined(skeleton(source), {"calls": ["a"]}).findings

    assert [one.kind for one in found].count(FindingKind.SUCCESS_WITHOUT_CHANGE) == told
