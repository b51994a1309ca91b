"""What is only possible is ruled on: a fault is serious, what is none is left out and listed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from envscaler.check_env.examine import examine
from envscaler.check_env.predicates.oracle import Ruling
from envscaler.check_env.referee import NO_FAULT, Doubt
from envscaler.inputs.subject import Subject
from envscaler.records import Examination, Finding, Invariant, JsonObject
from envscaler.sandbox import Sandbox
from tests.check_env.arena import SMALL, in_sandbox, skeleton
from tests.check_env.test_predicates import HEAVY, JARS, Script, predicate
from tests.check_env.test_predicates import STATE as JARS_STATE

KILNS = '''
class Kilns:
    """Kilns of a pottery."""

    def __init__(self):
        self.kilns = {}

    def hot_kilns(self, degrees: int) -> dict:
        """The kilns with a heat of at least `degrees`."""
        found = [key for key, kiln in self.kilns.items() if kiln["heat"] > degrees]
        return {"success": True, "data": [{"id": key, **self.kilns[key]} for key in found]}

    def cool_down(self, kiln_id: str) -> dict:
        """Let a kiln cool down to 20 degrees."""
        self.kilns[kiln_id]["heat"] = 20
        return {"success": True, "message": "it cools down"}
'''
STATE: JsonObject = {
    "kilns": {
        key: {"heat": heat}
        for key, heat in (("k1", 300), ("k2", 900), ("k3", 120), ("k4", 640), ("k5", 20))
    }
}


@dataclass
class Fixed:
    """Says the same of all, and keeps what it was asked."""

    verdict: bool | None
    asked: list[Doubt] = field(default_factory=list[Doubt])

    async def rule_on(self, subject: Subject, doubts: Sequence[Doubt]) -> list[bool | None]:
        assert subject.tools
        self.asked += doubts
        return [self.verdict] * len(doubts)


def examined(referee: Fixed | None) -> Examination:
    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(KILNS), [STATE], sandbox, referee=referee)

    return in_sandbox(work)


def of_query(examination: Examination) -> list[Finding]:
    return [one for one in examination.findings if one.tool == "hot_kilns"]


def test_what_stands_on_a_sentence_is_only_possible_without_a_referee() -> None:
    [found] = of_query(examined(None))

    assert (found.kind, found.severity) == ("wrong_answer", "possible")


@pytest.mark.parametrize(("verdict", "severity"), [(True, "serious"), (None, "possible")])
def test_a_ruling_makes_it_serious_and_no_answer_leaves_it_possible(
    *, verdict: bool | None, severity: str
) -> None:
    referee = Fixed(verdict)

    [found] = of_query(examined(referee))

    assert found.severity == severity
    [doubt] = [one for one in referee.asked if one.finding.tool == "hot_kilns"]
    assert [one.call.tool for one in doubt.calls] == [one.tool for one in found.calls]


BRIGADE = '''
class Brigade:
    def __init__(self):
        self.members = {}   # member_id -> {"member_id", "on_call"}
        self.cars = {}      # car_id -> {"car_id", "out"}

    def send(self, car_id: str, crew: list[str]) -> dict:
        """Send a car with a crew, all on call."""
        if car_id not in self.cars or not crew or any(one not in self.members for one in crew):
            return {"success": False, "error": "unknown"}
        if not self.members[crew[0]]["on_call"]:
            return {"success": False, "error": "not on call"}
        self.cars[car_id]["out"] = True
        return {"success": True, "message": "sent"}
'''
ON_CALL: JsonObject = {
    "members": {key: {"member_id": key, "on_call": True} for key in ("m1", "m2", "m3")},
    "cars": {"c1": {"car_id": "c1", "out": False}},
}


def test_the_call_that_a_finding_compares_with_is_shown_too() -> None:
    referee = Fixed(verdict=True)

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(BRIGADE), [ON_CALL], sandbox, referee=referee)

    in_sandbox(work)

    [doubt] = [one for one in referee.asked if "and not where it is" in one.finding.message]
    [other] = doubt.beside
    assert doubt.calls[-1].succeeded
    assert other.refused
    assert other.call == doubt.calls[-1].call
    assert other.before != doubt.calls[-1].before


def test_what_is_ruled_to_be_no_fault_is_listed_with_its_reason() -> None:
    examination = examined(Fixed(verdict=False))

    assert of_query(examination) == []
    [out] = [one for one in examination.discarded if one.reason == NO_FAULT]
    assert out.rule.startswith("hot_kilns: ")


LOFT = '''
class Loft:
    """Pigeons of a loft. Whoever looks one up leaves a trace: that is how owners learn of it."""

    def __init__(self):
        self.pigeons = {}
        self.traces = []

    def find_pigeon(self, ring: str) -> dict:
        """The pigeon with a ring."""
        if ring not in self.pigeons:
            return {"success": False, "error": "no such pigeon"}
        self.traces.append(ring)
        return {"success": True, "data": dict(self.pigeons[ring])}
'''
PIGEONS: JsonObject = {"pigeons": {"R1": {"owner": "Ada"}, "R2": {"owner": "Bo"}}, "traces": []}


def changed_by_look(referee: Fixed | None) -> Examination:
    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(LOFT), [PIGEONS], sandbox, referee=referee)

    return in_sandbox(work)


@pytest.mark.parametrize("verdict", [True, None])
def test_a_serious_one_that_is_a_matter_of_reading_stays_where_nobody_rules_it_out(
    *, verdict: bool | None
) -> None:
    referee = Fixed(verdict)

    found = changed_by_look(referee)

    assert [(one.kind, one.tool) for one in found.serious] == [
        ("query_changes_state", "find_pigeon")
    ]
    assert [one.finding.severity for one in referee.asked] == ["serious"]


def test_a_serious_one_that_is_ruled_out_is_no_finding_and_is_listed() -> None:
    assert changed_by_look(None).serious

    examination = changed_by_look(Fixed(verdict=False))

    assert examination.findings == ()
    [out] = [one for one in examination.discarded if one.reason == NO_FAULT]
    assert out.rule.startswith("find_pigeon: The query changed traces")


def test_a_rule_that_was_given_as_code_is_not_asked_about() -> None:
    rule = Invariant(
        rule="Nobody looks twice",
        kind="state",
        source="def invariant(state):\n    return len(state['traces']) < 1\n",
    )
    referee = Fixed(verdict=False)

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(LOFT), [PIGEONS], sandbox, invariants=[rule], referee=referee)

    found = in_sandbox(work)

    assert [one.kind for one in found.serious] == ["broken_invariant"]
    assert {one.finding.kind for one in referee.asked} == {"query_changes_state"}


def test_what_an_oracle_has_ruled_on_is_not_asked_about_again() -> None:
    oracle = Script((predicate(HEAVY, "heavy_jars"),), [Ruling(frozenset((0,)))])
    referee = Fixed(verdict=False)

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(
            skeleton(JARS), [JARS_STATE], sandbox, budget=SMALL, oracle=oracle, referee=referee
        )

    found = in_sandbox(work)

    assert "not the jars that weigh more" in " ".join(one.message for one in found.serious)
    assert "not the jars that weigh more" not in str([one.finding for one in referee.asked])


def test_what_calls_show_by_themselves_is_not_asked_about() -> None:
    referee = Fixed(verdict=False)

    found = examined(referee)

    assert {one.finding.severity for one in referee.asked} == {"possible"}
    assert ("uncaught_exception", "cool_down") in {(one.kind, one.tool) for one in found.serious}
