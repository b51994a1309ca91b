"""Where most tools fail at the form of their data, the states are doubted, not the tools."""

import pytest

from envscaler.records import Finding, JsonObject
from tests.check_env.arena import examined

HEAD = '''
from dataclasses import dataclass


@dataclass
class Row:
    name: str
    size: int


class Shelf:
    """Boxes on a shelf."""

    def __init__(self):
        self.boxes = {}

    def put(self, box_id: str, name: str, size: int) -> dict:
        """Put a box there."""
        if box_id in self.boxes:
            return {"success": False, "error": "there is one"}
        self.boxes[box_id] = Row(name, size)
        return {"success": True, "message": "put"}
'''
QUERY = '''
    def NAME(self, box_id: str) -> dict:
        """Tell of a box."""
        if box_id not in self.boxes:
            return {"success": False, "error": "no such box"}
        return {"success": True, "data": self.boxes[box_id].size}
'''
STATE: JsonObject = {
    "boxes": {"b1": {"name": "nails", "size": 3}, "b2": {"name": "wood", "size": 9}}
}


def exceptions(queries: int) -> tuple[list[Finding], list[str]]:
    source = HEAD + "".join(QUERY.replace("NAME", f"size_{number}") for number in range(queries))
    examination = examined(source, STATE)
    found = [one for one in examination.findings if one.kind == "uncaught_exception"]
    return found, [one.rule for one in examination.discarded]


@pytest.mark.parametrize(("queries", "severity"), [(1, "serious"), (4, "possible")])
def test_a_failure_of_most_tools_is_only_possible(queries: int, severity: str) -> None:
    found, told = exceptions(queries)

    assert {one.severity for one in found} == {severity}
    assert ("States" in told) == (severity == "possible")
