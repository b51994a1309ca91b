"""A harbour in which one boat has many bookings: long tasks need something to do."""

from typing import cast

from envscaler.records import JsonObject
from tests.scen_generator.example import STATE

_BERTHS = ("A1", "A2", "B1")


def busy_state(count: int = 9) -> JsonObject:
    """Return the state of the example, with more bookings of its first boat."""
    bookings = dict(cast("JsonObject", STATE["bookings"]))
    for at in range(count):
        key = f"BK-1{at:02}"
        bookings[key] = {
            "booking_id": key,
            "boat_id": "BT-001",
            "berth_id": _BERTHS[at % len(_BERTHS)],
            "arrival": f"2025-0{3 + at // 3}-{10 + at:02}",
            "departure": f"2025-0{4 + at // 3}-{11 + at:02}",
            "status": "booked",
            "note": None,
        }
    return {**STATE, "bookings": bookings}
