"""Relations between the parts of lawful states."""

from envscaler.environment.state.relation import Relation, View
from envscaler.environment.state.relations import relations_of
from envscaler.records import JsonObject

STATE: JsonObject = {
    "people": {
        "P1": {"person_id": "P1", "born": 1900, "parents": []},
        "P2": {"person_id": "P2", "born": 1930, "parents": ["P1"]},
        "P3": {"person_id": "P3", "born": 1960, "parents": ["P2"]},
        "P4": {"person_id": "P4", "born": 1962, "parents": ["P2", "P1"]},
    }
}


def relation(kind: str) -> Relation:
    return next(one for one in relations_of([STATE]) if one.kind == kind)


def changed(person: str, **fields: object) -> View:
    people = STATE["people"]
    assert isinstance(people, dict)
    record = people[person]
    assert isinstance(record, dict)
    return View({"people": {**people, person: {**record, **fields}}})  # type: ignore[dict-item]


def test_references_have_to_exist() -> None:
    assert relation("membership").broken(changed("P3", parents=["P9"]))


def test_nothing_leads_to_itself() -> None:
    assert relation("acyclic").broken(changed("P1", parents=["P3"]))


def test_an_order_between_records_that_refer_to_each_other_is_seen() -> None:
    assert relation("order_across").broken(changed("P2", born=1890))


def test_what_holds_in_no_way_is_no_relation() -> None:
    assert all(not one.broken(View(STATE)) for one in relations_of([STATE]))


def test_a_number_that_names_a_record_is_not_compared() -> None:
    lots: JsonObject = {
        str(number): {"lot_id": number, "start_price": 10 + number, "bid": 5 + number}
        for number in range(1, 9)
    }

    orders = [one.names for one in relations_of([{"lots": lots}]) if one.kind == "order"]

    assert orders == [frozenset(("bid", "start_price"))]


ORDERS: JsonObject = {
    "orders": {
        f"O{number}": {
            "total": sum(count * 3 for count in range(number)),
            "lines": [{"count": count, "price": 3} for count in range(number)],
            "size": number,
        }
        for number in range(1, 6)
    }
}


def test_a_total_and_a_count_of_what_a_record_holds_are_seen() -> None:
    found = {one.text: one for one in relations_of([ORDERS]) if one.kind == "derived"}
    stale: JsonObject = {"orders": {"O4": {"total": 18, "lines": [], "size": 0}}}

    assert sorted(found) == [
        "orders.*.size is how many lines there are",
        "orders.*.total is the sum of lines.count times price",
    ]
    assert [bool(one.broken(View(stale))) for _, one in sorted(found.items())] == [False, True]


def test_numbers_that_agree_once_only_are_no_total() -> None:
    one: JsonObject = {"orders": {"O1": {"total": 3, "lines": [{"count": 1, "price": 3}]}}}

    assert [each for each in relations_of([one]) if each.kind == "derived"] == []


def test_what_is_at_most_as_large_as_that_of_its_owner_is_seen() -> None:
    halls: JsonObject = {"h1": {"hall_id": "h1", "size": 5}, "h2": {"hall_id": "h2", "size": 8}}
    shows: JsonObject = {
        f"s{number}": {"show_id": f"s{number}", "hall_id": hall, "size": size}
        for number, (hall, size) in enumerate([("h1", 5), ("h1", 4), ("h2", 8), ("h2", 6)])
    }
    state: JsonObject = {"halls": halls, "shows": shows}

    found = next(one for one in relations_of([state]) if one.kind == "order_across")
    large: JsonObject = {**shows, "s9": {"show_id": "s9", "hall_id": "h1", "size": 6}}

    assert found.text == "shows.*.size is not more than that of its hall_id"
    assert found.broken(View({"halls": halls, "shows": large})) == {"s9"}
