"""A harbour in which boats have many bookings, one above all: long tasks need something to do."""

from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject
from tests.scen_generator.example import STATE

_BERTHS = ("A1", "A2", "B1")
_BOATS = ("Tern", "Gannet", "Puffin")


def busy_state(count: int = 9) -> JsonObject:
    """Return the state of the example, with more bookings of its first boat, and more boats.

    Args:
        count: Bookings that the first boat has besides.
    """
    boats = dict(cast("JsonObject", STATE["boats"]))
    for at, name in enumerate(_BOATS, 5):
        boats[f"BT-00{at}"] = {
            "boat_id": f"BT-00{at}",
            "name": name,
            "owner": f"Owner of {name}",
            "length_m": 6.0 + at / 10,
        }
    bookings = dict(cast("JsonObject", STATE["bookings"]))
    others = [key for key in boats for _ in range(2)]
    for at, boat in enumerate(["BT-001"] * count + others):
        key = f"BK-1{at:02}"
        bookings[key] = _booking(key, boat, at)
    return {**STATE, "boats": boats, "bookings": bookings}


def _booking(key: str, boat: str, at: int) -> JsonValue:
    month, day = 3 + at // 3, 10 + at % 9
    return {
        "booking_id": key,
        "boat_id": boat,
        "berth_id": _BERTHS[at % len(_BERTHS)],
        "arrival": f"2025-{month:02}-{day:02}",
        "departure": f"2025-{month:02}-{day + 4:02}",
        "status": "booked",
        "note": None,
    }
