"""A finding is made again with the fewest calls, or not reported."""

import asyncio
from collections.abc import Sequence

import pytest

from envscaler.check_env.confirm import CandidateFinding, confirm
from envscaler.inputs.session import CallRecord
from envscaler.records import Finding, FindingCall, FindingKind, JsonObject, JsonValue
from tests.check_env.scripted import Answer, call, make_stage


def look(_state: JsonObject, _arguments: JsonObject) -> Answer:
    return {"success": True, "data": 1}


def put(state: JsonObject, arguments: JsonObject) -> Answer:
    return {"success": True, "message": str(state.update(arguments))}


def burst(state: JsonObject, _arguments: JsonObject) -> Answer:
    full = state.get("a") == 1 and state.get("b") == 2
    return {"success": not full, "message" if not full else "error": "burst"}


async def burst_last(replay: Sequence[CallRecord]) -> bool:
    value = replay[-1].value
    return isinstance(value, dict) and value.get("success") is False


BURST, LOOK, A, B = call("burst"), call("look"), call("put", a=1), call("put", b=2)


def confirmed(*calls: FindingCall, state: JsonObject | None = None) -> Finding | None:
    stage = make_stage({"look": look, "put": put, "burst": burst}, state or JsonObject())
    claim = CandidateFinding(FindingKind.UNCAUGHT_EXCEPTION, "It bursts", 0, calls, burst_last)
    return asyncio.run(confirm(stage, claim))


@pytest.mark.parametrize(
    "calls",
    [
        (A, B, BURST),
        (LOOK, A, B, BURST),
        (A, LOOK, B, BURST),
        (A, B, LOOK, BURST),
        (LOOK, LOOK, A, BURST, LOOK, call("put", c=3), B, LOOK, LOOK, BURST),
        (call("put", a=9), call("put", b=9), A, B, BURST),
        (*[LOOK] * 9, A, *[LOOK] * 9, B, BURST),
    ],
)
def test_only_the_calls_that_are_needed_are_left(calls: tuple[FindingCall, ...]) -> None:
    finding = confirmed(*calls)

    assert finding is not None
    assert finding.calls == (A, B, BURST)


def test_a_call_that_shows_it_alone_stands_alone() -> None:
    finding = confirmed(LOOK, A, BURST, state={"a": 1, "b": 2})

    assert finding is not None
    assert finding.calls == (BURST,)


def test_what_does_not_happen_again_is_not_reported() -> None:
    assert confirmed(A, BURST) is None


def test_a_finding_shows_what_was_seen_at_the_last_call() -> None:
    finding = confirmed(LOOK, A, B, BURST)

    assert finding is not None
    value: JsonValue = {"success": False, "error": "burst"}
    assert finding.evidence == {"result": value}
