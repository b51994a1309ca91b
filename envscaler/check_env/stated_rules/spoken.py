"""Whether a sentence speaks of a field, in whatever form of its word."""

import re
from functools import lru_cache

from envscaler.check_env.stated_rules.words import stem, stems

_PREFIX = 4
"""Letters that two forms of one word share: `reviewer`, `reviews`."""
_IRREGULAR = {
    "paid": "pay", "sold": "sell", "held": "hold", "sent": "send", "spent": "spend", "lent": "lend",
    "left": "leave", "taken": "take", "given": "give", "bought": "buy", "begun": "begin",
    "payment": "pay", "payments": "pay", "sale": "sell", "sales": "sell", "loan": "lend",
    "temp": "temperature", "qty": "quantity", "max": "maximum", "min": "minimum",
}  # fmt: skip
_NEGATED = ("in", "un", "not")


@lru_cache(8192)
def words_in(sentence: str) -> frozenset[str]:
    """Return the words of a sentence, and their regular forms."""
    words = re.findall(r"[a-z]+", sentence.lower())
    return frozenset(stem(_IRREGULAR.get(word, word)) for word in words) | stems(sentence)


def speaks_of(sentence: str, name: str) -> bool:
    """Say whether a sentence has every word of a name, or what is close to it."""
    said = words_in(sentence)
    parts = re.findall(r"[a-z]+", name.lower())
    own = frozenset(stem(_IRREGULAR.get(one, one)) for one in parts) & _telling(name)
    return bool(own) and all(_is_in(part, said) for part in own)


def _telling(name: str) -> frozenset[str]:
    parts = [*map(str, re.findall(r"[a-z]+", name.lower()))]
    found = stems(" ".join(_IRREGULAR.get(one, one) for one in parts))
    return found - {"minimum", "maximum"} or found


def _is_in(part: str, said: frozenset[str]) -> bool:
    if part in said:
        return True
    negated = any(f"{sign}{part}" in said for sign in _NEGATED)
    return negated or any(
        min(len(part), len(one)) >= _PREFIX and (part.startswith(one) or one.startswith(part))
        for one in said
    )


def place_of(sentence: str, name: str) -> int | None:
    """Return where a sentence first has a word that is, or is close to, a word of a name."""
    own = _telling(name)
    for match in re.finditer(r"[a-z]+", sentence.lower()):
        word = stem(_IRREGULAR.get(match[0], match[0]))
        if any(_is_in(part, frozenset((word,))) for part in own):
            return match.start()
    return None
