"""What a scenario is to be, settled before a model is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from envscaler.records import Clock, Environment, Scenario, row_id

ENTITIES = 2
CHANGES = 3


@dataclass(frozen=True, slots=True)
class Diversifier:
    """What sets one scenario of an environment apart from its neighbours.

    A prompt may not depend on other rows, so the scenarios are told apart by walking through the
    entities and tools of their environment, not by showing the earlier ones to the model.
    """

    entities: tuple[str, ...]
    changes: tuple[str, ...]
    """Names of tools that change the state."""
    situation: int
    """Which kind of state; the prompt takes it modulo the kinds that it knows."""
    shape: int
    """Which kind of task; the same."""


@dataclass(frozen=True, slots=True)
class ScenarioSpec:
    """One scenario that is to be made."""

    id: str
    """Of what is to be made; the scenario is named after its content."""
    environment: Environment
    index: int
    clock: Clock
    seed: int
    """Of everything random inside the environment."""
    diversifier: Diversifier
    taken: frozenset[int] = frozenset()
    """Chains of tools that other scenarios of the environment have, of which no more are wanted."""


def spec_for(environment: Environment, index: int, clock: Clock, seed: int) -> ScenarioSpec:
    """Settle what scenario `index` of an environment is to be, given the seed of the run."""
    digest = sha256(f"{seed}:{environment.origin}:{index}".encode()).digest()
    own_seed = int.from_bytes(digest[:4])
    return ScenarioSpec(
        id=_id(environment.id, index, own_seed),
        environment=environment,
        index=index,
        clock=clock,
        seed=own_seed,
        diversifier=_diversifier(environment, index, seed),
    )


def spec_id_of(scenario: Scenario) -> str:
    """Return the id of the spec that a scenario was made from."""
    return _id(scenario.env_id, scenario.index, scenario.seed)


def _id(env_id: str, index: int, seed: int) -> str:
    return row_id("spec", env_id, index, seed)


def _diversifier(environment: Environment, index: int, seed: int) -> Diversifier:
    random = Random(f"{seed}:{environment.origin}")  # the same order for all indices
    writers = set(environment.structure.changes)
    entities = [entity.name for entity in environment.entities]
    changes = [tool.name for tool in environment.tools if tool.name in writers]
    random.shuffle(entities)
    random.shuffle(changes)
    situation, shape = random.randrange(1000), random.randrange(1000)
    return Diversifier(
        entities=_window(entities, index, ENTITIES),
        changes=_window(changes, index, CHANGES),
        situation=situation + index,
        # Falls out of step with the situation, so that a pair of them returns late.
        shape=shape + index + index // 7,
    )


def _window(names: Sequence[str], index: int, width: int) -> tuple[str, ...]:
    """Return the next `width` names of a round walk."""
    width = min(width, len(names))
    return tuple(names[(index * width + step) % len(names)] for step in range(width))
