"""The clean environments of the suite, and a state for each."""

from functools import cache
from pathlib import Path

from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.records import JsonObject, Operation, Skeleton

FOLDER = Path(__file__).parent
CLASSES = {"library": "Library", "helpdesk": "HelpDesk", "shop": "Shop", "clinic": "Clinic"}
QUERIES = frozenset(
    [
        "get",
        "search",
        "list",
        "count",
        "average",
        "find",
        "check",
        "stock",
        "show",
        "agent",
        "is",
        "doctor",
    ]
)

STATES: dict[str, JsonObject] = {
    "library": {
        "books": {
            "B1": {
                "book_id": "B1",
                "title": "The Tide Clock",
                "author": "M. Okafor",
                "copies": 2,
                "tags": ["sea"],
            },
            "B2": {
                "book_id": "B2",
                "title": "Salt Roads",
                "author": "I. Lindqvist",
                "copies": 1,
                "tags": [],
            },
            "B3": {
                "book_id": "B3",
                "title": "Night Ferry",
                "author": "M. Okafor",
                "copies": 1,
                "tags": ["sea", "crime"],
            },
        },
        "members": {
            "M1": {
                "member_id": "M1",
                "name": "Ana Ruiz",
                "email": "ana@example.org",
                "status": "active",
                "fines": 0.0,
            },
            "M2": {
                "member_id": "M2",
                "name": "Bo Chen",
                "email": "bo@example.org",
                "status": "suspended",
                "fines": 61.5,
            },
        },
        "loans": {
            "L1": {
                "loan_id": "L1",
                "book_id": "B1",
                "member_id": "M1",
                "due_date": "2024-12-20",
                "status": "open",
                "renewals": 2,
            },
            "L2": {
                "loan_id": "L2",
                "book_id": "B2",
                "member_id": "M1",
                "due_date": "2025-01-10",
                "status": "open",
                "renewals": 0,
            },
            "L3": {
                "loan_id": "L3",
                "book_id": "B3",
                "member_id": "M2",
                "due_date": "2024-11-02",
                "status": "returned",
                "renewals": 1,
            },
        },
        "next_loan": 4,
        "next_book": 4,
    },
    "helpdesk": {
        "tickets": [
            {
                "id": 1,
                "subject": "No sound",
                "customer": "Ida",
                "state": "open",
                "agent": "kim",
                "labels": ["audio"],
                "priority": 2,
            },
            {
                "id": 2,
                "subject": "Refund",
                "customer": "Jo",
                "state": "waiting",
                "agent": None,
                "labels": [],
                "priority": 3,
            },
            {
                "id": 3,
                "subject": "Crash",
                "customer": "Ida",
                "state": "solved",
                "agent": "lou",
                "labels": ["app"],
                "priority": 1,
            },
        ],
        "agents": [{"name": "kim", "present": True}, {"name": "lou", "present": False}],
        "history": [
            {"ticket_id": 1, "event": "opened"},
            {"ticket_id": 3, "event": "solved: reinstalled"},
        ],
        "last_ticket": 3,
    },
    "shop": {
        "products": {
            "P-10": {"name": "Lamp", "price": 24.5, "category": "home", "stock": 7},
            "P-11": {"name": "Mug", "price": 8.0, "category": "kitchen", "stock": 0},
            "P-12": {"name": "Knife", "price": 31.0, "category": "kitchen", "stock": 30},
        },
        "customers": {
            "C-1": {
                "customer_id": "C-1",
                "name": "Uma Patel",
                "address": {"street": "Quay 4", "city": "Bergen"},
            },
            "C-2": {
                "customer_id": "C-2",
                "name": "Tom Reed",
                "address": {"street": "Hill 9", "city": "Oslo"},
            },
        },
        "orders": {
            "O-1": {
                "order_id": "O-1",
                "customer_id": "C-1",
                "lines": [{"sku": "P-10", "quantity": 2, "price": 24.5}],
                "status": "placed",
                "voucher": None,
                "placed_at": "2024-12-01T09:00:00",
                "shipment": None,
            },
            "O-2": {
                "order_id": "O-2",
                "customer_id": "C-1",
                "lines": [{"sku": "P-12", "quantity": 1, "price": 31.0}],
                "status": "shipped",
                "voucher": "WINTER",
                "placed_at": "2024-12-03T10:30:00",
                "shipment": {"carrier": "post", "at": "2024-12-04T08:00:00"},
            },
        },
        "vouchers": {
            "WINTER": {"percent": 10, "uses_left": 3},
            "GONE": {"percent": 50, "uses_left": 0},
        },
    },
    "clinic": {
        "doctors": {"D1": {"name": "Dr. Falk"}, "D2": {"name": "Dr. Osei"}},
        "patients": {
            "PA": {"name": "Nia Moss", "phone": None, "visits": 1},
            "PB": {"name": "Raj Nair", "phone": "555-0101", "visits": 0},
        },
        "appointments": {
            "1": {
                "patient_id": "PA",
                "doctor_id": "D1",
                "start": "2025-02-03 09:00",
                "status": "booked",
                "notes": [],
            },
            "2": {
                "patient_id": "PB",
                "doctor_id": "D1",
                "start": "2024-10-01 11:00",
                "status": "done",
                "notes": ["fine"],
            },
        },
        "rooms": [
            {"$dataclass": ["Room", {"number": 1, "floor": 0, "equipment": ["scale"]}]},
            {"$dataclass": ["Room", {"number": 2, "floor": 1, "equipment": ["ultrasound"]}]},
        ],
        "holidays": {"$set": ["2025-12-25", "2025-12-26"]},
        "counter": 2,
    },
}


@cache
def clean_source(name: str) -> str:
    """Read the source of a clean environment."""
    return (FOLDER / f"{name}.py.txt").read_text(encoding="utf-8")


def skeleton_of(name: str, source: str) -> Skeleton:
    """Make the row of an environment, its operations as they were planned."""
    class_name = CLASSES[name]
    tools = tools_of(source, class_name)
    return Skeleton(
        id=f"env-{name}",
        summary=name,
        introduction="",
        source_task=None,
        entities=(),
        rules=(),
        operations=tuple(
            Operation(
                name=tool.name,
                description=tool.description,
                kind="query" if tool.name.split("_")[0] in QUERIES else "change",
            )
            for tool in tools
        ),
        class_name=class_name,
        source=source,
        tools=tools,
        structure=structure_of(source, class_name),
    )
