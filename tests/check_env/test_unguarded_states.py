"""A word that the siblings refuse, and one tool never looks at, is a check that was forgotten."""

import asyncio

import pytest

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.stated_rules import read_stated
from envscaler.check_env.detectors.unguarded_states import unguarded_states
from envscaler.check_env.explorer import Budget, Explorer
from envscaler.records import FindingCall, JsonObject
from tests.check_env.arena import skeleton
from tests.check_env.scripted import Tool, call, make_stage

FLAGS = '''
class Flags:
    # {"archived", "rollout", "on"}
    def __init__(self):
        self.flags = {}

    def set_rollout(self, flag: str, percent: int) -> dict:
        """Set the share."""
        self.flags[flag]["rollout"] = percent
        return {"success": True, "message": "set"}

    def enable_flag(self, flag: str) -> dict:
        """Switch it on."""
        self.flags[flag]["on"] = True
        return {"success": True, "message": "on"}

    def rename_flag(self, flag: str) -> dict:
        """Give it another title."""
        self.flags[flag]["title"] = "new"
        return {"success": True, "message": "renamed"}
'''
STATE: JsonObject = {
    "flags": {
        "a": {"archived": False, "rollout": 5, "on": False},
        "b": {"archived": True, "rollout": 9, "on": False},
    }
}


def writes(name: str, value: object, *, looks: bool) -> Tool:
    def act(state: JsonObject, arguments: JsonObject) -> JsonObject:
        flags = state["flags"]
        assert isinstance(flags, dict)
        flag = flags[str(arguments["flag"])]
        assert isinstance(flag, dict)
        if looks and flag["archived"]:
            return {"success": False, "error": "archived"}
        flag[name] = value  # type: ignore[assignment]
        return {"success": True, "message": "done"}

    return act


def claims(*, looks: bool, others: bool, rule: str = "") -> list[CandidateFinding]:
    """Let three tools change a flag, of which the first may look whether it is archived."""
    tools = {
        "set_rollout": writes("rollout", 50, looks=looks),
        "enable_flag": writes("on", True, looks=True),
        "rename_flag": writes("title", "new", looks=others),
    }
    stage = make_stage(tools, STATE, source=FLAGS)
    if rule:
        row = skeleton(FLAGS, rules=(rule,))
        object.__setattr__(stage.subject, "skeleton", row)
    explorer = Explorer(stage, Budget(), 0)

    async def listen() -> list[CandidateFinding]:
        for one in (call("set_rollout", flag="a", percent=50), *map(_on_a, [*tools][1:])):
            explorer.ledger.note((await stage.replay(0, [one]))[0])
        found = unguarded_states(explorer, read_stated(explorer))
        return [claim async for claim in found]

    return asyncio.run(listen())


def _on_a(tool: str) -> FindingCall:
    return call(tool, flag="a")


@pytest.mark.parametrize(
    ("looks", "others", "rule", "found"),
    [
        (True, True, "", []),
        (False, True, "", [("set_rollout", "possible")]),
        (False, True, "An archived flag is not changed.", [("set_rollout", "possible")]),
        (False, False, "", []),
        (False, False, "An archived flag is not changed.",
         [("set_rollout", "possible"), ("rename_flag", "possible")]),
    ],
)  # fmt: skip
def test_a_record_that_the_others_refuse_is_claimed(
    *, looks: bool, others: bool, rule: str, found: list[tuple[str, str]]
) -> None:
    claimed = claims(looks=looks, others=others, rule=rule)

    assert [(one.calls[-1].tool, one.severity) for one in claimed] == found
