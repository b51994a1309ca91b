"""What a record says of all that refer to it, found in lawful states and broken in others."""

from pydantic import JsonValue

from envscaler.environment.state.plain_rows import as_given, has_objects
from envscaler.environment.state.relation import Relation, View
from envscaler.environment.state.relations import relations_of
from envscaler.records import JsonObject


def gauges(last: JsonValue) -> JsonObject:
    return {
        "gauges": {
            "G1": {"gauge_id": "G1", "last_day": last},
            "G2": {"gauge_id": "G2", "last_day": 40},
            "G3": {"gauge_id": "G3", "last_day": 7},
            "G4": {"gauge_id": "G4", "last_day": None},
        },
        "tests": {
            "T1": {"test_id": "T1", "gauge_id": "G1", "day": 30},
            "T2": {"test_id": "T2", "gauge_id": "G1", "day": 12},
            "T3": {"test_id": "T3", "gauge_id": "G2", "day": 40},
            "T4": {"test_id": "T4", "gauge_id": "G3", "day": 7},
        },
    }


def vaults(*held: str, away: str = "Frost") -> JsonObject:
    rows: dict[str, JsonValue] = {
        f"L{n}": {"vault": vault, "status": "held"} for n, vault in enumerate(held)
    }
    rows |= {f"X{n}": {"vault": away, "status": "gone"} for n in range(3)}
    return {"vaults": {"Frost": 2, "Ice": 1}, "lots": rows}


def slots(start: int) -> JsonObject:
    return {
        "flights": {
            "F1": {"flight_id": "F1", "plane": "P1"},
            "F2": {"flight_id": "F2", "plane": "P1"},
            "F3": {"flight_id": "F3", "plane": "P2"},
        },
        "slots": {
            "S1": {"slot_id": "S1", "flight_id": "F1", "start": 10, "end": 20},
            "S2": {"slot_id": "S2", "flight_id": "F2", "start": start, "end": 40},
            "S3": {"slot_id": "S3", "flight_id": "F3", "start": 5, "end": 35},
        },
    }


def about(state: JsonObject, text: str) -> Relation:
    [found] = [one for one in relations_of([state]) if one.text.startswith(text)]
    return found


def test_the_highest_of_what_refers_to_a_record_is_worked_out() -> None:
    relation = about(gauges(30), "gauges.*.last_day is the most of day in the tests")

    assert not relation.broken(View(gauges(30)))
    assert relation.broken(View(gauges(12))) == {"G1"}


def test_a_number_by_name_limits_what_is_there_with_one_status() -> None:
    relation = about(vaults("Frost", "Ice"), "There are never more lots with status 'held'")

    assert not relation.broken(View(vaults("Frost", "Frost", "Ice")))
    assert relation.broken(View(vaults("Frost", "Ice", "Ice"))) == {"Ice"}


def test_periods_of_one_group_do_not_meet_though_the_group_is_told_elsewhere() -> None:
    relation = about(slots(20), "No two slots of one plane of its flight_id meet")

    assert not relation.broken(View(slots(20)))
    assert relation.broken(View(slots(19))) == {"S1 and S2"}


def test_a_state_is_given_as_rows_to_a_class_that_makes_objects_of_them() -> None:
    live: JsonObject = {"lots": {"L1": {"$dataclass": ["Lot", {"lot_id": "L1"}]}}, "today": 3}

    assert has_objects(live)
    assert as_given(live, {"lots": []}) == {"lots": [{"lot_id": "L1"}], "today": 3}
    assert as_given(live, {"lots": {}}) == {"lots": {"L1": {"lot_id": "L1"}}, "today": 3}


def test_numbered_records_are_given_as_rows_too() -> None:
    live: JsonObject = {"lots": {"$dict": [[7, {"$dataclass": ["Lot", {"no": 7}]}]]}}

    assert as_given(live, {"lots": []}) == {"lots": [{"no": 7}]}
    assert as_given(live, {"lots": {}}) == {"lots": {"7": {"no": 7}}}
