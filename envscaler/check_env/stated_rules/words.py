"""Words of sentences and names, cut down so that they can be compared."""

import re
from functools import lru_cache
from itertools import pairwise

from envscaler.environment.state.plurals import singular

_DULL = frozenset(
    (
        "id", "ids", "key", "name", "no", "number", "the", "of", "by", "at", "in", "is", "a", "an",
        "to", "and", "or", "for",
    )
)  # fmt: skip
_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_TIMES = {"once": 1, "twice": 2, "thrice": 3, "no": 0, "single": 1}
NUMBER = rf"(\d+|{'|'.join(_NUMBERS)}|once|twice|thrice)"
"""A number in digits or as a word, as a part of a pattern."""
_ENDINGS = ("ing", "ed", "en", "s", "e")


def number_of(word: str) -> int | None:
    """Return 2 for `two`, `2` and `twice`; None for what is no number."""
    word = word.lower()
    if word.isdigit():
        return int(word)
    return _NUMBERS.index(word) if word in _NUMBERS else _TIMES.get(word)


@lru_cache(8192)
def stem(word: str) -> str:
    """Return what `booked`, `books` and `booking` share."""
    word = singular(word.lower())
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word.removesuffix(ending)
            break
    double = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeious"
    return word[:-1] if double else word.removesuffix("e")


@lru_cache(4096)
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text or a name, without those that tell nothing."""
    words = re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return frozenset(stem(word) for word in words if word not in _DULL)


@lru_cache(4096)
def stems_of_sentence(text: str) -> frozenset[str]:
    """Return the stems of a sentence, and of words that names write as one: `waitlist`."""
    words = [stem(word) for word in re.findall(r"[a-z]+", text.lower())]
    return stems(text) | {one + other for one, other in pairwise(words)}


def names(name: str, said: frozenset[str]) -> bool:
    """Say whether a sentence, given by its stems, has all words of a name."""
    own = stems(name)
    return bool(own) and own <= said
