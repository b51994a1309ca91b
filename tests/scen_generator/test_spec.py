"""What scenarios are to be: the same on every machine, and different from one another."""

from collections import Counter

from envscaler.records import Clock
from envscaler.scen_generator.spec import spec_for
from tests.scen_generator.example import make_environment

ENVIRONMENT = make_environment()


def test_a_spec_depends_on_nothing_but_environment_index_and_seed() -> None:
    specs = [spec_for(ENVIRONMENT, 3, Clock(), 0) for _ in range(2)]

    assert specs[0] == specs[1]
    assert specs[0].id != spec_for(ENVIRONMENT, 3, Clock(), 1).id


def test_neighbours_differ_in_seed_changes_situation_and_shape() -> None:
    one, two = (spec_for(ENVIRONMENT, index, Clock(), 0) for index in (0, 1))

    assert one.seed != two.seed
    assert not set(one.diversifier.changes) & set(two.diversifier.changes)
    assert (one.diversifier.situation, one.diversifier.shape) != (
        two.diversifier.situation,
        two.diversifier.shape,
    )


def test_every_change_is_in_the_centre_equally_often() -> None:
    count = Counter(
        name
        for index in range(7)
        for name in spec_for(ENVIRONMENT, index, Clock(), 0).diversifier.changes
    )

    assert set(count) == set(ENVIRONMENT.structure.changes)
    assert set(count.values()) == {3}


def test_a_pair_of_situation_and_shape_returns_late() -> None:
    diversifiers = [spec_for(ENVIRONMENT, index, Clock(), 0).diversifier for index in range(49)]

    assert len({(each.situation % 7, each.shape % 7) for each in diversifiers}) == 49


def test_another_run_seed_walks_in_another_order() -> None:
    walks = {spec_for(ENVIRONMENT, 0, Clock(), seed).diversifier.changes for seed in range(5)}

    assert len(walks) > 1


def test_an_environment_without_entities_and_changes_has_an_empty_centre() -> None:
    structure = ENVIRONMENT.structure.model_copy(update={"changes": ()})
    bare = ENVIRONMENT.model_copy(update={"entities": (), "structure": structure})

    assert spec_for(bare, 5, Clock(), 0).diversifier.changes == ()
