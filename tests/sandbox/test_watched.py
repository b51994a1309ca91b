"""What a watched call tells beside its result."""

import asyncio

import pytest

from envscaler.records import JsonObject, ObservationKind
from envscaler.sandbox import Look, ProbeResult, Sandbox, Start
from tests.one_sandbox import in_one_sandbox
from tests.sandbox.guests import guest, settings, tool

ODD = guest(
    """
    log = []

    def __init__(self):
        self.items = {"a": {"tags": []}}

    def own(self):
        return {"success": True, "data": self.items["a"]}

    def copy(self):
        return {"success": True, "data": dict(self.items["a"], tags=[])}

    def sort(self, values):
        values.sort()
        return {"success": True, "data": values}

    def keep(self, tags=[]):
        self.items["b"] = {"tags": tags}
        return {"success": True, "message": "kept"}

    def note(self):
        self.log.append(1)
        return {"success": True, "message": "noted"}

    def where(self):
        return {"success": True, "data": id(self)}

    def odd(self):
        return {"success": True, "data": {1, 2}}

    def fail(self):
        self.items["c"] = {}
        raise ValueError("no")

    def spin(self):
        while True:
            pass
""",
    "own",
    "copy",
    tool("sort", values="array", required=("values",)),
    "keep",
    "note",
    "where",
    "odd",
    "fail",
    "spin",
)


def probe(name: str, arguments: JsonObject | None = None, *, look: Look = "closely") -> ProbeResult:
    """Make one watched call."""

    async def work(sandbox: Sandbox) -> ProbeResult:
        live = await sandbox.open(ODD, Start(initial_state={}))
        try:
            return await live.probe(name, arguments or {}, look=look)
        finally:
            await live.close()

    return in_one_sandbox(settings(call_soft=0.5), work)


def test_a_sound_call_leaves_no_trace() -> None:
    seen = probe("copy")

    assert seen == ProbeResult(seen.observation, seconds=seen.seconds)


def test_a_part_of_the_state_in_the_result_is_told() -> None:
    assert probe("own").live == ("result.data",)


def test_an_argument_that_was_changed_is_told() -> None:
    assert probe("sort", {"values": [2, 1]}).arguments == ("values",)
    assert probe("sort", {"values": [1, 2]}).arguments == ()


def test_a_default_that_was_put_into_the_state_is_told() -> None:
    assert probe("keep").defaults == ("keep(tags)",)


def test_a_change_of_the_class_is_told() -> None:
    assert probe("note").shared == ("World.log",)


def test_at_a_glance_a_call_is_made_once_and_nothing_but_its_state_is_told() -> None:
    noted, kept, failed = (probe(name, look="state") for name in ("note", "keep", "fail"))

    assert noted == ProbeResult(noted.observation, seconds=noted.seconds)
    assert kept.state == {"items": {"a": {"tags": []}, "b": {"tags": []}}}
    assert kept.defaults == ()
    assert failed.observation.kind is ObservationKind.EXCEPTION
    assert failed.line == probe("fail").line
    assert probe("where", look="state").fresh == ""


def test_a_result_that_depends_on_the_process_is_told() -> None:
    assert probe("where").fresh


def test_a_result_that_is_no_plain_json_is_told() -> None:
    assert "set" in probe("odd").problem


def test_a_call_that_raises_tells_line_and_what_it_left_behind() -> None:
    seen = probe("fail")

    assert seen.observation.kind is ObservationKind.EXCEPTION
    assert ODD.source.splitlines()[(seen.line or 0) - 1].strip() == 'raise ValueError("no")'
    assert seen.state == {"items": {"a": {"tags": []}, "c": {}}}


def test_a_call_that_does_not_end_tells_how_long_it_worked() -> None:
    seen = probe("spin")

    assert seen.observation.kind is ObservationKind.TIMEOUT
    assert seen.seconds > 0.05


@pytest.mark.parametrize("name", ["keep", "fail", "spin", "nothing", "copy"])
def test_a_watched_call_that_goes_back_leaves_no_trace(name: str) -> None:
    async def work() -> tuple[object, ...]:
        async with Sandbox.start(settings(call_soft=0.5)) as sandbox:
            live, other = [await sandbox.open(ODD, Start(initial_state={})) for _ in range(2)]
            for one in (live, other):
                await one.call("fail", {})
            before, point = await live.state(), await live.snapshot()
            seen = await live.probe(name, {}, back=point)
            alone = await other.probe(name, {})
            calls = len(live.journal.calls)
            same = (seen.observation, seen.state) == (alone.observation, alone.state)
            return same, await live.state() == before, calls

    assert asyncio.run(work()) == (True, True, 1)


def test_a_refused_call_is_not_made() -> None:
    assert probe("sort").observation.kind is ObservationKind.REFUSED
    assert probe("nothing").observation.kind is ObservationKind.REFUSED


_HIDDEN = {
    "class": "    seen = []",
    "module": "SEEN = []",
    "private name": "__seen = []",
    "function": "",
    "cache": "import functools\n\n@functools.lru_cache\ndef box():\n    return []",
    "iterator": "import itertools\nCOUNT = itertools.count()",
    "cell": (
        "def make():\n    seen = []\n    def inner():\n        seen.append(1)\n"
        "        return len(seen)\n    return inner\ninner = make()"
    ),
    "member": "import enum\nclass Color(enum.Enum):\n    RED = 1",
    "object": "class Box:\n    pass\nBOX = Box()",
    "base": "class Base:\n    seen = []",
    "default": "def note(seen=[]):\n    seen.append(1)\n    return len(seen)",
    "tuple": "SEEN = ([],)",
    "class in a class": "class Outer:\n    class Inner:\n        seen = []",
    "code": "def told():\n    return 0\ndef more():\n    return 1",
}
_COUNTED = {
    "class": "self.seen.append(1) or len(self.seen)",
    "module": "SEEN.append(1) or len(SEEN)",
    "private name": "globals()['__seen'].append(1) or len(globals()['__seen'])",
    "function": "(setattr(World.plain, 'n', getattr(World.plain, 'n', 0) + 1), World.plain.n)[1]",
    "cache": "box().append(1) or len(box())",
    "iterator": "next(COUNT)",
    "cell": "inner()",
    "member": "(setattr(Color.RED, 'n', getattr(Color.RED, 'n', 0) + 1), Color.RED.n)[1]",
    "object": "(setattr(BOX, 'n', getattr(BOX, 'n', 0) + 1), BOX.n)[1]",
    "base": "Base.seen.append(1) or len(Base.seen)",
    "default": "note()",
    "tuple": "SEEN[0].append(1) or len(SEEN[0])",
    "class in a class": "Outer.Inner.seen.append(1) or len(Outer.Inner.seen)",
    "code": "(told(), setattr(told, '__code__', more.__code__))[0]",
}


@pytest.mark.parametrize("where", _HIDDEN)
def test_what_is_kept_outside_the_state_is_missing_in_an_environment_made_anew(where: str) -> None:
    inside = _HIDDEN[where] if where == "class" else ""
    hiding = guest(
        f"""
{inside}
    def __init__(self):
        self.name = "a"

    def plain(self):
        return {{"success": True, "data": self.name}}

    def count(self):
        return {{"success": True, "data": {_COUNTED[where]}}}
""",
        "plain",
        "count",
        head="" if where == "class" else _HIDDEN[where],
    )

    async def work() -> list[str]:
        async with Sandbox.start(settings()) as sandbox:
            live = await sandbox.open(hiding, Start(initial_state={}))
            names = ("plain", "count", "count", "count", "plain")
            seen = [await live.probe(name, {}) for name in names]
            await live.close()
            return [one.fresh for one in seen]

    plain, first, second, third, again = asyncio.run(work())

    assert (plain, first, again) == ("", "", "")
    assert second.startswith("the result is")
    assert third.startswith("the result is")


SOCIABLE = guest(
    """
    everyone = []

    def __init__(self):
        self.count = 0
        self.everyone.append(self)

    def look(self):
        for other in self.everyone:
            if other is not self:
                other.count += 1
        return {"success": True, "data": self.count}
""",
    "look",
)


def test_a_query_that_changes_only_another_instance_is_told() -> None:
    async def work() -> ProbeResult:
        async with Sandbox.start(settings()) as sandbox:
            live = await sandbox.open(SOCIABLE, Start(initial_state={}))
            try:
                return await live.probe("look", {})
            finally:
                await live.close()

    assert "another instance of the class" in asyncio.run(work()).shared
