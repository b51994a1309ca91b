"""What an examination reports, and how."""

from envscaler.check_env.explorer import Budget
from envscaler.records import FindingKind, Invariant, JsonObject, Operation
from tests.check_env.arena import SMALL, examined, found, skeleton
from tests.one_sandbox import end_sandboxes

K = FindingKind
TANK = '''
class Tank:
    def __init__(self):
        self.litres = 10
        self.valves = {"v1": {"open": False}}

    def read_level(self) -> dict:
        """Read the level."""
        return {"success": True, "data": self.litres}

    def open_valve(self, valve_id: str) -> dict:
        """Open a valve."""
        if valve_id not in self.valves:
            return {"success": False, "error": "unknown valve"}
        if self.valves[valve_id]["open"]:
            return {"success": False, "error": "it is open"}
        self.valves[valve_id]["open"] = True
        return {"success": True, "message": "open"}

    def drain(self, litres: int) -> dict:
        """Drain some litres through an open valve."""
        if litres < 1 or litres > self.litres:
            return {"success": False, "error": "that much cannot be drained"}
        if not any(valve["open"] for valve in self.valves.values()):
            return {"success": False, "error": "no valve is open"}
        self.litres -= litres
        return {"success": True, "message": f"{self.litres} left"}
'''
STATE: JsonObject = {"litres": 10, "valves": {"v1": {"open": False}, "v2": {"open": False}}}


def test_a_sound_class_has_no_findings() -> None:
    examination = examined(TANK, STATE)

    assert examination.findings == ()


def test_every_tool_is_counted() -> None:
    examination = examined(TANK, STATE)

    assert set(examination.tools) == {"read_level", "open_valve", "drain"}
    assert examination.tools["drain"].changed > 0


def test_calls_that_are_not_needed_are_left_out() -> None:
    broken = TANK.replace("self.litres -= litres", "self.litres -= litres + 0 * (1 // 0)")

    [finding] = examined(broken, STATE).findings

    assert finding.kind is K.UNCAUGHT_EXCEPTION
    assert [call.tool for call in finding.calls] == ["open_valve", "drain"]


def test_a_finding_tells_the_line_that_raised() -> None:
    broken = TANK.replace('return {"success": True, "data": self.litres}', "return 1 // 0")

    [finding] = examined(broken, STATE).findings

    assert "ZeroDivisionError" in finding.message
    assert "line 9" in finding.message


def test_the_same_seed_finds_the_same() -> None:
    broken = TANK.replace("litres > self.litres", "litres > 10 ** 9")

    first = examined(broken, STATE)
    end_sandboxes()
    second = examined(broken, STATE)

    assert first == second


def test_what_a_tool_is_for_is_taken_from_the_plan() -> None:
    plan = (Operation(name="drain", description="", kind="query"),)

    examination = examined(skeleton(TANK, operations=plan), STATE)

    assert found(examination) == {(K.QUERY_CHANGES_STATE, "drain")}


def test_a_finding_begins_in_a_state_of_the_examination() -> None:
    broken = TANK.replace('self.valves[valve_id]["open"] = True', "pass")

    examination = examined(broken, STATE)

    assert all(0 <= one.start < len(examination.initial_states) for one in examination.findings)
    assert (K.SUCCESS_WITHOUT_CHANGE, "open_valve") in found(examination)


def test_an_environment_without_a_state_gets_one() -> None:
    examination = examined(TANK)

    assert examination.tools["drain"].succeeded > 0


def test_a_rule_that_a_call_breaks_is_a_finding() -> None:
    broken = TANK.replace("or litres > self.litres", "")
    rule = Invariant(
        rule="The level is never below zero",
        kind="state",
        source="def invariant(state):\n    return state['litres'] >= 0\n",
    )

    examination = examined(broken, STATE, invariants=(rule,))

    assert (K.BROKEN_INVARIANT, "drain") in found(examination)
    assert examination.invariants == (rule,)


def test_a_rule_about_steps_sees_the_call() -> None:
    rule = Invariant(
        rule="Reading drains nothing, and draining needs a success",
        kind="step",
        source=(
            "def step_invariant(before, call, after):\n"
            "    same = before['litres'] == after['litres']\n"
            "    return same or (call['tool'] == 'open_valve' and call['success'])\n"
        ),
    )

    examination = examined(TANK, STATE, invariants=(rule,))

    assert (K.BROKEN_INVARIANT, "drain") in found(examination)


def test_rules_that_tell_nothing_are_left_out() -> None:
    constant = Invariant(rule="a", kind="state", source="def invariant(state):\n    return True\n")
    wrong = Invariant(rule="b", kind="state", source="def invariant(state):\n    return False\n")
    raising = Invariant(rule="c", kind="state", source="def invariant(state):\n    return 1 / 0\n")

    examination = examined(TANK, STATE, invariants=(constant, wrong, raising))

    assert examination.invariants == ()
    assert examination.findings == ()


def test_a_larger_budget_makes_more_calls() -> None:
    little = examined(TANK, STATE, budget=SMALL)
    more = examined(TANK, STATE, budget=Budget(walks=20))

    assert sum(one.calls for one in more.tools.values()) > sum(
        one.calls for one in little.tools.values()
    )


def test_nothing_takes_the_place_of_a_number_where_the_class_begins_without_a_state() -> None:
    dated = TANK.replace("def __init__(self):", "def __init__(self, litres, valves=None):").replace(
        "self.litres = 10", "self.litres = litres"
    )

    examination = examined(dated, STATE)

    assert examination.findings == ()
    assert {type(state["litres"]) for state in examination.initial_states} == {int}
