"""Watched calls that are made together come to what they come to one by one, whatever they do."""

from dataclasses import replace

import pytest

from envscaler.sandbox import Look, ProbeResult, Snapshot
from envscaler.sandbox.live import LiveEnvironment
from tests.sandbox.conftest import Box
from tests.sandbox.test_batch import EPISODES, WORLD, Calls, requests_of


def _one_by_one(
    box: Box, environment: LiveEnvironment, calls: Calls, look: Look, back: Snapshot | None
) -> list[ProbeResult]:
    probed = (environment.probe(one.name, one.arguments, look=look, back=back) for one in calls)
    return [replace(box.run(one), seconds=0.0) for one in probed]


def _together(
    box: Box, environment: LiveEnvironment, calls: Calls, look: Look, back: Snapshot | None
) -> list[ProbeResult]:
    told: list[ProbeResult] = []
    while left := calls[len(told) :]:
        some = box.run(environment.probe_each(left, look=look, back=back))
        told += [replace(one, seconds=0.0) for one in some]
        if not some:
            told += _one_by_one(box, environment, left[:1], look, back)
    return told


@pytest.mark.parametrize("name", EPISODES)
@pytest.mark.parametrize("look", ["closely", "state"])
def test_watched_calls_come_to_the_same_one_after_the_other(
    box: Box, name: str, look: Look
) -> None:
    single, together = box.open(WORLD), box.open(WORLD)

    expected = _one_by_one(box, single, EPISODES[name], look, None)

    assert _together(box, together, EPISODES[name], look, None) == expected
    assert together.journal == single.journal
    assert box.run(together.state()) == box.run(single.state())


@pytest.mark.parametrize("name", EPISODES)
def test_watched_calls_come_to_the_same_each_where_a_snapshot_is(box: Box, name: str) -> None:
    single, together = box.open(WORLD), box.open(WORLD)
    for one in (single, together):
        box.run(one.call("add", {"amount": 5}))
    expected = _one_by_one(box, single, EPISODES[name], "closely", box.run(single.snapshot()))

    told = _together(box, together, EPISODES[name], "closely", box.run(together.snapshot()))

    assert told == expected
    assert together.journal == single.journal
    assert box.run(together.state()) == box.run(single.state())
    assert len(together.journal.calls) == 1


def test_watched_calls_take_one_request(box: Box) -> None:
    environment = box.open(WORLD)
    before = requests_of(environment)

    assert len(box.run(environment.probe_each(EPISODES["raised"], look="state"))) == 3
    assert requests_of(environment) == before + 1
