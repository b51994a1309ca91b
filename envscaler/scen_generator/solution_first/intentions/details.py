"""How a person describes something new: names first, dates last, no bare fields."""

import re
from collections.abc import Mapping, Sequence

from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.clauses import as_sentences, clauses
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
    participle_of,
    with_article,
)

_CALLED = re.compile(r"^(new_)?(full_)?name$")
_TITLED = re.compile(r"^(new_)?(title|headline|subject)$")
_SAYING = re.compile(r"^(content|body|message|text|comment|comment_text|review_text)$")
_DATED = re.compile(
    r"^(date|time|timestamp|datetime|day|\w*_(timestamp|datetime)|(payment|order|quote|event)_date)$"
)
_STARTS = re.compile(r"^(start|begin)_(date|time|at)$")
_PLANNED = re.compile(r"^(planned|scheduled|appointment)_")
_EXPIRES = re.compile(r"^(expir|valid_until)")
_FROM = re.compile(r"^(start|from|begin|check_?in|arrival|pickup|borrowed|departure|issu)")
_UNTIL = re.compile(r"^(end|to|until|finish|check_?out|departure|return|due|expir)")
_COUNTED = re.compile(r"[a-rt-z]s$|(ed|wn)$| in \w+$|^(km|kg|g|ml|mg|cm|mm|m)$")
"""Of what a number says how many there are: 36 sown, 12 digits, 15 km, and what has a unit."""
_LASTING = frozenset(("days", "weeks", "months", "nights"))
"""For how long something new is."""
_LEAST_APART = 2
"""Details that nobody puts into one sentence with what is asked for."""
APART = "<apart>"
"""Stands in a pattern where its first sentence ends, and details begin."""
_A_DATE = re.compile(
    r"^date_|^due|(date|time|stamp|day|arrival|departure|check_?in|check_?out|at|on|until)$"
)


def described(names: Sequence[str], schemas: Mapping[str, JsonObject], new_id: str = "") -> str:
    """Return the words for values that are given, with a slot for each.

    Args:
        names: Of the parameters.
        schemas: Parameter → its schema.
        new_id: The parameter that takes the id of what is made; empty when none does.
    """
    left = [*names]
    called = _first(left, _CALLED, "called") + _first(left, _TITLED, "titled")
    saying = _first(left, _SAYING, "saying")
    dates = "".join(f" {each}" for each in _dates(left))
    items = [f"the {_id_label(new_id)} {{{new_id}}}"] if new_id else []
    lasting = [name for name in left if label_of(name) in _LASTING and name in schemas]
    dates = "".join(f" for {{{name}}} {label_of(name)}" for name in lasting) + dates
    items += [_item(name, schemas.get(name, {})) for name in left if name not in lasting]
    with_items = f" with {listed(items)}" if items else ""
    return f"{called}{with_items}{dates}{saying}"


def apart(
    names: Sequence[str],
    schemas: Mapping[str, JsonObject],
    new_id: str = "",
    *,
    whose: str = "it",
    is_person: bool = False,
) -> tuple[str, str]:
    """Return the words for values of which most are told in sentences of their own.

    Args:
        names: Of the parameters.
        schemas: Parameter → its schema.
        new_id: The parameter that takes the id of what is made; empty when none does.
        whose: What gets the id: `it`, or `the charge` where other records are named.
        is_person: What is made is the record of a person.

    Returns:
        What is told at once, and the sentences without their last full stop; these are empty where
        there is too little to tell.
    """
    left = [*names]
    called = _first(left, _CALLED, "called") + _first(left, _TITLED, "titled")
    called += _first(left, _SAYING, "saying")
    called += "".join(f" {each}" for each in _span(left, [*filter(_A_DATE.search, left)]))
    if not left and not new_id:
        return called, ""
    if len(left) + bool(new_id) < _LEAST_APART and not new_id:
        return "", ""
    said = [f"give {whose} the {_id_label(new_id)} {{{new_id}}}"] if new_id else []
    told = clauses(left, schemas, is_person=is_person, what=whose)
    is_first = not told or not told[0].startswith("it was")
    return called, as_sentences([], [*said, *told] if is_first else [*told, *said])


def is_counted(name: str) -> bool:
    """Tell whether the label of a number says of what there are so many."""
    return _COUNTED.search(label_of(name)) is not None


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([*([", ".join(items[:-1])] if items[1:] else []), items[-1]])


def _first(left: list[str], pattern: re.Pattern[str], word: str) -> str:
    """Take the first name of a kind away, and word it."""
    name = next((each for each in left if pattern.match(each)), None)
    if name is None:
        return ""
    left.remove(name)
    return f" {word} {{{name}}}"


def _id_label(name: str) -> str:
    """Return what an id is called: the `license number` where it is that."""
    return label_of(name) if name.endswith(("number", "code")) else "ID"


def _dates(left: list[str]) -> list[str]:
    """Take dates away and word them: `from {start} to {end}`, `due on {due}`."""
    dates = [name for name in left if _A_DATE.search(name)]
    said = _span(left, dates)
    for name in [each for each in dates if each in left]:
        word = _before_date(name)
        if word is not None:
            said.append(f"{word} {{{name}}}")
            left.remove(name)
    return said


def _span(left: list[str], dates: Sequence[str]) -> list[str]:
    """Take a beginning and an end away, where there are both, and word them."""
    begins = [name for name in dates if _FROM.match(name)]
    ends = [name for name in dates if _UNTIL.match(name) and name not in begins[:1]]
    if not begins or not ends:
        return []
    known = {begins[0], ends[0]}
    left[:] = [name for name in left if name not in known]
    valid = "valid " if _EXPIRES.match(ends[0]) else ""
    return [f"{valid}from {{{begins[0]}}} to {{{ends[0]}}}"]


def _before_date(name: str) -> str | None:
    """Return what is said before a date; None where its name does not tell."""
    if done := participle_of(name):
        return f"{done} on"
    if re.fullmatch(r"due(_date|_on|_day)?", name):
        return "due on"
    kinds = ((_STARTS, "starting on"), (_PLANNED, "for"), (_EXPIRES, "valid until"))
    known = next((word for pattern, word in kinds if pattern.match(name)), None)
    return known or ("dated" if _DATED.match(name) else None)


def _item(name: str, schema: JsonObject) -> str:
    label = label_of(name)
    if schema.get("type") in ("integer", "number") and is_counted(name):
        what, _, unit = label.partition(" in ")
        if unit and not what.endswith("ed"):
            return f"{with_article(what)} of {{{name}}} {unit}"
        return f"{{{name}}} {unit} {what}" if unit else f"{{{name}}} {label}"
    if schema.get("type") in ("integer", "number"):
        return f"{with_article(label)} of {{{name}}}"
    return f"the {label} {{{name}}}"
