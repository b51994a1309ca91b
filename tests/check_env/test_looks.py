"""How closely calls are looked at: what costs a second environment is paid for where it tells."""

import asyncio
from typing import cast

from envscaler.inputs.session import Session
from envscaler.sandbox import LiveEnvironment
from tests.check_env.scripted import NO_TOOLS, ScriptedLive, make_stage


def test_an_experiment_looks_at_its_calls_no_closer_than_it_asks_for() -> None:
    live = ScriptedLive({"act": lambda _state, _arguments: {"success": True}}, {})
    subject = make_stage({}, source=NO_TOOLS).subject

    async def use() -> None:
        session = Session(cast("LiveEnvironment", live), subject, 0, {})
        await session.make("act", {})
        await session.make("act", {}, look="closely")

    asyncio.run(use())

    assert live.looks == ["state", "closely"]
