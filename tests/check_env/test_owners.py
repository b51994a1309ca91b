"""Only whom a field names may do it, where a sentence says so."""

import pytest

from envscaler.check_env.stated_rules.owners import owners
from envscaler.check_env.stated_rules.reader import schema_of
from envscaler.check_env.stated_rules.rule import Step
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import read_subject
from envscaler.records import FindingCall, JsonObject, Observation, ObservationKind
from envscaler.sandbox import ProbeResult
from tests.check_env.arena import skeleton

SOURCE = """
class House:
    # {"seller_id", "name", "status"}
    def __init__(self):
        self.lots = {}

    def look(self):
        return {"success": True, "data": len(self.lots)}
"""
STATE: JsonObject = {
    "lots": {"7": {"seller_id": 1, "status": "open"}, "8": {"seller_id": 2, "status": "open"}},
    "members": {"1": {"name": "Ann"}, "2": {"name": "Bo"}},
}
LINKS = {"withdraw_lot": {"lot_id": "lots", "member_id": "members"}}


@pytest.mark.parametrize(("member", "broken"), [(1, set[str]()), (2, {"7: 2"})])
def test_another_one_than_the_owner_breaks_it(member: int, broken: set[str]) -> None:
    schema = schema_of(read_subject(skeleton(SOURCE)), [STATE])
    sentence = Statement("A lot with bids is not withdrawn, and only its seller withdraws it.", "")
    arguments: JsonObject = {"lot_id": 7, "member_id": member}
    result = ProbeResult(Observation(kind=ObservationKind.OK, value={"success": True}))
    seen = CallRecord(
        0, (), FindingCall(tool="withdraw_lot", arguments=arguments), STATE, STATE, result
    )

    [rule] = owners(sentence, schema, LINKS)

    assert set(rule.broken_by(Step(schema.states[0], schema.states[0], seen))) == broken


def test_another_deed_is_not_meant() -> None:
    schema = schema_of(read_subject(skeleton(SOURCE)), [STATE])
    sentence = Statement("Only its seller renames it.", "")

    assert [*owners(sentence, schema, LINKS)] == []
