"""How alike texts are."""

import pytest

from envscaler.similarity import Vectors


def test_a_text_is_as_alike_to_itself_as_can_be() -> None:
    vectors = Vectors.of_texts(["library loans", "clinic records"])

    assert vectors.cosines(0) == [pytest.approx(1), 0]


def test_stop_words_make_no_texts_alike() -> None:
    vectors = Vectors.of_texts(["it is the library of a town", "it is the clinic of a doctor"])

    assert vectors.cosines(0)[1] == 0


def test_length_of_given_vectors_does_not_count() -> None:
    vectors = Vectors([[1.0, 0.0], [9.0, 0.0], [0.0, 2.0]])

    assert vectors.cosines(0) == [1, 1, 0]


def test_clusters_are_the_same_for_the_same_seed() -> None:
    vectors = Vectors([[1.0, 0.1], [1.0, 0.2], [0.1, 1.0], [0.2, 1.0]])

    labels = vectors.clusters(2, seed=3)

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert vectors.clusters(2, seed=3) == labels


def test_texts_that_are_written_alike_are_alike() -> None:
    vectors = Vectors.of_spelling(["renew the loan", "renewing the loans", "book a berth"])

    alike, unlike = vectors.cosines(0)[1:]

    assert alike > 0.5 > unlike


def test_close_pairs_are_those_above_the_limit_the_later_first() -> None:
    vectors = Vectors([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [1.0, 0.2]])

    found = [(later, earlier) for later, earlier, _ in vectors.close_pairs(0.9)]

    assert found == [(2, 0), (3, 0), (3, 2)]


def test_close_pairs_are_found_across_blocks() -> None:
    vectors = Vectors.of_spelling(["one loan", "two berths", "three maps", "one loan"])

    assert [(later, earlier) for later, earlier, _ in vectors.close_pairs(0.9, 2)] == [(3, 0)]
