"""How alike texts are."""

import pytest

from envscaler.vectors import Vectors


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
