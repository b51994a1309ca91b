"""Sound environments whose sentences are easily read as other rules, and what is suspected."""

from envscaler.records import JsonObject
from tests.check_env.arena import examined, skeleton

GYM = '''
class Gym:
    """Classes of a gym and credits of its members. Refused calls give {"ok": False, "error"}."""

    def __init__(self, state):
        self.today = state["today"]
        self.number = state["number"]
        self.members = {key: dict(one) for key, one in state["members"].items()}
        self.classes = {
            key: {**one, "booked": list(one["booked"])} for key, one in state["classes"].items()
        }

    def schedule_class(self, title: str, day: int, capacity: int) -> dict:
        """Put on a class, today or later, for 1 to 50 people. Returns {"ok", "class_id"}."""
        if not isinstance(title, str) or not title:
            return {"ok": False, "error": "title"}
        if type(day) is not int or day < self.today:
            return {"ok": False, "error": "day"}
        if type(capacity) is not int or not 1 <= capacity <= 50:
            return {"ok": False, "error": "capacity"}
        self.number += 1
        key = f"C{self.number}"
        self.classes[key] = {"title": title, "day": day, "capacity": capacity, "booked": []}
        return {"ok": True, "class_id": key}

    def book_class(self, member_id: str, class_id: str) -> dict:
        """Book a coming class for a member; it costs a credit. Returns {"ok", "credits"}."""
        member, course = self._both(member_id, class_id)
        if member is None or course is None or member_id in course["booked"]:
            return {"ok": False, "error": "unknown, past, or booked already"}
        if member["credits"] < 1 or len(course["booked"]) >= course["capacity"]:
            return {"ok": False, "error": "no credit, or full"}
        member["credits"] -= 1
        course["booked"].append(member_id)
        return {"ok": True, "credits": member["credits"]}

    def leave_class(self, member_id: str, class_id: str) -> dict:
        """Give up a place in a coming class.

        A place given up before the day of the class gives the credit back, on the day it does not.
        Returns {"ok", "credits"}.
        """
        member, course = self._both(member_id, class_id)
        if member is None or course is None or member_id not in course["booked"]:
            return {"ok": False, "error": "unknown, past, or not booked"}
        course["booked"].remove(member_id)
        if course["day"] > self.today:
            member["credits"] += 1
        return {"ok": True, "credits": member["credits"]}

    def _both(self, member_id, class_id):
        member = self.members.get(member_id) if isinstance(member_id, str) else None
        course = self.classes.get(class_id) if isinstance(class_id, str) else None
        return member, course if course and course["day"] >= self.today else None
'''
GYM_STATE: JsonObject = {
    "today": 10,
    "number": 3,
    "members": {
        "M1": {"name": "Ada", "credits": 5},
        "M2": {"name": "Ben", "credits": 17},
        "M3": {"name": "Cleo", "credits": 0},
    },
    "classes": {
        "C1": {"title": "Yoga", "day": 10, "capacity": 9, "booked": ["M1"]},
        "C2": {"title": "Boxing", "day": 10, "capacity": 4, "booked": []},
        "C3": {"title": "Spin", "day": 10, "capacity": 12, "booked": ["M3"]},
    },
}
BANK = '''
class Bank:
    """Accounts of a bank. Refused calls give {"error"}."""

    def __init__(self, accounts=None):
        self.accounts = {key: dict(one) for key, one in (accounts or {}).items()}

    def withdraw(self, number: str, amount: int) -> dict:
        """Pay cash out; from a savings account there is a fee of 2.

        Refused if the withdrawals of a day would pass the daily limit, or if the balance would
        fall below minus the overdraft, the fee included.
        """
        account = self.accounts.get(number) if isinstance(number, str) else None
        if account is None or type(amount) is not int or amount < 1:
            return {"error": "account or amount"}
        fee = 2 if account["kind"] == "savings" else 0
        if account["taken"] + amount > account["daily_limit"]:
            return {"error": "daily limit"}
        if account["balance"] - amount - fee < -account["overdraft"]:
            return {"error": "balance"}
        account["balance"] -= amount + fee
        account["taken"] += amount
        return {"balance": account["balance"]}

    def set_overdraft(self, number: str, overdraft: int) -> dict:
        """Set the overdraft of an account, 0 to 90000."""
        account = self.accounts.get(number) if isinstance(number, str) else None
        if account is None or type(overdraft) is not int or not 0 <= overdraft <= 90000:
            return {"error": "account or overdraft"}
        if account["balance"] < -overdraft:
            return {"error": "overdrawn by more"}
        account["overdraft"] = overdraft
        return {"overdraft": overdraft}

    def open_account(self, number: str) -> dict:
        """Open a current account."""
        if not isinstance(number, str) or not number or number in self.accounts:
            return {"error": "number"}
        self.accounts[number] = {
            "kind": "current", "balance": 0, "overdraft": 0, "daily_limit": 500, "taken": 0
        }
        return {"number": number}

    def close_account(self, number: str) -> dict:
        """Close an account; half of what is on it is given to the owner, the rest is a fee."""
        account = self.accounts.get(number) if isinstance(number, str) else None
        if account is None or account["balance"] < 0:
            return {"error": "account"}
        del self.accounts[number]
        return {"given": account["balance"] // 2}
'''
BANK_STATE: JsonObject = {
    "accounts": {
        "K1": {"kind": "current", "balance": 800, "overdraft": 100, "daily_limit": 500, "taken": 0},
        "K2": {"kind": "current", "balance": 20, "overdraft": 0, "daily_limit": 300, "taken": 10},
        "K3": {"kind": "savings", "balance": 9000, "overdraft": 0, "daily_limit": 900, "taken": 0},
        "K4": {"kind": "current", "balance": 70, "overdraft": 50, "daily_limit": 400, "taken": 0},
    }
}


def suspected(source: str, state: JsonObject) -> list[str]:
    examination = examined(skeleton(source), state)
    assert examination.serious == ()
    return [one.message for one in examination.findings if one.severity == "possible"]


def test_what_is_given_back_only_before_a_day_is_suspected_with_its_sentence() -> None:
    [message] = suspected(GYM, GYM_STATE)

    assert "on the day it does not" in message


def test_a_fee_for_some_accounts_and_limits_of_others_are_no_conditions() -> None:
    [message] = suspected(BANK, BANK_STATE)

    assert "never negative: it held before the call, and not after it" in message
    assert message.endswith("It is stated nowhere")
