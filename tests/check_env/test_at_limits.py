"""Faults that show only at a limit, or about one thing that another tool has changed before."""

from envscaler.published.module import skeleton_of
from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined, found

BANK = '''
class Bank:
    def __init__(self):
        self.vaults = {}
        self.lots = {}

    def move_lot(self, lot_id: str, vault: str) -> dict:
        """Move a lot to another vault."""
        if lot_id not in self.lots or vault not in self.vaults:
            return {"success": False, "error": "unknown"}
        if sum(one["vault"] == vault for one in self.lots.values()) >= self.vaults[vault]:
            return {"success": False, "error": "full"}
        self.lots[lot_id]["vault"] = vault
        return {"success": True, "message": "moved"}

    def deposit_lot(self, kind: str, vault: str) -> dict:
        """Take in a lot."""
        if not kind.strip() or vault not in self.vaults:
            return {"success": False, "error": "unknown"}
        if sum(one["vault"] == vault for one in self.lots.values()) >= self.vaults[vault]:
            return {"success": False, "error": "full"}
        number = 1 + max(int(key[1:]) for key in self.lots)
        self.lots[f"L{number}"] = {"kind": kind, "vault": vault, "tested": None}
        return {"success": True, "message": f"L{number}"}

    def withdraw_lot(self, lot_id: str) -> dict:
        """Give up a lot: it has no vault then."""
        if lot_id not in self.lots or not self.lots[lot_id]["vault"]:
            return {"success": False, "error": "unknown"}
        self.lots[lot_id]["vault"] = ""
        return {"success": True, "message": "gone"}

    def get_lot(self, lot_id: str) -> dict:
        """Tell where a lot is, and how good."""
        lot = self.lots.get(lot_id)
        if lot is None:
            return {"success": False, "error": "unknown"}
        quality = "untested" if lot["tested"] is None else f"{lot['tested']:d}"
        return {"success": True, "data": f"{lot['vault']}, {quality}"}
'''
STATE: JsonObject = {
    "vaults": {"Frost": 3, "Ice": 2},
    "lots": {
        "L1": {"kind": "rye", "vault": "Frost", "tested": 90},
        "L2": {"kind": "oat", "vault": "Frost", "tested": 70},
        "L3": {"kind": "flax", "vault": "Ice", "tested": 50},
        "L4": {"kind": "pea", "vault": "Ice", "tested": None},
    },
}
RULES = ("A vault never holds more lots than its capacity.",)
ASKS_FIRST = '"untested" if lot["tested"] is None else'


def kinds_of(source: str) -> set[tuple[FindingKind, str]]:
    row = skeleton_of(source).model_copy(update={"rules": RULES})
    return found(examined(row, STATE))


def test_a_sound_bank_has_no_finding() -> None:
    assert kinds_of(BANK) == set()


def test_one_more_in_a_full_vault_is_found() -> None:
    before, tool, after = BANK.partition("    def deposit_lot")

    broken = kinds_of(before + tool + after.replace(">= self.vaults", "> self.vaults"))

    assert (FindingKind.BROKEN_INVARIANT, "deposit_lot") in broken


def test_what_fails_only_for_a_thing_that_was_changed_before_is_found() -> None:
    faulty = BANK.replace(ASKS_FIRST, '"untested" if lot["vault"] and not lot["tested"] else')

    assert (FindingKind.UNCAUGHT_EXCEPTION, "get_lot") in kinds_of(faulty)
