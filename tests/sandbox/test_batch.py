"""Calls that are made together come to what they come to one by one, whatever they do."""

import pytest

from envscaler.errors import GuestError
from envscaler.records import Call, JsonObject, Observation
from envscaler.sandbox import Start
from envscaler.sandbox.batch import AT_ONCE
from envscaler.sandbox.live import Isolation, LiveEnvironment
from tests.sandbox.conftest import Box
from tests.sandbox.guests import Guest, guest, tool

WORLD = guest(
    """
    def __init__(self):
        self.count = 0
        self.notes = []

    def add(self, amount: int = 1):
        self.count += amount
        return {"count": self.count, "now": time.time(), "chance": random.random()}

    def read(self):
        return {"count": self.count}

    def shout(self):
        print("heard", self.count)
        return self.count

    def fail(self):
        self.count += 10
        raise ValueError("no")

    def hang(self):
        self.count += 100
        while True: pass

    def die(self):
        self.count += 1000
        os._exit(1)

    def large(self):
        return "x" * 700_000

    def spoil(self):
        self.notes.append(self)
""",
    tool("add", amount="integer"),
    *("read", "shout", "fail", "hang", "die", "large", "spoil"),
    head="import os, random, time",
)
Calls = list[Call]


def call(name: str, arguments: JsonObject) -> Call:
    return Call(name=name, arguments=arguments)


EPISODES: dict[str, Calls] = {
    "plain": [call("add", {"amount": 2}), call("read", {}), call("add", {})],
    "refused": [
        call("add", {"amount": "two"}),
        call("nothing", {}),
        call("add", {}),
        call("add", {"more": 1}),
    ],
    "raised": [call("add", {}), call("fail", {}), call("add", {})],
    "printed": [call("shout", {}), call("add", {}), call("shout", {}), call("read", {})],
    "stopped": [call("add", {}), call("hang", {}), call("add", {}), call("read", {})],
    "killed": [call("add", {}), call("die", {}), call("add", {}), call("read", {})],
    "large": [call("large", {})] * 30,
    "long": [call("add", {"amount": number}) for number in range(2 * AT_ONCE + 3)],
}


def one_by_one(box: Box, environment: LiveEnvironment, calls: Calls) -> list[Observation]:
    return [box.run(environment.call(one.name, one.arguments)) for one in calls]


def open_two(box: Box, of: Guest, isolation: Isolation) -> tuple[LiveEnvironment, LiveEnvironment]:
    return box.open(of, isolation=isolation), box.open(of, isolation=isolation)


@pytest.mark.parametrize("name", EPISODES)
def test_calls_made_together_come_to_what_they_come_to_one_by_one(
    box: Box, name: str, isolation: Isolation
) -> None:
    calls = EPISODES[name]
    single, together = open_two(box, WORLD, isolation)

    expected = one_by_one(box, single, calls)
    observations = box.run(together.play(calls))

    assert observations == expected
    assert together.journal == single.journal
    assert box.run(together.state()) == box.run(single.state())


@pytest.mark.parametrize("name", EPISODES)
def test_states_are_seen_after_each_call(box: Box, name: str) -> None:
    calls = EPISODES[name]
    single, together = open_two(box, WORLD, "process")

    expected = [
        (box.run(single.call(one.name, one.arguments)).kind, box.run(single.state())["count"])
        for one in calls
    ]
    seen = box.run(together.trace(calls))

    assert [(observation.kind, state["count"]) for observation, state in seen] == expected


def test_a_state_that_did_not_change_is_read_once(box: Box) -> None:
    environment = box.open(WORLD)

    states = [state for _, state in box.run(environment.trace(EPISODES["plain"]))]

    assert states[0] is states[1]
    assert states[1] is not states[2]


def requests_of(environment: LiveEnvironment) -> int:
    slot = environment._slot  # pyright: ignore[reportPrivateUsage]
    assert slot is not None
    return slot.channel.requests


def test_an_episode_that_is_known_takes_one_request(box: Box) -> None:
    environment = box.open(WORLD)
    before = requests_of(environment)

    box.run(environment.play(EPISODES["plain"]))

    assert requests_of(environment) - before == 1


def test_a_state_that_cannot_be_read_is_said_and_the_calls_stay_in_the_journal(box: Box) -> None:
    environment = box.open(WORLD)

    with pytest.raises(GuestError, match="JSON cannot hold"):
        box.run(environment.trace([call("add", {}), call("spoil", {}), call("add", {})]))

    assert [one.name for one in environment.journal.calls] == ["add", "spoil", "add"]


def test_a_journal_of_any_length_is_replayed_in_few_requests(box: Box) -> None:
    environment = box.open(WORLD)
    box.run(environment.play(EPISODES["long"]))

    again = box.run(box.sandbox.rebuild(WORLD, environment.journal))

    assert box.run(again.state()) == box.run(environment.state())
    assert requests_of(again) <= 1 + 3 + 1


@pytest.mark.parametrize("tool_name", ["add", "read", "shout", "fail", "hang", "die", "spoil"])
def test_an_attempt_comes_to_what_a_call_does_and_leaves_no_trace(
    box: Box, isolation: Isolation, tool_name: str
) -> None:
    async def attempt() -> tuple[object, ...]:
        live = await box.sandbox.open(WORLD, Start(initial_state={}), isolation=isolation)
        await live.call("add", {"amount": 2})
        point, before = await live.snapshot(), await live.state()
        try:
            first, _ = await live.attempt(tool_name, {}, point)
        except GuestError:
            first = None
        after, calls = await live.state(), len(live.journal.calls)
        called = await live.call(tool_name, {})
        await live.close()
        return first in (None, called), after == before, calls

    assert box.run(attempt()) == (True, True, 1)


def test_an_attempt_with_wrong_arguments_changes_nothing(box: Box) -> None:
    live = box.open(WORLD)
    point = box.run(live.snapshot())

    observation, state = box.run(live.attempt("add", {"amount": "no number"}, point))

    assert observation.kind == "refused"
    assert state == box.run(live.state())
    box.run(live.close())


@pytest.mark.parametrize("name", EPISODES)
def test_what_is_rehearsed_is_as_if_it_were_played_and_leaves_no_trace(
    box: Box, isolation: Isolation, name: str
) -> None:
    async def rehearse() -> tuple[object, ...]:
        live = await box.sandbox.open(WORLD, Start(initial_state={}), isolation=isolation)
        point, before = await live.snapshot(), await live.state()
        made = await live.rehearse(EPISODES[name][:AT_ONCE], point)
        after, calls = await live.state(), len(live.journal.calls)
        played = await live.play(EPISODES[name][: len(made)])
        await live.close()
        return made == played, after == before, calls

    assert box.run(rehearse()) == (True, True, 0)


@pytest.mark.parametrize(("name", "made"), [("stopped", 2), ("killed", 2), ("refused", 1)])
def test_a_rehearsal_ends_with_the_first_call_that_is_refused_or_stopped(
    box: Box, name: str, made: int
) -> None:
    live = box.open(WORLD)

    observed = box.run(live.rehearse(EPISODES[name], box.run(live.snapshot())))

    assert len(observed) == made
    box.run(live.close())
