"""Sequences of calls that an oracle proposes: how they are read, made and judged."""

import pytest

from envscaler.check_env.examine import examine
from envscaler.check_env.explorer import Budget
from envscaler.check_env.predicates.oracle import Material, Ruling, Written
from envscaler.check_env.predicates.predicate import Predicate
from envscaler.check_env.probes.probe import ProbeList, Proposed, read_probes
from envscaler.check_env.probes.references import filled, missing_in
from envscaler.records import Examination, FindingKind, JsonObject, JsonValue
from envscaler.sandbox import Sandbox
from tests.check_env.arena import in_sandbox, skeleton
from tests.check_env.test_predicates import Script, predicate

FEW = Budget(tries=4, odd=4, walks=1, length=4, reach=1)
SHELF = '''
class Shelf:
    """A shelf of books, and people who wait for one."""

    def __init__(self):
        self.books = {}
        self.next_book = 1

    def add_book(self, title):
        """Put a book on the shelf. Returns its id."""
        key = f"B{self.next_book}"
        self.next_book += 1
        self.books[key] = {"title": title, "waiting": [], "seal": "", "closed": False}
        return {"success": True, "data": {"book": key}}

    def wait_for(self, book, reader):
        """Queue for a book; three at most wait for one."""
        if book not in self.books or reader in self.books[book]["waiting"]:
            return {"success": False, "error": "not possible"}
        if len(self.books[book]["waiting"]) >= 3 and self.books[book]["seal"] != "kestrel":
            return {"success": False, "error": "three wait"}
        self.books[book]["waiting"].append(reader)
        return {"success": True, "message": "queued"}

    def seal(self, book, word):
        """Seal a book with a word."""
        if book not in self.books:
            return {"success": False, "error": "no such book"}
        self.books[book]["seal"] = word
        return {"success": True, "message": "sealed"}

    def close_book(self, book):
        """Close a book that nobody waits for."""
        if book not in self.books:
            return {"success": False, "error": "no such book"}
        if self.books[book]["seal"] == "kestrel" and len(self.books[book]["waiting"]) == 3:
            self.books[book]["closed"] = True
        if self.books[book]["waiting"]:
            return {"success": False, "error": "somebody waits"}
        self.books[book]["closed"] = True
        return {"success": True, "message": "closed"}
'''
STATE: JsonObject = {
    "books": {"B1": {"title": "Moby", "waiting": [], "seal": "", "closed": False}},
    "next_book": 2,
}
WAIT = """\
def wait_for(before, call, after):
    book = call["arguments"].get("book")
    if call["success"] and len(after["books"][book]["waiting"]) > 3:
        return "a fourth one waits"
    return True
"""
NEW: JsonObject = {"$result": 0, "path": "data.book"}


def step(tool: str, **arguments: JsonValue) -> JsonObject:
    return {"tool": tool, "arguments": arguments}


def calls(*steps: JsonObject, **more: JsonValue) -> JsonObject:
    return {"calls": [*steps], **more}


def read(*probes: JsonValue) -> Proposed:
    tools = ("add_book", "wait_for", "seal", "close_book")
    return read_probes(ProbeList(probes=[*probes]), tools, 1)


QUEUE = [step("wait_for", book=NEW, reader=name) for name in ("ann", "bob", "cy")]
SCENE = [step("add_book", title="Emma"), *QUEUE, step("seal", book=NEW, word="kestrel")]
FOURTH = read(calls(*SCENE, step("wait_for", book=NEW, reader="dan")))
CLOSING = read(calls(*SCENE, step("close_book", book=NEW)))
AROUND = read(calls(*SCENE), calls(step("wait_for", book="B2", reader="eve")))
LOST = read(calls(step("close_book", book="B1"), *QUEUE, why="goes on"))
MALFORMED: list[tuple[JsonValue, str]] = [
    ("add_book", "is an object"),
    (calls(), "calls"),
    (calls({"arguments": {}}), "tool"),
    (calls(step("burn", book="B1")), "no tool 'burn'"),
    (calls(step("seal"), state=1), "no state 1"),
    (calls(step("seal"), state="first"), "state"),
    (calls({**step("seal"), "times": 61}), "times"),
    (calls({**step("seal"), "times": 40}, {**step("seal"), "times": 40}), "more than 60 calls"),
    (calls(step("seal", book=NEW)), "names no earlier call"),
    (calls(step("seal"), step("seal", book={"$result": 1})), "names no earlier call"),
    (calls(step("seal"), step("seal", book={"$result": 0, "path": 3})), "no text"),
]


TICKETS = '''
class Tickets:
    """Numbered tickets. {said}"""

    def __init__(self):
        self.tickets = {{}}

    def issue(self, name):
        """Issue a ticket to somebody. Returns its number."""
        number = max([int(key) for key in self.tickets], default=0) + 1
        self.tickets[str(number)] = {{"name": name}}
        return {{"success": True, "data": {{"number": number}}}}

    def void(self, number):
        """Take a ticket away."""
        if self.tickets.pop(number, None) is None:
            return {{"success": False, "error": "no such ticket"}}
        return {{"success": True, "message": "gone"}}
'''
REISSUED = calls(step("void", number="2"), step("issue", name="cy"))


class Proposer(Script):
    """An oracle that proposes calls besides."""

    proposed: Proposed = Proposed()

    async def write(self, material: Material) -> Written:
        return Written((await super().write(material)).predicates, (), self.proposed.probes)


def examined_with(proposed: Proposed, *predicates: Predicate) -> Examination:
    oracle = Proposer(predicates, [Ruling(frozenset((0,)))] * 3)
    oracle.proposed = proposed

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(SHELF), [STATE], sandbox, budget=FEW, oracle=oracle)

    return in_sandbox(work)


def tools_of_finding(found: Examination, words: str) -> list[list[str]]:
    return [[one.tool for one in it.calls] for it in found.findings if words in it.message]


def test_a_fault_that_needs_a_scene_is_found_with_a_probe_and_not_without() -> None:
    rule = predicate(WAIT, "wait_for")

    without = examined_with(Proposed(), rule)
    found = examined_with(FOURTH, rule)

    assert tools_of_finding(without, "a fourth one waits") == []
    [shown] = tools_of_finding(found, "a fourth one waits")
    assert shown == [one.tool for one in FOURTH.probes[0].calls]
    assert {one.severity for one in found.findings if "a fourth" in one.message} == {"serious"}


def test_what_a_proposed_call_shows_by_itself_is_found_without_a_function() -> None:
    kind = FindingKind.REFUSED_CALL_CHANGED_STATE

    assert kind not in {one.kind for one in examined_with(Proposed()).findings}
    assert kind in {one.kind for one in examined_with(CLOSING).findings}


def test_other_calls_are_made_from_where_a_probe_ends() -> None:
    found = examined_with(AROUND, predicate(WAIT, "wait_for"))

    assert tools_of_finding(found, "a fourth one waits")


def test_what_a_reference_does_not_lead_to_is_told_and_the_calls_before_it_are_made() -> None:
    found = examined_with(LOST)

    [left] = [one for one in found.discarded if "goes on" in one.rule]
    assert "Not made from call 1 on" in left.reason
    assert "'data.book'" in left.reason


@pytest.mark.parametrize(
    ("said", "claimed"), [("Numbers are never given twice.", True), ("Numbers are short.", False)]
)
def test_an_id_of_a_record_that_is_gone_is_not_given_again(said: str, *, claimed: bool) -> None:
    oracle = Proposer((), [])
    oracle.proposed = read_probes(ProbeList(probes=[REISSUED]), ("issue", "void"), 1)
    row = skeleton(TICKETS.format(said=said), rules=(said,))
    state: JsonObject = {"tickets": {"1": {"name": "ann"}, "2": {"name": "bob"}}}

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(row, [state], sandbox, budget=FEW, oracle=oracle)

    found = in_sandbox(work)

    shown = tools_of_finding(found, "has a new record with the id '2'")
    assert shown == ([["void", "issue"]] if claimed else [])


@pytest.mark.parametrize(("probe", "problem"), MALFORMED)
def test_a_malformed_probe_is_left_out_with_a_reason(probe: JsonValue, problem: str) -> None:
    proposed = read(probe, calls(step("close_book", book="B1"), expected="closed"))

    assert [one.calls[0].tool for one in proposed.probes] == ["close_book"]
    [left] = proposed.discarded
    assert problem in left.reason
    assert left.rule.startswith("Proposed calls: ")


def test_no_more_than_sixty_probes_of_a_reply_are_made() -> None:
    proposed = read(*[calls(step("close_book", book="B1"))] * 63)

    assert len(proposed.probes) == 60
    assert [one.rule for one in proposed.discarded] == ["Proposed calls: 3 more"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", {"$tuple": [True, {"rows": [{"id": 4}, {"id": 5}]}]}),
        ("1.rows.0.id", 4),
        ("1.rows.-1.id", 5),
    ],
)
def test_a_reference_names_keys_and_places(path: str, value: JsonValue) -> None:
    results: list[JsonValue] = [{"$tuple": [True, {"rows": [{"id": 4}, {"id": 5}]}]}]
    arguments: JsonObject = {"ids": [{"of": {"$result": 0, "path": path}}], "plain": {"a": 1}}

    assert missing_in(arguments, results) == ""
    assert filled(arguments, results) == {"ids": [{"of": value}], "plain": {"a": 1}}


@pytest.mark.parametrize("path", ["2", "1.rows.2", "1.lines", "1.rows.x", "0.id"])
def test_a_reference_that_leads_to_nothing_is_named(path: str) -> None:
    results: list[JsonValue] = [{"$tuple": [True, {"rows": [{"id": 4}, {"id": 5}]}]}]

    assert path in missing_in({"id": {"$result": 0, "path": path}}, results)
