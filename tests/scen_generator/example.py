"""The environment of these tests: berths of a marina, who lies where, and what they owe."""

from pathlib import Path

from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.records import Attribute, Call, Entity, Environment, JsonObject

SOURCE = Path(__file__).with_name("harbour_office.py.txt").read_text(encoding="utf-8")

STATE: JsonObject = {
    "boats": {
        "BT-001": {"boat_id": "BT-001", "name": "Skua", "owner": "Marta Lind", "length_m": 9.5},
        "BT-002": {"boat_id": "BT-002", "name": "Skua II", "owner": "Jon Aker", "length_m": 11.0},
        "BT-003": {"boat_id": "BT-003", "name": "Ternen", "owner": "Marta Lind", "length_m": 14.2},
        "BT-004": {"boat_id": "BT-004", "name": "Albatros", "owner": "Per Voss", "length_m": 7.8},
    },
    "berths": {
        "A1": {
            "berth_id": "A1",
            "pier": "A",
            "max_length_m": 10.0,
            "price_per_night": 30,
            "status": "open",
        },
        "A2": {
            "berth_id": "A2",
            "pier": "A",
            "max_length_m": 12.0,
            "price_per_night": 38,
            "status": "open",
        },
        "B1": {
            "berth_id": "B1",
            "pier": "B",
            "max_length_m": 15.0,
            "price_per_night": 55,
            "status": "open",
        },
        "B2": {
            "berth_id": "B2",
            "pier": "B",
            "max_length_m": 15.0,
            "price_per_night": 50,
            "status": "closed",
        },
    },
    "bookings": {
        "BK-001": {
            "booking_id": "BK-001",
            "boat_id": "BT-001",
            "berth_id": "A1",
            "arrival": "2025-01-10",
            "departure": "2025-01-14",
            "status": "booked",
            "note": "",
        },
        "BK-002": {
            "booking_id": "BK-002",
            "boat_id": "BT-003",
            "berth_id": "B1",
            "arrival": "2025-01-11",
            "departure": "2025-01-15",
            "status": "booked",
            "note": "late arrival",
        },
        "BK-003": {
            "booking_id": "BK-003",
            "boat_id": "BT-002",
            "berth_id": "A2",
            "arrival": "2025-02-01",
            "departure": "2025-02-04",
            "status": "booked",
            "note": "",
        },
    },
    "invoices": {
        "IN-001": {
            "invoice_id": "IN-001",
            "booking_id": "BK-002",
            "amount": 220,
            "paid": 100,
            "issued_on": "2024-12-20",
        },
    },
}

TASK = (
    "Marta Lind cannot bring the Skua in January after all, so take that booking off and note"
    ' "engine trouble" as the reason. Her bigger boat still comes: its invoice has been paid in'
    " full today. And put the Albatros on the cheapest open berth it fits on, from 10 to 12"
    " January 2025."
)


REFERENCE = (
    Call(name="find_boats", arguments={"text": "lind"}),
    Call(name="cancel_booking", arguments={"booking_id": "BK-001", "note": "engine trouble"}),
    Call(name="record_payment", arguments={"invoice_id": "IN-001", "amount": 120}),
    Call(
        name="book_berth",
        arguments={
            "boat_id": "BT-004",
            "berth_id": "A1",
            "arrival": "2025-01-10",
            "departure": "2025-01-12",
        },
    ),
)


def make_environment() -> Environment:
    """The harbour office, as build-skel would have written it."""
    structure = structure_of(SOURCE, "HarbourOffice")
    return Environment(
        id="env-harbour",
        summary="Marina berth office",
        introduction="The office of a small marina. It books berths for visiting and resident"
        " boats, moves and cancels bookings, issues invoices and records what is paid.",
        source_task=None,
        entities=(
            _entity("Boat", "A boat and its owner.", "boat_id, name, owner, length_m"),
            _entity(
                "Berth",
                "A place at a pier.",
                "berth_id, pier, max_length_m, price_per_night, status",
            ),
            _entity(
                "Booking",
                "A berth held for a boat over some nights.",
                "booking_id, boat_id, berth_id, arrival, departure, status, note",
            ),
            _entity(
                "Invoice",
                "What a booking costs.",
                "invoice_id, booking_id, amount, paid, issued_on",
            ),
        ),
        rules=(
            "A boat must not be longer than its berth allows.",
            "Active bookings of a berth never overlap.",
            "A booking with a payment cannot be cancelled.",
            "A berth with active bookings cannot be closed.",
            "A booking has at most one invoice, and no more is paid than it amounts to.",
        ),
        operations=(),
        class_name="HarbourOffice",
        source=SOURCE,
        tools=tools_of(SOURCE, "HarbourOffice"),
        structure=structure,
    )


def _entity(name: str, description: str, attributes: str) -> Entity:
    return Entity(
        name=name,
        description=description,
        attributes=tuple(Attribute(name=each, type="") for each in attributes.split(", ")),
    )
