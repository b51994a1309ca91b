"""The split: by environment, seeded, and stable."""

from hypothesis import given
from hypothesis import strategies as st

from envscaler.config import Settings
from envscaler.train.split import split_of
from tests.train.factory import with_share

IDS = [f"env-{number:012x}" for number in range(4000)]


def test_validation_gets_its_share_of_environments(settings: Settings) -> None:
    places = [split_of(env_id, with_share(settings, 0.1)) for env_id in IDS]

    assert 0.08 < places.count("validation") / len(IDS) < 0.12


def test_another_seed_is_another_split(settings: Settings) -> None:
    halves = with_share(settings, 0.5)
    other = halves.model_copy(update={"seed": halves.seed + 1})

    assert any(split_of(env_id, halves) != split_of(env_id, other) for env_id in IDS)


def test_the_place_of_an_environment_is_the_same_on_every_machine(settings: Settings) -> None:
    halves = with_share(settings, 0.5)

    places = [split_of(f"env-{number}", halves) for number in range(2, 5)]

    assert places == ["validation", "train", "validation"]


@given(env_id=st.text(), low=st.floats(0, 0.99), high=st.floats(0, 0.99))
def test_a_larger_share_takes_nothing_out_of_validation(
    settings: Settings, env_id: str, low: float, high: float
) -> None:
    small, large = sorted((low, high))

    if split_of(env_id, with_share(settings, small)) == "validation":
        assert split_of(env_id, with_share(settings, large)) == "validation"


def test_a_share_of_nothing_puts_all_into_train(settings: Settings) -> None:
    assert {split_of(env_id, with_share(settings, 0)) for env_id in IDS} == {"train"}
