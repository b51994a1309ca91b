"""The published environments and scenarios: all load, all checks run, everything repeats."""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from pydantic import JsonValue

from envscaler.environment.state.encoding import python_text
from envscaler.records import JsonObject, Observation, ObservationKind, Reward
from envscaler.sandbox import Journal, Sandbox, Start
from envscaler.sandbox.live import Isolation
from tests.sandbox.conftest import Box
from tests.sandbox.guests import (
    Guest,
    Scene,
    published_guests,
    published_rollouts,
    published_scenes,
    settings,
)

CALLS_EACH = 12


@pytest.fixture(autouse=True)
def _needs_data(shared_data: Path) -> None:  # pyright: ignore[reportUnusedFunction]
    del shared_data
    return


@dataclass(frozen=True)
class Trace:
    """Everything that one episode left."""

    journal: Journal
    observations: tuple[Observation, ...]
    state: JsonObject
    reward: Reward


def test_every_class_loads_and_shows_its_state(box: Box, isolation: Isolation) -> None:
    states: dict[str, JsonObject] = {}
    scenes = {scene.env_id: scene for scene in published_scenes()}

    for env_id, guest in published_guests().items():
        start = scenes.get(env_id) or Start(initial_state={})
        environment = box.run(box.sandbox.open(guest, start, isolation=isolation))
        states[env_id] = box.run(environment.state())
        box.run(environment.close())

    assert len(states) == 27
    assert all(states.values())


def test_checks_at_the_initial_states(box: Box) -> None:
    kinds: Counter[str] = Counter()

    for scene in published_scenes():
        environment = box.run(box.sandbox.open(published_guests()[scene.env_id], scene))
        state = box.run(environment.state())
        reward = box.run(box.sandbox.score(scene, state))
        kinds.update(str(verdict.kind) for verdict in reward.verdicts)
        box.run(environment.close())

    assert kinds == {"passed": 516, "failed": 584}


def calls_of(guest: Guest, scene: Scene) -> list[tuple[str, JsonObject]]:
    """Make up calls whose arguments come from the initial state."""
    words = _words(scene.initial_state)
    calls: list[tuple[str, JsonObject]] = []
    for turn in range(CALLS_EACH):
        tool = guest.tools[turn * 7 % len(guest.tools)]
        shapes = cast("dict[str, dict[str, str]]", tool.parameters["properties"])
        calls.append((tool.name, {n: _value(s, words, turn) for n, s in shapes.items()}))
    return calls


def _words(value: object) -> list[str]:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return [*members, *(word for item in members.values() for word in _words(item))]
    if isinstance(value, list):
        return [word for item in cast("list[object]", value) for word in _words(item)]
    return [value] if isinstance(value, str) else []


def _value(shape: dict[str, str], words: list[str], turn: int) -> JsonValue:
    word = words[turn * 13 % len(words)]
    made: JsonObject = {"integer": turn, "number": turn / 2, "boolean": True, "array": [word]}
    return {**made, "object": {}}.get(str(shape.get("type")), word)


async def play(sandbox: Sandbox, scene: Scene, isolation: Isolation) -> Trace:
    guest = published_guests()[scene.env_id]
    environment = await sandbox.open(guest, scene, seed=7, isolation=isolation)
    observations = [await environment.call(*call) for call in calls_of(guest, scene)]
    state = await environment.state()
    reward = await sandbox.score(scene, state)
    await environment.close()
    return Trace(environment.journal, tuple(observations), state, reward)


async def play_all(isolation: Isolation, python: str) -> list[Trace]:
    async with Sandbox.start(settings(), python=python) as sandbox:
        return [await play(sandbox, scene, isolation) for scene in published_scenes()]


@pytest.fixture(scope="module")
def reference() -> list[Trace]:
    """What all scenarios give in workers of their own, under this interpreter."""
    return asyncio.run(play_all("process", sys.executable))


def test_the_same_calls_give_the_same_everything(
    reference: list[Trace], any_python: str, isolation: Isolation
) -> None:
    traces = asyncio.run(play_all(isolation, any_python))

    assert traces == reference
    kinds = Counter(one.kind for trace in traces for one in trace.observations)
    assert kinds[ObservationKind.OK] > 300


def test_a_journal_on_another_machine_gives_the_same_state(reference: list[Trace]) -> None:
    async def rebuild(trace: Trace, scene: Scene) -> JsonObject:
        async with Sandbox.start(settings()) as sandbox:
            guest = published_guests()[scene.env_id]
            journal = Journal.model_validate_json(trace.journal.model_dump_json())
            return await (await sandbox.rebuild(guest, journal)).state()

    for trace, scene in zip(reference[::10], published_scenes()[::10], strict=True):
        assert asyncio.run(rebuild(trace, scene)) == trace.state


def test_recorded_rollouts_replay_word_for_word(box: Box) -> None:
    scenes = {scene.id: scene for scene in published_scenes()}
    rewards: list[float | None] = []
    same = 0

    for rollout in published_rollouts():
        scene = scenes[rollout.scene]
        environment = box.run(box.sandbox.open(published_guests()[scene.env_id], scene))
        for tool, arguments, expected in rollout.steps:
            observation = box.run(environment.call(tool, arguments))
            same += python_text(observation.value) == expected
        state = box.run(environment.state())
        reward = box.run(box.sandbox.score(scene, state, definition="fraction"))
        rewards.append(reward.score)

    assert (rewards, same) == ([1.0, 0.7778, 0.8571], 58)
