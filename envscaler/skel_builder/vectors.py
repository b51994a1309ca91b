"""How alike texts are: TF-IDF or given embeddings, cosines and clusters.

scikit-learn takes most of a second to import and has no types, so it is imported when needed and
nothing of it leaves this module.
"""

from collections.abc import Sequence
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
