"""Tools that can never succeed, by a word that no record has or a list that holds what is new."""

from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined

DESK = '''
class Desk:
    def __init__(self):
        self.tickets = {}
        self.tables = {}

    def refund(self, ticket_id: str) -> dict:
        """Take a sold ticket back.

        Args:
            ticket_id (str): It.
        """
        ticket = self.tickets.get(ticket_id)
        if ticket is None or ticket["status"] != "sold":
            return {"success": False, "error": "not a sold ticket"}
        ticket["status"] = "refunded"
        return {"success": True, "message": "refunded"}

    def rename_table(self, old: str, new: str) -> dict:
        """Give a table a new name that no table has.

        Args:
            old (str): Its name.
            new (str): The new one.
        """
        names = [name for name in self.tables]
        if old not in self.tables or not new or new in names:
            return {"success": False, "error": "unknown, or a name that is taken"}
        self.tables[new] = self.tables.pop(old)
        return {"success": True, "message": "renamed"}
'''
STATE: JsonObject = {
    "tickets": {
        "a1": {"status": "sold", "name": "Abel"},
        "a2": {"status": "refunded", "name": "B"},
    },
    "tables": {"Rose": {"seats": 4}, "Lily": {"seats": 6}},
}


def stuck(source: str) -> set[str]:
    found = examined(source, STATE).findings
    return {one.tool for one in found if one.kind is FindingKind.UNREACHABLE_SUCCESS}


def test_tools_that_succeed_are_not_stuck() -> None:
    assert stuck(DESK) == set()


def test_a_word_that_no_record_has_and_a_list_that_holds_what_is_new_are_found() -> None:
    source = DESK.replace('!= "sold"', '!= "SOLD"').replace(
        "[name for name in self.tables]", "[name for name in self.tables] + [new]"
    )

    assert stuck(source) == {"refund", "rename_table"}


def test_a_word_that_is_looked_up_in_another_case_than_it_is_kept_in_is_found() -> None:
    source = """
class Yard:
    def __init__(self):
        self.boxes = {}

    def lift(self, code: str, reason: str) -> dict:
        '''Lift a hold of a box.'''
        box = self.boxes.get(code)
        if box is None or reason.strip().FORM() not in box["holds"]:
            return {"success": False, "error": "no such hold"}
        box["holds"].remove(reason.strip().lower())
        return {"success": True, "message": "lifted"}
"""
    state: JsonObject = {"boxes": {"B1": {"holds": ["customs"]}, "B2": {"holds": ["damage"]}}}

    for form, said in (("lower", set[str]()), ("upper", {"lift"})):
        found = examined(source.replace("FORM", form), state).findings
        kind = FindingKind.UNREACHABLE_SUCCESS
        assert {one.tool for one in found if one.kind is kind} == said
