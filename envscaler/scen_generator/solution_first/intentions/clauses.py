"""How a person says what something new is to be like: a sentence for each of its values."""

import re
from collections.abc import Iterator, Mapping, Sequence

from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.labels import label_of, participle_of

_TEXT = re.compile(r"description|details|notes?$|remark|summary|instructions|comment|text|content")
_STARTS = re.compile(r"^(start|begin)_(date|time|at)$")
_PLANNED = re.compile(r"^(planned|scheduled|appointment)_")
_EXPIRES = re.compile(r"^(expir|valid_until)")
_DATED = re.compile(
    r"^(date|timestamp|datetime|day|\w*_(timestamp|datetime)|(payment|order|quote|event)_date)$"
)
_MADE = frozenset(("created", "generated", "recorded", "registered", "uploaded", "submitted"))
"""What was done with it at the time of which something is."""
_AHEAD = frozenset(("hired", "admitted", "enrolled"))
"""What may lie ahead as well."""
_PLAINLY = {"consumed": "eaten"}
_IMPERATIVE = re.compile(r"(mark|date|log) (it|them)\b|give |put ")
_HAPPENS = re.compile(r"incident|accident|emergency")
_STANDS = re.compile(r"^(account|approval|payment|delivery|shipment|order)$")
"""What stands before `status` that may itself be active, or pending."""
_NAMED = re.compile(r"^(?!user|first|last|middle|family|given|full|file)(\w+ )+(name|type)$")
_COUNTED = re.compile(r"[a-rt-z]s$")
_LASTS = re.compile(r"duration|time|length")
_PLACES: Mapping[str, str] = {"category": "is in the category", "brand": "is by"}
"""Label → the words before its value."""
_SAID: Mapping[str, str] = {
    "payment method": "it was paid by",
    "rating": "give it a rating of",
    "activity type": "log it as",
}
"""The same, whatever is made."""


def clauses(
    names: Sequence[str],
    schemas: Mapping[str, JsonObject],
    *,
    is_person: bool = False,
    what: str = "it",
) -> list[str]:
    """Return a clause for each value that something new is to have; a text comes last.

    Args:
        names: Of the parameters.
        schemas: Parameter → its schema.
        is_person: What is new is the record of a person.
        what: What is new is called so.
    """
    eaten, left = _eaten(names, schemas)
    ordered = sorted(left, key=lambda name: (_is_text(name), not _is_stand(name)))
    said = [
        _of_event(name, what) or _clause(name, schemas.get(name, {}), is_person=is_person)
        for name in ordered
    ]
    return [*eaten, *sorted(said, key=lambda each: not _IMPERATIVE.match(each))]


def _eaten(
    names: Sequence[str], schemas: Mapping[str, JsonObject]
) -> tuple[list[str], Sequence[str]]:
    """Return a clause for what somebody has had, when, and with how much in it; and the rest."""
    when = next((name for name in names if participle_of(name) in _PLAINLY), None)
    what = next((name for name in names if _NAMED.match(label_of(name))), None)
    if when is None or what is None:
        return [], names
    much = [
        name
        for name in names
        if schemas.get(name, {}).get("type") in ("integer", "number")
        and _COUNTED.search(label_of(name))
    ]
    amounts = "".join(f", with {{{name}}} {label_of(name)}" for name in much)
    left = [name for name in names if name not in (when, what, *much)]
    return [f"it was {{{what}}} on {{{when}}}{amounts}"], left


def _of_event(name: str, what: str) -> str:
    """Return what is said of an accident; empty for anything else."""
    if not _HAPPENS.search(what):
        return ""
    if _DATED.match(name):
        return f"it happened on {{{name}}}"
    return f"log it as {{{name}}}" if label_of(name) == "type" else ""


def is_entered(name: str) -> bool:
    """Tell whether a value says when a record was made, which whoever keeps it enters."""
    return participle_of(name) in _MADE | {"issued", "reported"}


def as_sentences(alone: Sequence[str], joined: Sequence[str]) -> str:
    """Return sentences without the last full stop.

    Args:
        alone: Clauses, each of which is a sentence.
        joined: Clauses, two of which are a sentence.
    """
    said = [*joined]
    sentences = [*alone]
    while said:
        first, *rest = said
        is_alike = bool(rest) and bool(_IMPERATIVE.match(first)) is bool(_IMPERATIVE.match(rest[0]))
        sentences.append(_both(first, rest[0]) if is_alike else first)
        said = rest[1:] if is_alike else rest
    return ". ".join(sentences)


def _both(one: str, other: str) -> str:
    """Return two clauses as one sentence, in which `it` is said once."""
    is_of_it = one.startswith("it ") and other.startswith("it ")
    return f"{one} and {other.removeprefix('it ') if is_of_it else other}"


def _clause(name: str, schema: JsonObject, *, is_person: bool) -> str:
    label, slot = label_of(name), f"{{{name}}}"
    it, be, s = ("they", "are", "") if is_person else ("it", "is", "s")
    if _is_text(name):
        return f"the {label} should read {slot}"
    if label.endswith("status"):
        thing = label.removesuffix(" status")
        them = "them" if is_person else "it"
        return f"the {thing} is {slot}" if _STANDS.match(thing) else f"mark {them} as {slot}"
    if when := _when(name, it, be, s):
        return f"{when} {slot}"
    if label in _PLACES and not is_person:
        return f"{it} {_PLACES[label]} {slot}"
    return _of_what(label, slot, schema)


def _of_what(label: str, slot: str, schema: JsonObject) -> str:
    """Return a clause that says what is of something new: how much, or of what sort."""
    label, _, unit = label.removeprefix("current ").partition(" in ")
    if label in _SAID:
        return f"{_SAID[label]} {slot}"
    if unit and _LASTS.search(label):
        return f"it takes {slot} {unit}"
    if label in ("days", "weeks", "months", "nights"):
        return f"it is for {slot} {label}"
    if schema.get("type") in ("integer", "number") and _COUNTED.search(label):
        return f"it has {slot} {label}"
    if _NAMED.match(label):
        label = label.rpartition(" ")[0]
    are = "are" if _COUNTED.search(label) else "is"
    return f"the {label} {are} {slot} {unit}".rstrip()


def _when(name: str, it: str, be: str, s: str) -> str:
    """Return what is said before a date; empty where its name does not tell what it is of."""
    done = participle_of(name)
    if done in _MADE or _DATED.match(name):
        return f"date {'it' if it == 'it' else 'them'}"
    if done in _AHEAD:
        return f"the {label_of(name)} is"
    if done:
        done = _PLAINLY.get(done, done)
        return f"{it} was {done} on" if it == "it" else f"they were {done} on"
    said: Iterator[tuple[bool, str]] = iter(
        (
            (name == "due_date", f"{it} {be} due on"),
            (bool(_STARTS.match(name)), f"{it} start{s} on"),
            (bool(_PLANNED.match(name)), f"{it} {be} planned for"),
            (bool(_EXPIRES.match(name)), f"{it} {be} valid until"),
        )
    )
    return next((words for fits, words in said if fits), "")


def _is_stand(name: str) -> bool:
    return label_of(name).endswith("status")


def _is_text(name: str) -> bool:
    return _TEXT.search(name) is not None
