"""Initial states of the four environments, drawn by a seed."""

from collections.abc import Callable, Mapping
from random import Random

RECORDS = 6
"""Records in a state."""
FIRST = (
    *("Ada", "Ben", "Carla", "David", "Elena", "Farid", "Greta", "Hana"),
    *("Ivan", "Julia", "Karim", "Lena", "Marco", "Nadia", "Omar", "Paula"),
)
LAST = (
    *("Adler", "Brandt", "Costa", "Duval", "Eriksen", "Fischer", "Garcia"),
    *("Haddad", "Ito", "Jensen", "Kovacs", "Lopez", "Moreau", "Novak"),
)
Record = dict[str, str | int]
MAKERS: Mapping[str, tuple[str, str, str, Callable[[Random], Record]]] = {
    # collection, id, name of the person, and all else
    "library": (
        "loans",
        "loan_id",
        "reader_name",
        lambda random: {
            "title": random.choice(["Dune", "Emma", "Ulysses", "Solaris", "Persuasion"]),
            "status": random.choice(["open", "renewed", "lost"]),
        },
    ),
    "lockers": (
        "parcels",
        "parcel_id",
        "recipient_name",
        lambda random: {
            "locker": f"{random.choice('ABCD')}{random.randint(1, 20)}",
            "status": random.choice(["waiting", "collected", "returned"]),
        },
    ),
    "workshop": (
        "repairs",
        "repair_id",
        "customer_name",
        lambda random: {
            "priority": random.choice(["low", "normal", "high"]),
            "price": random.randint(20, 200),
        },
    ),
    "nursery": (
        "orders",
        "order_id",
        "buyer_name",
        lambda random: {
            "plant": random.choice(["rose", "fern", "olive tree", "lavender", "maple"]),
            "size": random.choice(["small", "medium", "large"]),
        },
    ),
}


def draw_states(name: str, count: int, seed: int) -> list[dict[str, dict[str, Record]]]:
    """Draw initial states of an environment."""
    collection, key, person, rest = MAKERS[name]
    random = Random(f"{seed}:{name}")
    drawn: list[dict[str, dict[str, Record]]] = []
    for _ in range(count):
        people = random.sample([f"{first} {last}" for first in FIRST for last in LAST], RECORDS)
        ids = [
            f"{collection[0].upper()}{number}"
            for number in random.sample(range(1000, 9999), RECORDS)
        ]
        records = zip(ids, people, strict=True)
        drawn.append(
            {collection: {one: {key: one, person: who} | rest(random) for one, who in records}}
        )
    return drawn
