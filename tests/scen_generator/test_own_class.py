"""Scenarios without a model for a class that somebody wrote, in the states that they gave."""

from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.context import SearchContext
from tests.scen_generator.own_class import (
    BARE,
    FULL,
    KEYS,
    drops_in,
    generate,
    import_into,
    scenarios_in,
)


def more() -> JsonObject:
    return {f"K{number}": {"name": f"Room {number}", "lost": False} for number in range(9, 12)}


LOADS = KEYS.replace("__init__(self, book)", "load_state(self, book)")


UNTYPED = """
class Lockers:
    def __init__(self, book):
        self.lockers = {int(number): dict(one) for number, one in book["lockers"].items()}

    def list_lockers(self):
        \"\"\"List all lockers.\"\"\"
        return [{"number": number, **one} for number, one in self.lockers.items()]

    def close_locker(self, locker):
        \"\"\"Close a locker.\"\"\"
        if self._one(locker)["status"] == "closed":
            raise ValueError("It is closed")
        self._one(locker)["status"] = "closed"

    def _one(self, number):
        return self.lockers[number]
"""


def test_ids_may_be_numbers_and_parameters_have_no_types(
    tmp_path: Path, settings: Settings
) -> None:
    lockers: JsonObject = {str(n): {"hall": hall, "status": "open"} for n, hall in enumerate("ABC")}
    import_into(tmp_path, UNTYPED, {"lockers": lockers})

    generate(tmp_path, settings)

    made = [row.proof.reference[-1] for row in scenarios_in(tmp_path) if row.proof]
    assert made
    assert all(type(call.arguments["locker"]) is int for call in made)


def test_scenarios_begin_in_the_states_that_were_imported(
    tmp_path: Path, settings: Settings
) -> None:
    import_into(tmp_path, KEYS, FULL)

    generate(tmp_path, settings)

    made = scenarios_in(tmp_path)
    assert made
    assert all(row.initial_state == FULL and row.proof for row in made)


def test_states_that_the_settings_name_go_before_imported_ones(
    tmp_path: Path, settings: Settings
) -> None:
    row = import_into(tmp_path, KEYS, FULL)
    named = tmp_path / "named.jsonl"
    other: JsonObject = {"keys": {"K8": {"name": "Shed", "lost": False}, **more()}}
    import_into(tmp_path / "other", KEYS, other)
    (tmp_path / "other" / "states.jsonl").rename(named)

    generate(tmp_path, settings, states=named)

    made = scenarios_in(tmp_path)
    assert made
    assert all((each.env_id, each.initial_state) == (row.id, other) for each in made)


@pytest.mark.parametrize("states", [(BARE, FULL), (BARE, BARE, FULL)])
def test_where_a_state_has_nothing_to_ask_for_another_one_may(
    tmp_path: Path, settings: Settings, states: tuple[JsonObject, ...]
) -> None:
    import_into(tmp_path, KEYS, *states)

    generate(tmp_path, settings)

    assert len(scenarios_in(tmp_path)) > 1


def test_a_state_that_does_not_load_leaves_the_others(tmp_path: Path, settings: Settings) -> None:
    import_into(tmp_path, KEYS, {"doors": {}}, FULL)

    generate(tmp_path, settings)

    assert scenarios_in(tmp_path)


def test_a_method_that_loads_a_state_is_no_change_that_is_asked_for(tmp_path: Path) -> None:
    row = import_into(tmp_path, LOADS, FULL)

    assert "load_state" in row.structure.changes
    assert SearchContext(row, FULL).writers() == ["flag_key"]


def test_who_gave_no_state_is_told_to_where_invented_ones_do_not_load(
    tmp_path: Path, settings: Settings
) -> None:
    import_into(tmp_path, KEYS)

    generate(tmp_path, settings)

    assert {row.kind for row in drops_in(tmp_path)} == {"no_state"}
    assert "envscaler import FILE.py --states STATES.json" in drops_in(tmp_path)[0].reason


def test_a_stage_that_works_in_rounds_has_one_line(tmp_path: Path, settings: Settings) -> None:
    import_into(tmp_path, KEYS, FULL)

    made, kept = generate(tmp_path, settings)

    assert (made.name, kept.name) == ("gen-scen", "dedupe")
    assert kept.written == len(scenarios_in(tmp_path))
    assert made.written == kept.written + kept.dropped
    assert made.dropped == len([row for row in drops_in(tmp_path) if row.stage == "gen-scen"])
    again = generate(tmp_path, settings)[1]
    assert (again.written, again.skipped) == (0, kept.written)
