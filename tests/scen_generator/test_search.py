"""Sequences of writes: found by trying, carried out again, with ids that flow from call to call."""

from random import Random

import pytest

from envscaler.config import load_settings
from envscaler.environment.state.encoding import canonical
from envscaler.records import Call, Environment, JsonObject
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.search import (
    Execution,
    FromResult,
    Search,
    SequenceStep,
    run_sequence,
)
from envscaler.scen_generator.solution_first.trace import run_calls
from tests.one_sandbox import end_sandboxes
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

NEW_BOAT = SequenceStep("register_boat", {"name": "Tern", "owner": "Ada Holm", "length_m": 8.0})
STAY = {"berth_id": "A1", "arrival": "2025-03-01", "departure": "2025-03-04"}


def search(
    seed: int, length: int, *, prefer: str = "", environment: Environment = ENVIRONMENT
) -> tuple[SequenceStep, ...]:
    async def use(sandbox: Sandbox) -> tuple[SequenceStep, ...]:
        live = await sandbox.open(environment, Start(initial_state=STATE))
        context = SearchContext(environment, await live.state())
        found = await Search(context, live, Random(seed), [prefer]).find(length)
        await live.close()
        return found

    return in_sandbox(load_settings(None, ()), use)


def carry_out(*sequence: SequenceStep) -> Execution | None:
    async def use(sandbox: Sandbox) -> Execution | None:
        live = await sandbox.open(ENVIRONMENT, Start(initial_state=STATE))
        ran = await run_sequence(live, sequence)
        await live.close()
        return ran

    return in_sandbox(load_settings(None, ()), use)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_write_of_a_sequence_changes_the_state(seed: int) -> None:
    sequence = search(seed, 4)

    async def use(sandbox: Sandbox) -> list[bool]:
        live = await sandbox.open(ENVIRONMENT, Start(initial_state=STATE))
        ran = await run_sequence(live, sequence)
        assert ran is not None
        await live.close()
        again = await sandbox.open(ENVIRONMENT, Start(initial_state=STATE))
        trace = await run_calls(again, ran.calls)
        await again.close()
        assert canonical(trace.state) == canonical(ran.state)
        return [call.changed for call in trace.calls]

    changed = in_sandbox(load_settings(None, ()), use)
    assert changed == [step.writes for step in sequence]
    assert sum(changed) == 4


def test_the_same_seed_finds_the_same_sequence() -> None:
    first = search(5, 3)
    end_sandboxes()

    assert search(5, 3) == first


def test_a_sequence_begins_with_a_tool_that_is_preferred() -> None:
    assert search(1, 2, prefer="register_boat")[0].tool == "register_boat"


def test_a_sequence_is_as_long_as_it_can_be() -> None:
    structure = ENVIRONMENT.structure.model_copy(update={"changes": ("set_berth_status",)})
    narrow = ENVIRONMENT.model_copy(update={"structure": structure})

    assert len(search(1, 5, environment=narrow)) == 2


def test_an_id_flows_from_a_result_to_an_argument() -> None:
    new_id = FromResult(0, ("data", "boat_id"), "boats", 1)

    ran = carry_out(NEW_BOAT, SequenceStep("book_berth", {"boat_id": new_id, **STAY}))

    assert ran is not None
    assert ran.calls[1] == Call(name="book_berth", arguments={"boat_id": "BT-005", **STAY})


def test_an_id_flows_into_a_list_as_well() -> None:
    step = SequenceStep("greet", {"ids": [FromResult(0, ("id",), "boats", 1)]})
    results: list[JsonObject] = [{"id": "B9"}]

    assert step.bind([*results]).arguments == {"ids": ["B9"]}


def test_a_sequence_that_fails_when_it_is_carried_out_is_none() -> None:
    assert carry_out(NEW_BOAT, SequenceStep("cancel_booking", {"booking_id": "BK-009"})) is None


def test_a_result_without_the_id_ends_the_sequence() -> None:
    missing = FromResult(0, ("data", "berth_id"), "berths", 1)

    assert carry_out(NEW_BOAT, SequenceStep("get_berth", {"berth_id": missing})) is None


def test_the_id_of_something_new_is_read_by_a_query_where_the_write_does_not_tell() -> None:
    source = ENVIRONMENT.source.replace(
        '"message": "registered", "data": dict(boat)', '"message": "registered"'
    ).replace("def find_boats(self, text: str)", "def find_boats(self, name: str, text: str = '')")
    source = source.replace("needle = text.lower()", "needle = name.lower()")
    silent = ENVIRONMENT.model_copy(update={"source": source})
    tools = tuple(
        tool.model_copy(
            update={
                "parameters": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                }
            }
        )
        if tool.name == "find_boats"
        else tool
        for tool in silent.tools
    )
    silent = silent.model_copy(update={"tools": tools})

    register, query, *_ = search(1, 1, prefer="register_boat", environment=silent)

    assert (register.tool, query.tool, query.writes) == ("register_boat", "find_boats", False)
    assert query.arguments == {"name": register.arguments["name"]}
