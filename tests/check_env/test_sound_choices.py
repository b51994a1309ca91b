"""Sound classes by strangers, whose choices look like faults until one reads what they say."""

import pytest

from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined, found

TALLY = '''
class Yard:
    """A yard. {said}"""

    def __init__(self, yard: dict):
        self.yard = dict(yard)

    def _no(self, why):
        self.yard["turned_down"] += 1
        return {{"done": False, "why": why}}

    def take(self, name: str) -> dict:
        """Take a new hide."""
        if not name.strip() or name in self.yard["hides"]:
            return self._no("no such name")
        self.yard["hides"][name] = 1
        return {{"done": True, "hide": name}}
'''


@pytest.mark.parametrize(
    "said",
    [
        "After a refusal nothing has changed but the tally `turned_down`.",
        "A call that is refused changes nothing, and only `turned_down` has gone up by one.",
        "Each refusal is counted in turned_down, for the foreman.",
        "What is refused changes nothing except the counter turned_down.",
    ],
)
def test_a_count_of_refusals_that_is_told_is_no_fault(said: str) -> None:
    state: JsonObject = {"hides": {"ox": 1}, "turned_down": 0}
    silent = "A refused call leaves turned_down hides as they were."

    told = examined(TALLY.format(said=said), state)
    untold = examined(TALLY.format(said=silent), state)

    assert told.serious == ()
    assert (FindingKind.REFUSED_CALL_CHANGED_STATE, "take") in found(untold)


QUERY = '''
class Desk:
    """A desk of tickets."""

    def __init__(self, tickets, audit):
        self.tickets, self.audit = dict(tickets), list(audit)

    def read_ticket(self, name: str) -> dict:
        """Show a ticket. {said}"""
        if name not in self.tickets:
            return {{"success": False, "error": "no such ticket"}}
        self.audit.append(name)
        return {{"success": True, "data": self.tickets[name]}}
'''


def test_a_trace_that_a_query_is_said_to_leave_is_no_fault() -> None:
    state: JsonObject = {"tickets": {"T-1": "broken", "T-2": "lost"}, "audit": []}
    kind = (FindingKind.QUERY_CHANGES_STATE, "read_ticket")

    told = QUERY.format(said="Each reading is itself written to the audit list.")
    other = QUERY.format(said="Each ticket is itself kept beside the audit list.")

    assert kind not in found(examined(told, state))
    assert kind in found(examined(other, state))


BOARD = '''
class Board:
    """A board of tasks. Each is held once, and found by its id and in its column."""

    def __init__(self, tasks: list):
        self.tasks = {str(one["id"]): dict(one) for one in tasks}
        self.columns = {"open": [*self.tasks.values()], "done": []}
        LAST

    def rename(self, task: str, title: str) -> dict:
        """Rename a task."""
        if task not in self.tasks or not title.strip():
            return {"success": False, "error": "no such task, or no title"}
        self.tasks[task]["title"] = TITLE
        return {"success": True, "message": "renamed"}
'''


def test_a_record_in_two_tables_is_one_in_an_environment_made_anew() -> None:
    state: JsonObject = {"tasks": [{"id": 1, "title": "sort"}, {"id": 2, "title": "wash"}]}
    sound = BOARD.replace("LAST", "pass").replace("TITLE", "title.strip()")
    hidden = BOARD.replace("LAST", "pass").replace("TITLE", "title + USED.pop()")
    hidden = f"USED = list('abcdefghijklmnopqrstuvwxyz' * 99)\n\n{hidden}"

    assert examined(sound, state).serious == ()
    assert any(one.kind is FindingKind.HIDDEN_STATE for one in examined(hidden, state).findings)


def test_texts_that_answer_yes_or_no_tell_success_from_refusal() -> None:
    source = '''
class Choir:
    """Singers."""

    def __init__(self, singers: dict):
        self.singers = dict(singers)

    def enrol(self, singer: str, voice: str) -> str:
        """Enter a singer."""
        if not singer.strip() or voice not in ("alto", "bass"):
            return "No, unknown voice"
        self.singers[singer] = voice
        return "Yes, entered"

    def move(self, singer: str, voice: str) -> str:
        """Change the voice of a singer."""
        if singer not in self.singers or voice not in ("alto", "bass"):
            return f"No, {singer} is unknown or has no such voice"
        self.singers[singer] = voice
        return "Yes, changed"
'''
    examination = examined(source, {"singers": {"Ida": "alto"}})

    assert examination.serious == ()
    assert 0 < examination.tools["move"].succeeded < examination.tools["move"].calls


def test_none_from_a_helper_that_returns_nothing_else_is_a_refusal() -> None:
    source = '''
class Hall:
    """What is refused gives None, and leaves its reason on the slate."""

    def __init__(self, lots: dict, slate: str = ""):
        self.lots, self.slate = dict(lots), slate

    def _refuse(self, reason):
        self.slate = reason
        return None

    def land(self, boat: str, kg: int):
        """Enter a lot; gives its weight."""
        if not boat.strip() or not 1 <= kg <= 500:
            return self._refuse("1 to 500 kg")
        self.lots[boat] = kg
        return kg

    def weigh(self, boat: str):
        """The weight of a lot."""
        if boat not in self.lots:
            return self._refuse("no such lot")
        return self.lots[boat]
'''
    examination = examined(source, {"lots": {"Eva": 20}, "slate": ""})

    assert examination.serious == ()
    assert 0 < examination.tools["weigh"].succeeded < examination.tools["weigh"].calls


def test_a_parameter_without_a_type_is_tried_with_numbers_too() -> None:
    source = '''
class Till:
    """Accounts."""

    def __init__(self, *, accounts):
        self.accounts = dict(accounts)

    @staticmethod
    def _fits(value):
        return isinstance(value, int) and not isinstance(value, bool) and value > 0

    def deposit(self, account, cents):
        """Pay in."""
        if account not in self.accounts or not self._fits(cents):
            return False, "bad argument"
        self.accounts[account] += cents
        return True, self.accounts[account]
'''
    assert examined(source, {"accounts": {"m1": 5}}).tools["deposit"].succeeded


def test_what_a_flag_keeps_from_being_stored_is_no_sure_fault() -> None:
    source = '''
class Lab:
    """Vials."""

    def __init__(self, vials: dict, sent: dict):
        self.vials, self.sent = dict(vials), dict(sent)

    def dispatch(self, hospital: str, vial: str, rehearse: bool = False) -> dict:
        """Send a vial, or with `rehearse` say what would be sent."""
        if not hospital.strip() or vial not in self.vials:
            return {"success": False, "error": "no hospital, or no such vial"}
        if not rehearse:
            self.sent[vial] = hospital.strip()
        return {"success": True, "data": {"vial": vial}}
'''
    lost = source.replace("if not rehearse:", "if hospital.startswith('Fresh'):")
    state: JsonObject = {"vials": {"v1": 3, "v2": 5}, "sent": {"v9": "St Luke"}}

    assert examined(source, state).serious == ()
    assert [one.kind for one in examined(lost, state).serious] == [
        FindingKind.SUCCESS_WITHOUT_CHANGE
    ]


def test_a_flag_that_stands_in_a_record_is_none_of_its_id() -> None:
    source = '''
class Bank:
    """Accounts, and a ledger."""

    def __init__(self, accounts: dict, ledger: list, month: int):
        self.accounts = {key: dict(one) for key, one in accounts.items()}
        self.ledger, self.month = list(ledger), month

    def add_interest(self, dry_run: bool = False) -> dict:
        """Book a new line of interest for the largest account, and go to the next month."""
        key = max(self.accounts, key=lambda one: self.accounts[one]["cents"])
        if not dry_run:
            self.accounts[key]["cents"] += 10
            self.ledger.append({"account": key, "month": self.month, "cents": 10})
            self.month += 1
        return {"success": True, "data": {"account": key}}
'''
    state: JsonObject = {
        "accounts": {"m1": {"cents": 9, "frozen": False}, "m2": {"cents": 5, "frozen": True}},
        "ledger": [],
        "month": 3,
    }

    assert (FindingKind.DUPLICATE_ID, "add_interest") not in found(examined(source, state))
