"""What an oracle says that tools have to do, held against calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from envscaler.check_env.examine import examine
from envscaler.check_env.explorer import Budget
from envscaler.check_env.predicates.oracle import Case, Material, Ruling, Written
from envscaler.check_env.predicates.predicate import Predicate, read_functions
from envscaler.errors import ReplyError
from envscaler.inputs.subject import Subject
from envscaler.records import Examination, FindingKind, JsonObject
from envscaler.sandbox import Sandbox
from tests.check_env.arena import SMALL, in_sandbox, skeleton

JARS = '''
class Jars:
    """Jars of jam on a shelf."""

    def __init__(self):
        self.jars = {}

    def heavy_jars(self, grams):
        """The ids of the jars that weigh more than `grams`."""
        return {"success": True, "data": [
            key for key, jar in self.jars.items() if jar["grams"] >= grams
        ]}

    def open_jar(self, jar_id):
        """Open a jar."""
        if jar_id not in self.jars:
            return {"success": False, "error": "no such jar"}
        self.jars[jar_id]["open"] = True
        return {"success": True, "message": "open"}
'''
STATE: JsonObject = {
    "jars": {"J1": {"grams": 300, "open": False}, "J2": {"grams": 450, "open": False}}
}
HEAVY = """\
def heavy_jars(before, call, after):
    limit = call["arguments"].get("grams")
    if not isinstance(limit, int) or not call["success"]:
        return True
    meant = [key for key, jar in before["jars"].items() if jar["grams"] > limit]
    return True if call["result"]["data"] == meant else "not the jars that weigh more"
"""
OPEN = """\
def open_jar(before, call, after):
    key = call["arguments"].get("jar_id")
    if not call["success"]:
        return "a jar is refused" if key in before["jars"] else True
    before["jars"][key]["open"] = True
    return True if after == before else "not just this jar is open"
"""
TOO_STRICT = OPEN.replace('["open"] = True', '["open"] = "wide"')
BLIND = "def open_jar(before, call, after):\n    return True\n"
RAISING = 'def open_jar(before, call, after):\n    return before["lids"] == {}\n'


def predicate(source: str, name: str, about: str = "what it is to do") -> Predicate:
    return read_functions(source, [name], [about], [name])[0]


@dataclass
class Script:
    """An oracle that says what a test tells it to say."""

    predicates: tuple[Predicate, ...]
    rulings: list[Ruling] = field(default_factory=list[Ruling])
    cases: list[Case] = field(default_factory=list[Case])
    material: Material | None = None

    async def write(self, material: Material) -> Written:
        self.material = material
        return Written(self.predicates)

    async def rule(self, subject: Subject, cases: Sequence[Case]) -> list[Ruling]:
        assert subject.tools
        self.cases += cases
        return [self.rulings.pop(0) for _ in cases]


def examined_by(oracle: Script, source: str = JARS) -> Examination:
    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(source), [STATE], sandbox, budget=SMALL, oracle=oracle)

    return in_sandbox(work)


def told(examination: Examination) -> set[tuple[str, str, str]]:
    return {
        (one.kind, one.tool, one.severity)
        for one in examination.findings
        if "what it is to do" in one.message
    }


def test_a_wrong_answer_is_serious_when_the_oracle_says_so() -> None:
    oracle = Script((predicate(HEAVY, "heavy_jars"),), [Ruling(frozenset((0,)))])

    found = examined_by(oracle)

    assert told(found) == {(FindingKind.WRONG_ANSWER, "heavy_jars", "serious")}
    [finding] = [one for one in found.findings if "what it is to do" in one.message]
    assert len(finding.calls) == 1
    assert finding.calls[0].arguments["grams"] in {300, 450}
    assert "not the jars that weigh more" in finding.message


def test_what_only_reads_gives_wrong_answers_whatever_it_is_called() -> None:
    source = JARS.replace("heavy_jars", "pantry").replace("The ids of the jars that", "Jars which")
    oracle = Script(
        (predicate(HEAVY.replace("heavy_jars", "pantry"), "pantry"),), [Ruling(frozenset((0,)))]
    )

    assert told(examined_by(oracle, source)) == {(FindingKind.WRONG_ANSWER, "pantry", "serious")}


@pytest.mark.parametrize(
    ("tool", "line", "kind"),
    [
        (
            "open_jar",
            '            self.asked = jar_id\n            return {"success": False',
            "refused",
        ),
        (
            "heavy_jars",
            '        self.asked = grams\n        return {"success": True, "data"',
            "query",
        ),
    ],
)
def test_a_change_where_none_may_be_is_named_so_whoever_finds_it(
    tool: str, line: str, kind: str
) -> None:
    source = JARS.replace("self.jars = {}", "self.jars = {}\n        self.asked = None")
    source = source.replace(line.split("\n")[1], line)
    allowed = tool == "open_jar"
    same = f'    return call["success"] is {allowed} or before == after'
    oracle = Script(
        (predicate(f"def {tool}(before, call, after):\n{same}\n", tool),), [Ruling(frozenset((0,)))]
    )

    [(found, named, _)] = told(examined_by(oracle, source))

    assert named == tool
    assert (
        found
        == {
            "refused": FindingKind.REFUSED_CALL_CHANGED_STATE,
            "query": FindingKind.QUERY_CHANGES_STATE,
        }[kind]
    )


def test_the_oracle_sees_the_call_and_how_many_are_like_it() -> None:
    oracle = Script((predicate(HEAVY, "heavy_jars"),), [Ruling(frozenset((0,)))])

    examined_by(oracle)

    [case] = oracle.cases
    [example] = case.examples
    assert example.said == "not the jars that weigh more"
    assert case.judged >= example.alike >= 1
    assert oracle.material is not None
    assert oracle.material.states[0] == STATE
    assert oracle.material.results["heavy_jars"]


def test_a_function_that_is_wrong_makes_no_finding_and_is_replaced() -> None:
    wrong = predicate(TOO_STRICT, "open_jar")
    oracle = Script((wrong,), [Ruling(mended=predicate(OPEN, "open_jar"))])

    found = examined_by(oracle)

    assert told(found) == set()
    assert [one.source for one in found.invariants] == [
        predicate(OPEN, "open_jar").invariant.source
    ]


def test_what_nobody_rules_on_is_possible() -> None:
    oracle = Script((predicate(TOO_STRICT, "open_jar"),), [Ruling(settled=False)])

    assert told(examined_by(oracle)) == {(FindingKind.BROKEN_INVARIANT, "open_jar", "possible")}


def test_a_function_that_stays_wrong_is_asked_about_no_more_than_twice() -> None:
    again = Ruling(mended=predicate(TOO_STRICT, "open_jar"))
    oracle = Script((predicate(TOO_STRICT, "open_jar"),), [again, again])

    found = examined_by(oracle)

    assert len(oracle.cases) == 2
    assert {severity for _, _, severity in told(found)} == {"possible"}


def test_a_function_that_raises_is_shown_with_its_error() -> None:
    oracle = Script((predicate(RAISING, "open_jar"),), [Ruling(settled=False)])

    examined_by(oracle)

    assert all("the function failed" in one.said for one in oracle.cases[0].examples)


def test_a_function_that_nothing_breaks_is_not_checked() -> None:
    oracle = Script((predicate(BLIND, "open_jar", "Open a jar."),))

    found = examined_by(oracle)

    assert [one.rule for one in found.discarded] == ["Open a jar."]
    assert found.invariants == ()


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("def shut_jar(before, call, after):\n    return True", "only functions named open_jar"),
        ("def open_jar(state):\n    return True", "open_jar takes"),
        ("import os\n", "line 1"),
    ],
)
def test_other_functions_are_refused(code: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_functions(code, ["open_jar"], ["Open a jar."], ["open_jar"])


STOCK = '''
class Stock:
    """What is on the shelf."""

    def __init__(self):
        self.items = []

    def take(self, item, count):
        """Take some of an item."""
        for one in self.items:
            if one["item"] == item and count > 0:
                one["left"] -= count
                return {"success": True, "message": "taken"}
        return {"success": False, "error": "no such item"}

    def put_back(self, item):
        """Put one of an item back."""
        return {"success": False, "error": "not today"}
'''
TAKE = """\
def rule_1(state):
    return all(one["left"] >= 0 for one in state["items"]) or "more is taken than there is"
"""
PUT_BACK = """\
def put_back(before, call, after):
    known = [one["item"] for one in before["items"]]
    refused = not call["success"] and call["arguments"].get("item") in known
    return "an item that is known is refused" if refused else True
"""
OVERDRAWN = """\
def take(before, call, after):
    gone = [one for one in after["items"] if one["left"] < 0]
    return "more is gone than there was" if gone else True
"""
ITEMS: JsonObject = {"items": [{"item": "cup", "left": 2}, {"item": "jug", "left": 3}]}


def examined_stock(oracle: Script) -> Examination:
    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(STOCK), [ITEMS], sandbox, budget=SMALL, oracle=oracle)

    return in_sandbox(work)


def test_a_rule_is_shown_with_the_calls_that_break_it() -> None:
    [rule] = read_functions(TAKE, ["rule_1"], ["Nothing is taken that is not there."], [])
    oracle = Script((rule,), [Ruling(frozenset((0,)))])

    found = examined_stock(oracle)

    assert oracle.cases[0].examples[0].said == "more is taken than there is"
    assert any("Nothing is taken that is not there" in one.message for one in found.findings)


def test_a_tool_that_refuses_whatever_is_right_cannot_succeed() -> None:
    oracle = Script((predicate(PUT_BACK, "put_back"),), [Ruling(frozenset((0,)))])

    found = examined_stock(oracle)

    assert told(found) == {(FindingKind.UNREACHABLE_SUCCESS, "put_back", "serious")}


KIT = '''
class Desk:
    """Who has how many books."""

    def __init__(self):
        self.has = {}

    def lend(self, reader):
        """Lend a book; a reader has at most two."""
        if reader not in self.has or self.has[reader] >= 2:
            return {"success": False, "error": "not to you"}
        self.has[reader] += 1
        return {"success": True, "message": "lent"}

    def lend_pair(self, reader):
        """Lend two books; a reader has at most two."""
        if reader not in self.has or self.has[reader] >= 2:
            return {"success": False, "error": "not to you"}
        self.has[reader] += 2
        return {"success": True, "message": "lent"}
'''
PAIR = """\
def lend_pair(before, call, after):
    reader = call["arguments"].get("reader")
    if call["success"] and before["has"].get(reader, 0) > 0:
        return "lent beyond the limit"
    return True
"""


def test_each_change_is_made_behind_the_others_about_the_same() -> None:
    oracle = Script((predicate(PAIR, "lend_pair"),), [Ruling(frozenset((0,)))])

    async def work(sandbox: Sandbox) -> Examination:
        few = Budget(tries=3, odd=0, walks=0, length=0, reach=0)
        state: JsonObject = {"has": {"Ann": 0, "Bob": 0}}
        return await examine(skeleton(KIT), [state], sandbox, budget=few, oracle=oracle)

    found = in_sandbox(work)

    [finding] = [one for one in found.findings if "beyond the limit" in one.message]
    assert [one.tool for one in finding.calls] == ["lend", "lend_pair"]


def test_a_rule_and_a_function_that_the_same_calls_break_are_told_once() -> None:
    [rule] = read_functions(TAKE, ["rule_1"], ["Nothing is taken that is not there."], [])
    own = predicate(OVERDRAWN, "take", "Take some of an item.")
    oracle = Script((rule, own), [Ruling(frozenset((0,)))] * 2)

    found = examined_stock(oracle)

    [finding] = [one for one in found.findings if one.tool == "take" and "Stated" in one.message]
    assert "Nothing is taken that is not there" in finding.message
    assert "more is gone than there was" in finding.message
