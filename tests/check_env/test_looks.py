"""How closely calls are looked at: what costs a second environment is paid for where it tells."""

import asyncio
from typing import cast

from envscaler.inputs.session import CallRecord, Session
from envscaler.records import JsonObject, ObservationKind
from envscaler.sandbox import LiveEnvironment, ProbeResult
from tests.check_env.scripted import NO_TOOLS, ScriptedLive, ScriptedSandbox, make_stage, result


def test_an_experiment_looks_at_its_calls_no_closer_than_it_asks_for() -> None:
    live = ScriptedLive({"act": lambda _state, _arguments: {"success": True}}, {})
    subject = make_stage({}, source=NO_TOOLS).subject

    async def use() -> None:
        session = Session(cast("LiveEnvironment", live), subject, 0, {})
        await session.make("act", {})
        await session.make("act", {}, look="closely")

    asyncio.run(use())

    assert live.looks == ["state", "closely"]


def test_calls_made_together_are_remembered_as_one_by_one() -> None:
    def act(state: JsonObject, arguments: JsonObject) -> JsonObject:
        state["last"] = arguments.get("value")
        return {"success": True}

    calls = [("act", JsonObject(value=number)) for number in range(3)]

    async def use() -> tuple[list[CallRecord], list[CallRecord]]:
        stage = make_stage({"act": act}, {"last": None})
        one, other = [await stage.begin(0) for _ in range(2)]
        return await one.make_each(calls), [await other.make(*call) for call in calls]

    together, alone = asyncio.run(use())

    assert together == alone
    assert [len(seen.history) for seen in together] == [0, 1, 2]


def test_a_tool_that_ran_out_of_time_three_times_is_called_no_more() -> None:
    late = ProbeResult(result({"error": "no result"}, ObservationKind.TIMEOUT))
    live = ScriptedLive({"spin": lambda _state, _arguments: late}, {})
    subject = make_stage({}, source=NO_TOOLS).subject

    async def use() -> list[CallRecord]:
        session = Session(cast("LiveEnvironment", live), subject, 0, {})
        return await session.make_each([("spin", JsonObject())] * 8)

    seen = asyncio.run(use())

    assert len(live.looks) == 3
    assert [one.invalid for one in seen] == [False] * 3 + [True] * 5


def test_what_a_state_is_at_the_start_is_asked_once() -> None:
    stage = make_stage({}, {"things": {}})

    async def use() -> list[JsonObject]:
        return [await stage.beginning(0) for _ in range(3)]

    assert asyncio.run(use()) == [{"things": {}}] * 3
    assert cast("ScriptedSandbox", stage.sandbox).opened == 1
