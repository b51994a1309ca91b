"""Words in docstrings, by what they say of a request."""

import re
from collections.abc import Mapping

import inflection

from envscaler.scen_generator.solution_first.intentions.verb_words import PARTICLES, PREPOSITIONS

ASKING = frozenset(
    (
        *("get", "read", "show", "tell", "ask", "reckon", "list", "find", "look", "answer", "say"),
        *("give back", "name", "count", "return", "check whether", "see", "print", "estimate"),
    )
)
"""Verbs of those who only want to know something."""
MADE_NEW = frozenset(
    (
        *("add", "create", "book", "enter", "note", "chalk", "write", "record", "open", "begin"),
        *("make", "register", "start", "issue", "place", "post", "file", "log", "plan", "report"),
        *("cast", "lay", "order", "draft", "announce", "offer"),
    )
)
"""Verbs with which something is made that was not there: what they name is no record yet."""
COUNTS = frozenset(
    ("count", "copies", "quantity", "qty", "number", "amount", "how_many", "pieces", "units")
)
"""Parameters that say how many there are of what is named first."""
UNITS = frozenset(("minutes", "hours", "days", "weeks", "months", "years"))
BEFORE = frozenset(("folder", "side", "bank", "end", "shift", "season", "half", "gate"))
"""What has its name before it: the upper side."""
TAKERS = frozenset(
    ("buyer", "customer", "recipient", "receiver", "requester", "borrower", "who", "client")
)
"""Those to whom something is given or sold."""
MEASURES = frozenset(
    ("height", "depth", "length", "width", "weight", "distance", "angle", "speed", "price", "score")
)
"""What may be of so much: a height of 400."""
MASSES = frozenset(("kg", "g", "grams", "ml", "litres", "tonnes"))
MONEY = frozenset(("cents", "pence", "euros", "dollars", "pounds"))
LIES: Mapping[str, str] = {
    **dict.fromkeys(("shelf", "board", "rack", "track", "berth", "table"), "on"),
    **dict.fromkeys(("drawer", "box", "bin", "room", "cell", "column", "vat", "lane"), "in"),
}
"""Where something is put → the word before it."""
BEHIND: Mapping[str, str] = {
    "reason": "with the reason",
    "note": "with the note",
    "text": "with the note",
    "comment": "with the comment",
    "remark": "with the remark",
    "remarks": "with the remarks",
    "day": "on",
    "product": "with",
    "date": "on",
}
"""Values that may be told at the end of a request → the words before them."""
GIVERS = frozenset(("donor", "supplier", "seller", "sender", "giver"))
"""Those from whom something comes."""
NO_ADJECTIVE = "|".join(
    sorted(
        PREPOSITIONS
        | {"an?", "the", "another", "one", "that", "which", "who", "whose", "its", "their", "his"}
        | {"back", "out", "up", "off", "down", "away", "over", "it", "them", "is", "are", "has"}
        | {
            "new",
            "fresh",
            "empty",
            "onto",
            "before",
            "after",
            "without",
            "this",
            "so",
            "where",
            "when",
            "if",
            "whether",
        }
    )
)
"""Words that do not stand between an article and its noun, as a pattern."""
_NO_VERB = frozenset(
    (
        *("a", "an", "the", "all", "no", "by", "of", "for", "in", "on", "at", "as", "if", "true"),
        *("false", "which", "what", "where", "who", "whose", "how", "why", "when", "whether"),
        *("this", "that", "these", "those", "two", "one", "each", "every", "any", "some", "it"),
        *("its", "only", "not", "whichever", "with", "without", "is", "are", "has", "does", "was"),
    )
)
_NOUN_END = re.compile(r"(?:tion|ment|ness|ity|ance|ence|ship|ing|ed|age)$")
_VERBS_SO_ENDING = frozenset(
    (
        *("bring", "ring", "sing", "swing", "fling", "hang", "mention", "position", "station"),
        *("auction", "implement", "supplement", "comment", "document", "finance", "balance"),
        *("advance", "reference", "sequence", "need", "feed", "seed", "shed", "embed", "speed"),
        *("manage", "engage", "package", "stage", "damage", "ship", "string", "cling", "wing"),
        *("proceed", "exceed", "succeed", "bed", "weed", "page", "image", "salvage", "forage"),
    )
)
_FORMS = {"frozen": "freeze", "broken": "break", "hidden": "hide", "taken": "take", "shut": "shut"}
"""How something is → what is done to it."""


def words_of(name: str) -> list[str]:
    """Return the words of a name of code, also of one in camel case."""
    return inflection.underscore(name).split("_")


def imperative(word: str) -> str:
    """Return the verb with which a sentence begins: `take` for `Takes`; empty where it is none."""
    plain = word.lower()
    if not re.fullmatch(r"[a-z]+(?:-[a-z]+)?", plain) or plain in _NO_VERB:
        return ""
    if plain.endswith("s") and not plain.endswith(("ss", "us", "is", "as")):
        plain = _without_s(plain)
    return plain if may_be_verb(plain) else ""


def may_be_verb(word: str) -> bool:
    """Tell whether a word does not look like a noun, or like what somebody asks."""
    is_noun = _NOUN_END.search(word) is not None and word not in _VERBS_SO_ENDING
    return not is_noun and word not in _NO_VERB | PREPOSITIONS | PARTICLES


def _without_s(word: str) -> str:
    """Return the verb of which `he` does something: `catch` for `catches`."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes", "goes", "does")):
        return word[:-2]
    return word[:-1]


def is_alike(one: str, other: str) -> bool:
    """Tell whether two words say the same: `close` and `closed`, `freeze` and `frozen`."""
    one, other = (_FORMS.get(each, each) for each in (one.lower(), other.lower()))
    short = min(len(one), len(other))
    if short <= 2:
        return one == other
    return one[: max(3, short - 1)] == other[: max(3, short - 1)]
