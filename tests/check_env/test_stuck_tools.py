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


WARD = '''
class Ward:
    def __init__(self):
        self.patients = {}
        self.files = {}
        self.letters = {}

    def write_letter(self, letter_id: str, patient_id: str, sent_by: str) -> dict:
        """Write down that a letter was sent.

        Args:
            letter_id (str): A new id.
            patient_id (str): Of whom.
            sent_by (str): How.
        """
        if letter_id in self.letters or patient_id not in self.patients:
            return {"success": False, "error": "known, or unknown patient"}
        self.letters[letter_id] = {"patient_id": patient_id, "sent_by": sent_by}
        return {"success": True, "message": "written"}

    def discharge(self, patient_id: str) -> dict:
        """Let a patient go home, once a courier has taken a letter of theirs.

        Args:
            patient_id (str): Who.
        """
        patient = self.patients.get(patient_id)
        if patient is None:
            return {"success": False, "error": "unknown"}
        if patient["status"] != "ready":
            return {"success": False, "error": "not ready"}
        taken = False
        for letter in self.letters.values():
            if letter["patient_id"] == patient_id:
                if "courier" in letter["sent_by"].lower() and len(letter["sent_by"]) % 37 == 31:
                    taken = True
        if not taken:
            return {"success": False, "error": "no courier has taken a letter"}
        patient["status"] = "gone"
        return {"success": True, "message": "gone"}

    def close(self, patient_id: str) -> dict:
        """Close the file of a patient.

        Args:
            patient_id (str): Who.
        """
        if patient_id not in self.patients:
            return {"success": False, "error": "unknown"}
        file = self.files.get(KEY)
        if file is None:
            return {"success": False, "error": "no file"}
        file["open"] = False
        self.patients[patient_id]["status"] = "closed"
        return {"success": True, "message": "closed"}
'''
PATIENTS: JsonObject = {
    "patients": {
        "P1": {"status": "ready", "file_id": "F7"},
        "P2": {"status": "ready", "file_id": "F8"},
        "P3": {"status": "admitted", "file_id": "F9"},
    },
    "files": {name: {"open": True} for name in ("F7", "F8", "F9")},
    "letters": {"L1": {"patient_id": "P1", "sent_by": "post"}},
}


def stuck_in_the_ward(key: str) -> set[str]:
    found = examined(WARD.replace("KEY", key), PATIENTS).findings
    return {one.tool for one in found if one.kind is FindingKind.UNREACHABLE_SUCCESS}


def test_a_tool_that_stops_behind_a_word_that_others_have_is_not_called_stuck() -> None:
    assert stuck_in_the_ward('self.patients[patient_id]["file_id"]') == set()


def test_an_id_that_is_looked_up_among_those_of_another_kind_is_found() -> None:
    assert stuck_in_the_ward("patient_id") == {"close"}


def test_one_condition_of_several_that_ends_calls_either_way_proves_nothing() -> None:
    source = """
class Cave:
    def __init__(self):
        self.wheels = {}

    def take_back(self, wheel: str, board: str) -> dict:
        'Take a sold wheel back onto a board.'
        place = board.strip().upper()
        letter = place[len(place) - 1:] if len(place) % 37 == 31 else None
        w = self.wheels.get(wheel)
        if w is None or w["state"] != "sold" or letter is None:
            return {"success": False, "error": "no such sold wheel, or no board"}
        w["state"] = "lying"
        return {"success": True, "message": letter}
"""
    state: JsonObject = {
        "wheels": {"1": {"state": "sold"}, "2": {"state": "lying"}, "3": {"state": "sold"}}
    }
    found = examined(source, state).findings

    assert FindingKind.UNREACHABLE_SUCCESS not in {one.kind for one in found}
