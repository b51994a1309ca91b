"""Words by the names of field and record."""

from random import Random

import pytest

from envscaler.inputs.amounts import amount
from envscaler.inputs.vocabulary import Vocabulary, words_of


def text(field: str, owner: str = "", about: tuple[str, ...] = ()) -> str:
    return Vocabulary(Random(1), about).text(field, owner)


@pytest.mark.parametrize(
    ("field", "owner", "ending"),
    [("note", "order", "."), ("contact_email", "", "@example.org"), ("comment", "review", ".")],
)
def test_texts_fit_what_they_are_for(field: str, owner: str, ending: str) -> None:
    assert text(field, owner).endswith(ending)


def test_things_of_one_kind_have_names_of_their_own() -> None:
    words = Vocabulary(Random(1))
    names = [words.text("name", "product") for _ in range(12)]

    assert len(set(names)) == 12


@pytest.mark.parametrize(
    ("kind", "has_sides"),
    [("machine", False), ("meal", False), ("position", False), ("location", True), ("shop", True)],
)
def test_only_places_and_firms_are_told_apart_by_sides(kind: str, *, has_sides: bool) -> None:
    words = Vocabulary(Random(1))
    names = [words.text("name", kind) for _ in range(20)]

    assert len(set(names)) == 20
    assert any(name.endswith((" North", " South")) for name in names) is has_sides


def test_two_people_of_one_name_have_two_addresses() -> None:
    words = Vocabulary(Random(1))
    mails = [words.text("email", "user", "Ada Lovelace") for _ in range(3)]

    assert mails == [
        "ada.lovelace@example.org",
        "ada.lovelace2@example.org",
        "ada.lovelace3@example.org",
    ]


def test_a_gym_has_other_machines_than_a_hospital() -> None:
    gym = {Vocabulary(Random(seed), ("GymDesk",)).text("name", "machine") for seed in range(20)}
    clinic = {Vocabulary(Random(seed), ("patients",)).text("name", "machine") for seed in range(20)}

    assert not gym & clinic


def test_the_same_chance_gives_the_same_words() -> None:
    assert [text("name", "user") for _ in range(2)] == [text("name", "user")] * 2


def test_a_number_without_a_meaning_has_no_range() -> None:
    assert amount("flag_bits", Random(1)) is None
    assert 5 <= (amount("unit_price", Random(1)) or 0) <= 250


def test_a_name_is_taken_apart() -> None:
    assert words_of("MedicalRecords") == words_of("medical_records") == ["medical", "records"]
