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
    assert relation("reference").broken(changed("P3", parents=["P9"]))


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
