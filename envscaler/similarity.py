"""How alike texts are: TF-IDF or given embeddings, cosines and clusters.

scikit-learn takes most of a second to import and has no types, so it is imported when needed and
nothing of it leaves this module.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any


class Vectors:
    """Unit vectors, one for each text.

    Args:
        matrix: Rows of any length, dense or sparse, as scikit-learn takes them.
    """

    def __init__(self, matrix: Any) -> None:  # noqa: ANN401 - a scipy matrix or a list of lists
        self._matrix = import_module("sklearn.preprocessing").normalize(matrix)

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> "Vectors":
        """Weigh the words of texts by TF-IDF: rare words count, stop words do not."""
        text_module = import_module("sklearn.feature_extraction.text")
        return cls(text_module.TfidfVectorizer(stop_words="english").fit_transform(texts))

    @classmethod
    def of_spelling(cls, texts: Sequence[str]) -> "Vectors":
        """Weigh pieces of 3 to 5 letters by TF-IDF: what is written alike is alike."""
        text_module = import_module("sklearn.feature_extraction.text")
        vectorizer = text_module.TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True
        )
        return cls(vectorizer.fit_transform(texts))

    def close_pairs(self, limit: float, block: int = 512) -> Iterator[tuple[int, int, float]]:
        """Yield pairs of vectors, the later first, whose cosine is above a limit; in order.

        Args:
            limit: In [0, 1].
            block: Vectors that are compared at once with all.
        """
        coordinates = import_module("scipy.sparse").coo_matrix
        for start in range(0, self._matrix.shape[0], block):
            products = coordinates(self._matrix[start : start + block] @ self._matrix.T)
            close = products.data > limit
            pairs = zip(
                (products.row[close] + start).tolist(),
                products.col[close].tolist(),
                products.data[close].tolist(),
                strict=True,
            )
            yield from sorted(pair for pair in pairs if pair[0] > pair[1])

    def cosines(self, index: int) -> list[float]:
        """Return the cosine of one vector with each."""
        kernel = import_module("sklearn.metrics.pairwise").linear_kernel
        return kernel(self._matrix[index : index + 1], self._matrix)[0].tolist()

    def clusters(self, count: int, seed: int) -> list[int]:
        """Return for each vector the number of its KMeans cluster."""
        kmeans = import_module("sklearn.cluster").KMeans
        return (
            kmeans(n_clusters=count, n_init=10, random_state=seed)
            .fit_predict(self._matrix)
            .tolist()
        )
