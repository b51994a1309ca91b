"""How alike texts are: TF-IDF or given embeddings, cosines, near-duplicates and clusters.

Near-duplicates are joined as All-Pairs does it (Bayardo, Ma, Srikant 2007) with the bound of L2AP
(Anastasiu, Karypis 2014): exact, and in plain Python fast enough for thousands of texts. Only
clusters need scikit-learn, which is an extra.
"""

import math
import re
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate

from envscaler.errors import ConfigError
from envscaler.resources import package_text

_WORD = re.compile(r"\w\w+")
_SPACE = re.compile(r"\s+")
_PIECES = (3, 4, 5)
STOP_WORDS = frozenset(package_text("stop_words.txt").split())


class Vectors:
    """Unit vectors, one for each text.

    Args:
        rows: Coordinate → value, without zeros; of any length.
    """

    def __init__(self, rows: Iterable[Mapping[int, float]]) -> None:
        self._rows = [_Row(row) for row in _by_spread(rows)]

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> "Vectors":
        """Weigh the words of texts by TF-IDF: rare words count, stop words do not."""
        return cls(_tf_idf((_words(text) for text in texts), float))

    @classmethod
    def of_spelling(cls, texts: Sequence[str]) -> "Vectors":
        """Weigh pieces of 3 to 5 letters by TF-IDF: what is written alike is alike."""
        return cls(_tf_idf((_pieces(text) for text in texts), lambda n: 1.0 + math.log(n)))

    @classmethod
    def of_embeddings(cls, embeddings: Iterable[Sequence[float]]) -> "Vectors":
        """Take what an embedding model made of the texts."""
        return cls({at: x for at, x in enumerate(row) if x} for row in embeddings)

    def close_pairs(self, limit: float, since: int = 0) -> Iterator[tuple[int, int, float]]:
        """Yield pairs of vectors, the later first, whose cosine is above a limit; in order.

        Args:
            limit: At least 0, below 1.
            since: The later one has at least this number.
        """
        sizes = [row.common(limit) for row in self._rows]
        index: defaultdict[int, _Postings] = defaultdict(_Postings)
        for later, row in enumerate(self._rows):
            found: defaultdict[int, float] = defaultdict(float)
            for place, value in row.pairs(sizes[later]):
                if later >= since:
                    for earlier, other in index[place].pairs():
                        found[earlier] += value * other
                index[place].add(later, value)
            values = dict(row.pairs()) if found else {}
            for earlier in sorted(found):
                rest = self._most_in_common((later, sizes[later]), (earlier, sizes[earlier]))
                if found[earlier] + rest > limit:
                    cosine = self._rows[earlier].times(values)
                    if cosine > limit:
                        yield later, earlier, cosine

    def _most_in_common(self, *each: tuple[int, int]) -> float:
        """Bound what two vectors can have in common in places that are common for one of them."""
        ends = [self._rows[at].place_before(size) for at, size in each]
        return math.prod(self._rows[at].length_until(max(ends)) for at, _ in each)

    def cosine(self, one: int, other: int) -> float:
        """Return the cosine of two vectors."""
        return self._rows[one].times(dict(self._rows[other].pairs()))

    def clusters(self, count: int, seed: int) -> list[int]:
        """Return for each vector the number of its KMeans cluster.

        Raises:
            ConfigError: scikit-learn is not installed.
        """
        check_clusters()
        matrix = import_module("scipy.sparse").csr_matrix(
            (
                [value for row in self._rows for value in row.values],
                [at for row in self._rows for at in row.places],
                [0, *accumulate(len(row.places) for row in self._rows)],
            )
        )
        kmeans = import_module("sklearn.cluster").KMeans
        return kmeans(n_clusters=count, n_init=10, random_state=seed).fit_predict(matrix).tolist()


def check_clusters(library: str = "sklearn") -> None:
    """Make sure that clusters can be made.

    Raises:
        ConfigError: scikit-learn is not installed.
    """
    if find_spec(library) is None:
        raise ConfigError(
            "Clusters of topics need scikit-learn: pip install 'envscaler[cluster]', or set "
            "skel_builder.select=similarity"
        )


class _Postings:
    """The vectors that have a value at one place, and the values."""

    __slots__ = ("_rows", "_values")

    def __init__(self) -> None:
        self._rows, self._values = array("I"), array("d")

    def add(self, row: int, value: float) -> None:
        self._rows.append(row)
        self._values.append(value)

    def pairs(self) -> Iterator[tuple[int, float]]:
        return zip(self._rows, self._values, strict=True)


class _Row:
    """A unit vector: places of its values, the commonest first, and the values.

    Args:
        row: Place and value, without zeros, by place.
    """

    __slots__ = ("_lengths", "places", "values")

    def __init__(self, row: Sequence[tuple[int, float]]) -> None:
        length = math.sqrt(math.fsum(value * value for _, value in row)) or 1.0
        self.places = array("I", (place for place, _ in row))
        self.values = array("d", (value / length for _, value in row))
        squares = accumulate(value * value for value in self.values)
        self._lengths = array("d", map(math.sqrt, squares))

    def pairs(self, start: int = 0) -> Iterator[tuple[int, float]]:
        return zip(self.places[start:], self.values[start:], strict=True)

    def times(self, other: Mapping[int, float]) -> float:
        return sum(value * other[place] for place, value in self.pairs() if place in other)

    def common(self, limit: float) -> int:
        """Return how many places, the commonest, are no longer together than a limit.

        By Cauchy and Schwarz, in these alone no unit vector has a product above the limit. Two
        vectors that have one therefore share a place behind those of either.
        """
        return bisect_right(self._lengths, limit)

    def place_before(self, size: int) -> int:
        return self.places[size - 1] if size else -1

    def length_until(self, place: int) -> float:
        size = bisect_right(self.places, place)
        return self._lengths[size - 1] if size else 0.0


def _by_spread(rows: Iterable[Mapping[int, float]]) -> Iterator[list[tuple[int, float]]]:
    """Number the places anew, those of most rows first, and put each row in that order."""
    packed = deque(map(_packed, rows))
    spread = Counter(place for places, _ in packed for place in places)
    ordered = sorted(spread, key=lambda place: (-spread[place], place))
    rank = {place: number for number, place in enumerate(ordered)}
    while packed:
        places, values = packed.popleft()
        yield sorted(zip(map(rank.__getitem__, places), values, strict=True))


def _tf_idf(
    texts: Iterable[Iterable[str]], weigh: Callable[[int], float]
) -> Iterator[dict[int, float]]:
    """Weigh each term of a text by how often it is there and in how few texts it is."""
    numbers: dict[str, int] = {}
    counted = deque(
        _packed(Counter(numbers.setdefault(term, len(numbers)) for term in terms))
        for terms in texts
    )
    spread = Counter(term for terms, _ in counted for term in terms)
    rarity = {term: 1.0 + math.log((1 + len(counted)) / (1 + n)) for term, n in spread.items()}
    while counted:
        terms, counts = counted.popleft()
        yield {term: weigh(int(n)) * rarity[term] for term, n in zip(terms, counts, strict=True)}


def _packed(row: Mapping[int, float]) -> "tuple[array[int], array[float]]":
    """Put a row into 12 bytes a value, a tenth of what a mapping takes."""
    return array("I", row), array("d", row.values())


def _words(text: str) -> Iterator[str]:
    return (word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces of each word, a blank before and behind it; short words are one piece."""
    for word in _SPACE.sub(" ", text.lower()).split():
        padded = f" {word} "
        for size in _PIECES:
            if len(padded) <= size:
                yield padded
                break
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))
