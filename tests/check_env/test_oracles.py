"""Oracles without a model, each on a scripted answer or a small class."""

from envscaler.check_env.detectors.hostile_inputs import attacks
from envscaler.check_env.detectors.wrong_answers import as_texts, names_order
from envscaler.environment.code.predicates import read_predicates
from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import examined, found

K = FindingKind


def test_numbers_in_the_order_of_their_digits_are_seen() -> None:
    assert as_texts([["a", 10000], ["b", 1200], ["c", 650]]) == ""
    assert as_texts([["a", 10000], ["b", 650], ["c", 950]]) == "1"


COUNTS = '''
class Counts:
    def __init__(self):
        self.gauges = {}

    def list_gauges(self) -> dict:
        """List the gauges, ordered by BY."""
        rows = [{"gauge": key, "days": days} for key, days in sorted(self.gauges.items())]
        return {"success": True, "data": rows}
'''
GAUGES: JsonObject = {"gauges": {"a": 180, "b": 365, "c": 90}}


def test_an_order_of_digits_is_told_only_of_a_column_that_the_description_names() -> None:
    by_days = examined(COUNTS.replace("BY", "days"), GAUGES)

    assert (K.WRONG_ANSWER, "list_gauges") in found(by_days)
    assert found(examined(COUNTS.replace("BY", "gauge"), GAUGES)) == set()


def test_attacks_repeat_what_a_pattern_repeats() -> None:
    texts = [*attacks("([A-Z]+[0-9]*)+")]

    assert any(text.startswith("A" * 30) for text in texts)


STOCK = '''
class Stock:
    def __init__(self):
        self.items = {}

    def add_many(self, counts: dict[str, int]) -> dict:
        """Add pieces of several items, all or none.

        Args:
            counts (dict[str, int]): Pieces by item.
        """
        if not counts:
            return {"success": False, "error": "nothing"}
        for key, pieces in counts.items():
            if key not in self.items or pieces < 1:
                return {"success": False, "error": f"{key} is unknown, or too few"}
            self.items[key]["pieces"] += pieces
        return {"success": True, "message": "added"}

    def find(self, pattern: str) -> dict:
        """Find items whose name matches a regular expression.

        Args:
            pattern (str): It.
        """
        import re
        return {"success": True, "data": [k for k, v in self.items.items() if v["pieces"] > 0]}
'''
ITEMS: JsonObject = {
    "items": {"nut": {"pieces": 4, "name": "A nut"}, "bolt": {"pieces": 9, "name": "A bolt"}}
}


def test_a_batch_that_stops_half_way_is_found() -> None:
    assert (K.REFUSED_CALL_CHANGED_STATE, "add_many") in found(examined(STOCK, ITEMS))


def test_a_batch_that_looks_first_is_none() -> None:
    whole = STOCK.replace(
        "        for key, pieces in counts.items():\n",
        "        if any(k not in self.items or n < 1 for k, n in counts.items()):\n"
        '            return {"success": False, "error": "unknown or too few"}\n'
        "        for key, pieces in counts.items():\n",
    )

    assert (K.REFUSED_CALL_CHANGED_STATE, "add_many") not in found(examined(whole, ITEMS))


def test_a_rule_about_steps_sees_the_result() -> None:
    [rule] = read_predicates(
        "def all_are_found(before, call, after):\n"
        '    """Every item is found."""\n'
        "    if call['tool'] != 'find' or not call['success']:\n"
        "        return True\n"
        "    return set(call['result']['data']) == set(before['items'])\n"
    )
    wrong = STOCK.replace('if v["pieces"] > 0', 'if v["pieces"] > 5')

    examination = examined(wrong, ITEMS, invariants=(rule,))

    assert rule.rule == "Every item is found."
    assert (K.BROKEN_INVARIANT, "find") in found(examination)


def test_a_rule_that_nothing_breaks_is_listed_with_its_reason() -> None:
    [rule] = read_predicates("def always(state):\n    return True\n")

    examination = examined(STOCK, ITEMS, invariants=(rule,))

    assert [one.rule for one in examination.discarded] == ["always"]
    assert "Nothing that was tried breaks it" in examination.discarded[0].reason


def test_an_upsert_by_the_callers_own_id_is_no_duplicate() -> None:
    source = (
        STOCK
        + '''
    def set_count(self, item_id: str, pieces: int) -> dict:
        """Note how many pieces there are.

        Args:
            item_id (str): It.
            pieces (int): How many.
        """
        self.items[item_id] = {"pieces": pieces, "name": item_id}
        return {"success": True, "message": "noted"}
'''
    )

    assert (K.DUPLICATE_ID, "set_count") not in found(examined(source, ITEMS))


def test_a_column_is_ordered_by_where_the_order_is_told_beside_it() -> None:
    said = 'Give "turns" in order of start, and "idle", the minutes in which nobody has water.'

    assert not names_order(said, "minutes")
    assert names_order(said, "start")
    assert names_order("Open loans, most days late first, then by id.", "days_late")
