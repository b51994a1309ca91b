"""Collections of a state."""

from envscaler.environment.state.collections import emptied
from envscaler.records import JsonObject


def test_an_emptied_state_keeps_its_attributes_and_loses_its_records() -> None:
    state: JsonObject = {"boats": {"B": {}}, "log": [1], "next": 7, "name": "x"}

    assert emptied(state) == {"boats": {}, "log": [], "next": 7, "name": "x"}
