"""What is called slow in a state with many records: by processor time, not by a busy machine."""

import pytest

from envscaler.check_env.detectors.hostile_inputs import hostile_calls
from envscaler.records import FindingKind, JsonObject, ObservationKind
from envscaler.sandbox import ProbeResult
from tests.check_env.listening import claimed
from tests.check_env.scripted import Answer, call, result

SOURCE = '''
class Club:
    def __init__(self):
        self.players = {}

    def standings(self) -> dict:
        """All players, the best first."""
        return {"success": True, "data": sorted(self.players)}
'''
STATE: JsonObject = {"players": {"p1": {"name": "Ann"}, "p2": {"name": "Bob"}}}


@pytest.mark.parametrize(
    ("kind", "seconds", "claims"),
    [
        (ObservationKind.TIMEOUT, 0.9, [FindingKind.SLOW_CALL]),
        (ObservationKind.TIMEOUT, 0.2, []),
        (ObservationKind.MEMORY, 0.0, [FindingKind.SLOW_CALL]),
        (ObservationKind.OK, 0.2, []),
    ],
)
def test_a_call_that_ran_out_of_time_had_to_have_some(
    kind: ObservationKind, seconds: float, claims: list[FindingKind]
) -> None:
    def standings(state: JsonObject, _arguments: JsonObject) -> Answer:
        many = len(str(state["players"])) > len(str(STATE["players"]))
        fine: JsonObject = {"success": True, "data": 2}
        return ProbeResult(result(fine, kind), seconds=seconds) if many else fine

    found = claimed(
        hostile_calls, {"standings": standings}, STATE, call("standings"), source=SOURCE
    )

    assert [one.kind for one in found][:1] == claims
