"""Check functions of the harbour task, sound ones and one of every defect."""

from envscaler.records import Check


def check(item: str, condition: str) -> Check:
    """Write a check whose answer is an expression over `bookings`, `invoices` and `old`."""
    source = f"""def check_func(final_state):
    bookings = final_state.get("bookings", {{}})
    invoices = final_state.get("invoices", {{}})
    old = initial_state.get("bookings", {{}})
    return {condition}
"""
    return Check(item=item, source=source)


CANCELLED = check(
    "Has booking BK-001 the status 'cancelled'?",
    'bookings.get("BK-001", {}).get("status") == "cancelled"',
)
NOTED = check(
    "Has booking BK-001 the note 'engine trouble'?",
    'bookings.get("BK-001", {}).get("note") == "engine trouble"',
)
PAID = check(
    "Has invoice IN-001 been paid in full?", 'invoices.get("IN-001", {}).get("paid") == 220'
)
BOOKED = check(
    "Has a booking of berth A1 been made for boat BT-004 from 2025-01-10 to 2025-01-12?",
    """any(
        booking.get("boat_id") == "BT-004"
        and booking.get("berth_id") == "A1"
        and booking.get("arrival") == "2025-01-10"
        and booking.get("departure") == "2025-01-12"
        for key, booking in bookings.items()
        if key not in old
    )""",
)
KEPT = check(
    "Has booking BK-003 of the Skua II kept the status 'booked'?",
    'bookings.get("BK-003", {}).get("status") == "booked"',
)
SOUND = (CANCELLED, NOTED, PAID, BOOKED, KEPT)

ALWAYS = check("Has boat BT-001 been found?", "bool(bookings) or not bookings")
NEVER = check(
    "Has booking BK-003 been moved to berth B9?", 'bookings["BK-003"]["berth_id"] == "B9"'
)
RAISES = check("Has booking BK-009 been cancelled?", 'bookings["BK-009"]["status"] == "cancelled"')
NO_BOOLEAN = check("Has a booking been made?", "len(bookings) - len(old)")
WRITES = check("Has booking BK-001 been closed?", 'bookings.pop("BK-001", {}) != old["BK-001"]')
MOODY = Check(
    item="Has it been asked before?",
    source="""asked = []


def check_func(final_state):
    asked.append(1)
    return len(asked) > 1
""",
)
ANY_CHANGE = check("Has anything changed?", "final_state != initial_state")
HARMED = check("Has booking BK-001 stayed on?", 'bookings["BK-001"]["status"] == "booked"')
CANCELLED_TOO = check(
    "Has booking BK-001 ceased to be active?",
    'bookings.get("BK-001", {}).get("status") == "cancelled"',
)
TWO_WRITES = check(
    "Has Marta Lind been dealt with?",
    'invoices["IN-001"]["paid"] == 220 or "BK-004" in bookings',
)
NOBODY_MOVED = check(
    "Has berth B1 taken no booking from another berth?",
    """not any(
        old[key].get("berth_id") != "B1" and bookings.get(key, {}).get("berth_id") == "B1"
        for key in old
    )""",
)
STAYED_CLOSED = check(
    "Has berth B2 stayed closed?",
    'final_state["berths"]["B2"]["status"] == "closed"',
)
