"""How alike texts are."""

from collections.abc import Callable, Sequence
from importlib import import_module
from random import Random

import pytest

from envscaler.errors import ConfigError
from envscaler.similarity import STOP_WORDS, Vectors, check_clusters

NOUNS = ("loan", "atlas", "berth", "harbour", "permit", "invoice", "a", "of", "é", "x1", "the")


def make_texts(count: int) -> list[str]:
    """Build texts of which some are close to an earlier one."""
    chance = Random(4)
    texts = [" ".join(chance.choices(NOUNS, k=12)) for _ in range(count // 2)]
    for text in texts.copy():
        words = text.split()
        words[chance.randrange(12)] = chance.choice(NOUNS)
        texts.append("  ".join(words).title())
    return texts


def close(vectors: Vectors, limit: float) -> list[tuple[int, int]]:
    return [(later, earlier) for later, earlier, _ in vectors.close_pairs(limit)]


def test_a_text_is_as_alike_to_itself_as_can_be() -> None:
    vectors = Vectors.of_texts(["library loans", "clinic records"])

    assert vectors.cosine(0, 0) == pytest.approx(1)
    assert vectors.cosine(0, 1) == 0


def test_stop_words_make_no_texts_alike() -> None:
    vectors = Vectors.of_texts(["it is the library of a town", "it is the clinic of a doctor"])

    assert vectors.cosine(0, 1) == 0


def test_a_text_of_stop_words_alone_is_like_none() -> None:
    vectors = Vectors.of_texts(["it is", "it is", "loan"])

    assert close(vectors, 0) == []


def test_length_of_given_vectors_does_not_count() -> None:
    vectors = Vectors.of_embeddings([[1.0, 0.0], [9.0, 0.0], [0.0, 2.0]])

    assert (vectors.cosine(0, 1), vectors.cosine(0, 2)) == (1, 0)


def test_vectors_that_point_apart_have_a_negative_cosine() -> None:
    vectors = Vectors.of_embeddings([[1.0, 1.0], [-1.0, -1.0]])

    assert vectors.cosine(0, 1) == pytest.approx(-1)


def test_clusters_are_the_same_for_the_same_seed() -> None:
    pytest.importorskip("sklearn", reason="clusters come with the extra `cluster`")
    vectors = Vectors.of_embeddings([[1.0, 0.1], [1.0, 0.2], [0.1, 1.0], [0.2, 1.0]])

    labels = vectors.clusters(2, seed=3)

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert vectors.clusters(2, seed=3) == labels


def test_without_scikit_learn_the_extra_is_named() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'envscaler\[cluster\]'"):
        check_clusters("no_such_library")


def test_texts_that_are_written_alike_are_alike() -> None:
    vectors = Vectors.of_spelling(["renew the loan", "renewing the loans", "book a berth"])

    assert vectors.cosine(0, 1) > 0.5 > vectors.cosine(0, 2)


def test_close_pairs_are_those_above_the_limit_the_later_first() -> None:
    vectors = Vectors.of_embeddings([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [1.0, 0.2]])

    assert close(vectors, 0.9) == [(2, 0), (3, 0), (3, 2)]


@pytest.mark.parametrize("limit", [0.0, 0.2, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("make", [Vectors.of_texts, Vectors.of_spelling])
def test_close_pairs_are_all_pairs_above_the_limit(
    make: Callable[[Sequence[str]], Vectors], limit: float
) -> None:
    vectors = make(make_texts(60))

    every = [(i, j) for i in range(60) for j in range(i) if vectors.cosine(i, j) > limit]

    assert close(vectors, limit) == every


def test_close_pairs_of_embeddings_count_what_cancels_out() -> None:
    chance = Random(7)
    rows = [[chance.gauss(0, 1) for _ in range(6)] for _ in range(60)]
    vectors = Vectors.of_embeddings(rows)

    every = [(i, j) for i in range(60) for j in range(i) if vectors.cosine(i, j) > 0.6]

    assert close(vectors, 0.6) == every != []


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (Vectors.of_texts, {"stop_words": sorted(STOP_WORDS)}),
        (Vectors.of_spelling, {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True}),
    ],
)
def test_cosines_are_those_of_scikit_learn(
    make: Callable[[Sequence[str]], Vectors], options: dict[str, object]
) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the extra `cluster`")
    texts = make_texts(40)
    matrix = import_module("sklearn.feature_extraction.text").TfidfVectorizer(**options)
    weights = matrix.fit_transform(texts)
    expected = (weights @ weights.T).toarray().tolist()

    vectors = make(texts)

    found = [[vectors.cosine(i, j) for j in range(40)] for i in range(40)]
    assert found == [pytest.approx(row, abs=1e-12) for row in expected]
