"""Where the solution-first strategy takes its initial states from."""

from pathlib import Path

import pytest

from envscaler.config import ScenGeneratorSettings, load_settings
from envscaler.errors import ArtifactError, RejectedError
from envscaler.jsonl import write_rows
from envscaler.records import Clock, Environment, JsonObject
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.solution_first.initial_states import SHARED, InitialStates
from envscaler.scen_generator.spec import spec_for
from envscaler.scen_generator.task_first.state import InitialState
from tests.fakes import ScriptedModel
from tests.one_sandbox import end_sandboxes
from tests.scen_generator.example import STATE
from tests.scen_generator.running import (
    ENVIRONMENT,
    calls_to,
    in_sandbox,
    make_scenario,
    state_reply,
)

OTHER: JsonObject = {**STATE, "invoices": {}}


def take(
    *indices: int,
    model: ScriptedModel | None = None,
    environment: Environment = ENVIRONMENT,
    seed: int = 0,
    **changes: object,
) -> list[InitialState]:
    section = load_settings(None, ()).scen_generator
    settings: ScenGeneratorSettings = section.model_copy(update={"phrasing": "template", **changes})

    async def use(sandbox: Sandbox) -> list[InitialState]:
        initial_states = InitialStates(sandbox, settings, seed, settings.states)
        calls = calls_to(model or ScriptedModel())
        return [
            await initial_states.take(spec_for(environment, index, Clock(), seed), calls)
            for index in indices
        ]

    return in_sandbox(load_settings(None, ()), use)


@pytest.fixture
def states(tmp_path: Path) -> Path:
    """A file of three scenarios with two initial states."""
    path = tmp_path / "scenarios.jsonl"
    rows = [
        make_scenario().model_copy(update={"id": name, "initial_state": state})
        for name, state in (("s1", STATE), ("s2", OTHER), ("s3", STATE))
    ]
    write_rows(path, rows)
    return path


def test_the_states_of_a_file_take_turns(states: Path) -> None:
    found = take(0, 1, 2, states=states)

    assert [each.written for each in found] == [STATE, OTHER, STATE]
    assert found[0].loaded == STATE


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"gone\.jsonl does not exist"):
        take(0, states=tmp_path / "gone.jsonl")


def test_another_seed_of_a_run_gives_other_invented_states() -> None:
    first, other = take(0, seed=1), take(0, seed=2)

    assert first == take(0, seed=1)
    assert first != other


def test_without_a_file_a_model_makes_the_states_when_it_words_the_tasks() -> None:
    model = ScriptedModel(by_prompt={"scen_generator/state": state_reply(STATE)})

    [found] = take(0, model=model, phrasing="model")

    assert found.written == STATE


def test_without_a_model_states_are_invented() -> None:
    [found] = take(0)

    assert all(found.written[name] for name in ("boats", "berths", "bookings"))


def test_invented_texts_are_texts() -> None:
    [found] = take(0)

    assert "Fresh " not in str(found.written)


def test_neighbours_share_an_invented_state() -> None:
    one, two, far = take(0, SHARED - 1, SHARED)

    assert one.written == two.written != far.written


def test_of_many_those_of_one_tier_share_an_invented_state_too() -> None:
    turns = SHARED * 5
    *early, one, two, far = take(*range(0, turns, SHARED), turns, 2 * turns - 1, 2 * turns)

    assert one.written == two.written != far.written
    assert one.written not in [each.written for each in early]


def test_the_same_spec_gets_the_same_state() -> None:
    first = take(0)
    end_sandboxes()

    assert take(0) == first


def test_a_class_that_refuses_every_state_gives_none() -> None:
    source = ENVIRONMENT.source.replace("self.boats: dict[str, Boat] = {}", "self.boats = 1 / 0")

    with pytest.raises(RejectedError, match="ZeroDivisionError") as refused:
        take(0, environment=ENVIRONMENT.model_copy(update={"source": source}))
    assert refused.value.kind == "no_state"
