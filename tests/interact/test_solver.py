"""What a plain reader makes of a task, tools and results, and a reference with a slip."""

import asyncio
import json
from random import Random

from pydantic import JsonValue

from envscaler.interact.slip import with_slip
from envscaler.interact.solver import GREEDY, ONE_LOOK_UP, Solver, Strength
from envscaler.interact.told import code_for, mentions, sentences_of, stems_of, value_for
from envscaler.records import (
    Call,
    JsonObject,
    Message,
    Observation,
    ObservationKind,
    ReferenceCall,
    Tool,
)

DONE = Message(role="assistant", content="Done.")


def _tool(called: str, description: str, **parameters: str) -> Tool:
    properties: JsonObject = {key: {"type": kind} for key, kind in parameters.items()}
    schema: JsonObject = {"type": "object", "properties": properties, "required": [*parameters]}
    return Tool(name=called, description=description, parameters=schema)


TOOLS = (
    _tool("get_boat_by_name", "Find a boat by its name.", name="string"),
    _tool("list_boats", "List all boats."),
    _tool("remove_boat", "Remove a boat from the harbour.", boat_id="string"),
    _tool("update_boat_length", "Change the length.", boat_id="string", new_length="number"),
    _tool("add_note", "Add a note to a boat.", boat_id="string", note="string"),
)
BOATS: JsonValue = [
    {"boat_id": "BO-1", "name": "Blue Heron", "length": 9},
    {"boat_id": "BO-2", "name": "Grey Seal", "length": 12},
]


def _play(task: str, strength: Strength = GREEDY, seed: int = 0, most: int = 29) -> list[Call]:
    """Let a solver work on a task; every look-up answers with all boats."""
    solver = Solver((), Random(seed), strength, most, DONE)
    solver.offer(TOOLS)
    messages = [Message(role="user", content=task)]
    calls: list[Call] = []
    while True:
        message = asyncio.run(solver.act(messages)).message
        messages.append(message)
        if not message.tool_calls:
            assert message == DONE
            return calls
        [made] = message.tool_calls
        assert isinstance(made.arguments, dict)
        calls.append(Call(name=made.name, arguments=made.arguments))
        text = json.dumps(BOATS if made.name.startswith(("get", "list")) else {"success": True})
        messages.append(Message(role="tool", content=text, tool_call_id=made.id))


def test_a_solver_looks_a_record_up_and_acts_on_it() -> None:
    calls = _play('Hello, could you remove the boat "Grey Seal"? Thanks!')

    assert Call(name="get_boat_by_name", arguments={"name": "Grey Seal"}) in calls
    assert calls[-1] == Call(name="remove_boat", arguments={"boat_id": "BO-2"})


def test_a_number_of_the_sentence_goes_to_the_parameter_of_its_kind() -> None:
    calls = _play("Please change the length of boat BO-1 to 14.")

    assert calls[-1] == Call(
        name="update_boat_length", arguments={"boat_id": "BO-1", "new_length": 14}
    )


def test_each_sentence_is_one_act() -> None:
    calls = _play('Remove the boat BO-1. After that, add the note "Gone" to boat BO-2.')

    assert [call.name for call in calls if not call.name.startswith(("get", "list"))] == [
        "remove_boat",
        "add_note",
    ]


def test_the_weaker_one_looks_up_once_in_all() -> None:
    task = 'Remove the boat "Grey Seal". Then remove the boat "Blue Heron".'

    weak = [call for call in _play(task, ONE_LOOK_UP) if call.name.startswith(("get", "list"))]
    strong = [call for call in _play(task) if call.name.startswith(("get", "list"))]

    assert len(weak) == 1 < len(strong)


def test_what_is_not_known_is_not_called() -> None:
    assert _play("Please remove that one.", Strength(0, 0)) == []


def test_the_same_seed_plays_the_same_and_the_limit_holds() -> None:
    task = 'Remove the boat "Grey Seal". Then remove the boat "Blue Heron".'

    assert _play(task, seed=3) == _play(task, seed=3)
    assert len(_play(task, most=2)) == 2


def test_a_result_that_is_no_json_tells_nothing() -> None:
    solver = Solver((), Random(0), GREEDY, 9, DONE)
    solver.offer(TOOLS)
    messages = [Message(role="user", content='Remove the boat "Grey Seal".')]
    first = asyncio.run(solver.act(messages)).message
    messages += [first, Message(role="tool", content="{'boat_id': 'BO-2'}", tool_call_id="call_1")]

    second = asyncio.run(solver.act(messages)).message

    assert not second.tool_calls or second.tool_calls[0].name != "remove_boat"


def test_thanks_and_greetings_are_no_acts() -> None:
    assert sentences_of("I need some help with BO-1. Please remove it. Thank you.") == [
        "Please remove it."
    ]


def test_words_are_compared_without_endings() -> None:
    assert stems_of("updating the bookings") == stems_of("update booking")


def test_a_code_belongs_to_the_word_before_it() -> None:
    assert code_for(["room"], "the booking of room RO-7 for guest GU-2") == "RO-7"
    assert code_for(["book"], "the booking of room RO-7") is None


def test_dates_are_written_as_tools_want_them() -> None:
    text = "from 24 December 2024 to 19 January 2025"

    assert value_for(["borrowed", "dat"], {"type": "string"}, text) == "2024-12-24"
    assert value_for(["due", "dat"], {"type": "string"}, text) == "2025-01-19"
    assert value_for(["dat"], {"type": "string"}, "no day is named") is None
    assert value_for(["tim"], {}, "on 5 May 2024 at 08:30") == "2024-05-05T08:30:00"


def test_what_is_optional_is_given_only_where_it_is_named() -> None:
    text = 'Add the note "Gone" with a weight of 1,200.'

    assert value_for(["not"], {"type": "string"}, text, is_needed=False) == "Gone"
    assert value_for(["colour"], {"type": "string"}, text, is_needed=False) is None
    assert value_for(["weight"], {"type": "number"}, text, is_needed=False) == 1200
    assert value_for(["siz"], {"type": "number"}, text, is_needed=False) is None
    assert value_for(["kind"], {"enum": ["gone", "there"]}, text) == "gone"
    assert value_for(["tag"], {"type": "array"}, text) is None


def test_a_record_is_meant_by_the_values_that_are_named() -> None:
    assert mentions("the Grey Seal", {"name": "Grey Seal", "berth": "A 4"}) == len("Grey Seal")
    assert mentions("the Grey Seal", {"name": "Blue Heron"}) == 0


def _reference(*names: str) -> list[ReferenceCall]:
    return [
        ReferenceCall(
            name=name,
            arguments={"boat_id": "BO-1"} if name.startswith("remove") else {},
            observation=Observation(kind=ObservationKind.OK, value=BOATS),
            succeeded=True,
            changed=name.startswith("remove"),
        )
        for name in names
    ]


def test_a_slip_is_one_change_that_is_missing_or_has_another_value_of_its_form() -> None:
    reference = _reference(*["list_boats"] * 20, "remove_boat")
    right = [each.call for each in reference]

    played = [with_slip(reference, Random(seed)) for seed in range(40)]

    wrong = [calls for calls in played if calls != right]
    assert 20 < len(wrong) < 40  # one in ten for each of 21 calls
    assert all(calls[:20] == right[:20] for calls in wrong)
    assert {repr(calls[20:]) for calls in wrong} == {
        "[]",
        repr([Call(name="remove_boat", arguments={"boat_id": "BO-2"})]),
    }


def test_a_slip_with_nothing_to_change_is_none() -> None:
    reference = _reference(*["list_boats"] * 20)

    assert with_slip(reference, Random(1)) == [each.call for each in reference]
