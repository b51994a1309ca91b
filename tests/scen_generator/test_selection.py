"""Of the scenarios that were made, those with chains of tools of their own are kept first."""

import pytest

from envscaler.config import ScenGeneratorSettings, load_settings
from envscaler.records import Observation, ObservationKind, Proof, ReferenceCall, Scenario, Shape
from envscaler.scen_generator.selection import Kept, refused
from tests.scen_generator.running import make_scenario

SHAPE = Shape(tier=1, calls=2, writes=1, look_ups=1, dependent=0, hops=1, branches=0, distractors=3)
WORDS = ("apple", "birch", "cherry", "damson", "elder", "fig", "gorse", "hazel")


@pytest.fixture
def settings() -> ScenGeneratorSettings:
    """Two scenarios of each tier are wanted, without a model."""
    changes = {"strategy": "solution_first", "phrasing": "template", "per_tier": 2}
    return load_settings(None, ()).scen_generator.model_copy(update=changes)


def _row(at: int, *names: str, tier: int = 1) -> Scenario:
    observation = Observation(kind=ObservationKind.OK, value=True)
    calls = tuple(
        ReferenceCall(
            name=name, arguments={}, observation=observation, succeeded=True, changed=True
        )
        for name in names
    )
    proof = Proof(
        proven=True,
        reasons=(),
        reference=calls,
        score=1.0,
        noop_score=0.0,
        checks=(),
        mutants=(),
        repeatable=True,
    )
    changes = {
        "id": f"s{at}",
        "index": at,
        "task": f"Plant a {WORDS[at]} there.",
        "shape": SHAPE.model_copy(update={"tier": tier}),
        "proof": proof,
    }
    return make_scenario().model_copy(update=changes)


def test_a_repeated_chain_waits_for_new_ones(settings: ScenGeneratorSettings) -> None:
    made = [_row(0, "get", "cut"), _row(1, "get", "cut"), _row(2, "list", "cut")]

    first = refused([], made, (), settings, repeats=False)
    last = refused([], made, (), settings, repeats=True)

    assert {name: error.kind for name, error in first.items()} == {"s1": "repeated"}
    assert [*last] == ["s1"]  # there are two new ones


def test_a_tier_is_filled_up_with_repeated_chains(settings: ScenGeneratorSettings) -> None:
    made = [_row(at, "get", "cut") for at in range(3)] + [_row(3, "cut", tier=2)]

    assert [*refused([], made, (), settings, repeats=True)] == ["s2"]


def test_what_is_kept_counts(settings: ScenGeneratorSettings) -> None:
    there, made = [_row(0, "get", "cut")], [_row(1, "get", "cut"), _row(2, "get", "cut")]

    assert [*refused(there, made, (), settings, repeats=False)] == ["s1", "s2"]
    assert [*refused(there, made, (), settings, repeats=True)] == ["s2"]


def test_of_two_that_are_alike_the_one_with_a_new_chain_is_kept(
    settings: ScenGeneratorSettings,
) -> None:
    alike = _row(2, "list", "cut").model_copy(update={"task": _row(1).task})
    made = [_row(0, "get", "cut"), _row(1, "get", "cut"), alike]

    assert [*refused([], made, (), settings, repeats=True)] == ["s1"]


def test_chains_do_not_matter_where_no_number_is_wanted(settings: ScenGeneratorSettings) -> None:
    made = [_row(0, "get", "cut"), _row(1, "get", "cut")]
    free = settings.model_copy(update={"per_tier": None})

    assert refused([], made, (), free, repeats=False) == {}


def test_a_chain_is_one_of_its_environment() -> None:
    row = _row(0, "get", "cut")
    kept = Kept.of([row])

    assert kept.has_chain(row.model_copy(update={"id": "other"}))
    assert not kept.has_chain(row.model_copy(update={"env_id": "env-other"}))
    assert kept.tiers[row.env_id, 1] == 1


def test_a_chain_comes_back_no_more_often_than_the_settings_say(
    settings: ScenGeneratorSettings,
) -> None:
    few = settings.model_copy(update={"per_tier": 9, "per_chain": 2})
    made = [_row(at, "get", "cut") for at in range(4)]

    assert [*refused([], made, (), few, repeats=True)] == ["s2", "s3"]


def test_repeated_chains_need_not_count() -> None:
    kept = Kept.of([_row(0, "get", "cut"), _row(1, "get", "cut")], only_new=True)

    assert kept.tiers.total() == 1
