"""Sentences that say what an answer has in it: they are about a query, and change nothing."""

import re

from envscaler.environment.state.plurals import singular

_ANSWERS = (
    r"ways|options|suggestions|proposals|alternatives|candidates|choices|answers?|replies|results?"
    r"|reports?|overview|summary|summaries|statistics|listings?|searches|queries|rankings?"
)
_HEAD = re.compile(
    rf"^(?:an?|the|all|every|each|any|what)?\s*(?:\w+\s+)?(?:{_ANSWERS})\s+"
    r"(?:to|of|for|in|by|from|are|is|do|does|lists?|shows?|has|have|only|never|counts?|gives?"
    r"|includes?|contains?|names?|tells?|leaves?)\b",
    re.IGNORECASE,
)
"""How a sentence begins that has an answer for its subject."""
_LIST = re.compile(r"^(?:an?|the|every|each|any)?\s*lists? of\b", re.IGNORECASE)
_SHAPE = re.compile(r"[{\[]\s*[\"']\w+[\"']\s*:|[\"']\w+[\"']\s*:\s")
"""A dict as it is written, which tells how an answer looks."""
_WORD = re.compile(r"[a-z]+")


def tells_answer(text: str, names: frozenset[str] = frozenset()) -> bool:
    """Say whether a sentence is about what a query answers, not about the state or a change.

    Args:
        text: The sentence.
        names: What collections and fields of the state are called: `Results are final` is about
            the state where that has results.
    """
    if _SHAPE.search(text) or _LIST.search(text):
        return True
    found = _HEAD.search(text)
    words = {singular(word) for word in _WORD.findall(found[0].lower())} if found else set[str]()
    return found is not None and words.isdisjoint(singular(name.lower()) for name in names)
