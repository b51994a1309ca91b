"""A grammar that works both ways: from a meaning to a text, and from the text to all it may mean.

A form is a pattern for one kind of meaning: `the {field} of {of}` for `Same`. Slots are the fields
of that meaning, and each is worded by a rule; what a form fixes is not said, it is in the words.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from random import Random

from envscaler.scen_generator.solution_first.intentions.intention import Request

Fixed = Mapping[str, object]
Fields = Mapping[str, object]
_MOST_READINGS = 48
"""Readings of one text by one rule; a text that has more is refused."""
_SLOT = re.compile(r"\{(\w+)\}")


class UnsaidError(LookupError):
    """The grammar has no words for a meaning."""


class NoFormError(UnsaidError):
    """No form says a meaning; most are tried in vain, so it is not written down before it is read.

    Args:
        rule: The rule.
        meaning: What it has no words for.
    """

    def __init__(self, rule: str, meaning: object) -> None:
        super().__init__(rule, meaning)
        self._rule, self._meaning = rule, meaning

    def __str__(self) -> str:
        return f"{self._rule} has no words for {self._meaning!r}"


class AmbiguousError(LookupError):
    """A text has too many readings."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a form, and the rule by which it is worded."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say one kind of meaning."""

    kind: type
    fixed: Fixed
    """Fields that the words themselves say."""
    parts: tuple[str | Slot, ...]
    weight: float = 1.0
    """How often it is chosen beside others."""

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the fields that it says in words of their own."""
        return tuple(part.name for part in self.parts if isinstance(part, Slot))

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields of every meaning that it can say."""
        return frozenset((*self.slots, *self.fixed))

    def says(self, held: Fields) -> bool:
        """Tell whether it says a meaning of its kind with fields of its names."""
        return all(_alike(held[name], value) for name, value in self.fixed.items())

    def build(self, said: Fields) -> object:
        """Return the meaning, given what the slots say."""
        return _build(self.kind, {**self.fixed, **said})


_Sorted = dict[frozenset[str], list[tuple[Form, tuple[str, ...]]]]
"""Names of fields → forms for meanings with these, and the slots of each."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words for plain values, instead of forms."""

    say: Callable[[object, Random], str]
    """Raises `UnsaidError` where there are none."""
    read: Callable[[str, int], Iterator[tuple[object, int]]]
    """Yields what may stand at a place of a text, and where it ends."""


def form(
    kind: type,
    pattern: str,
    rules: Mapping[str, str],
    fixed: Fixed | None = None,
    weight: float = 1.0,
) -> Form:
    """Make a form from a pattern with slots in braces.

    Args:
        kind: The class of its meaning.
        pattern: Words and slots.
        rules: Slot → rule by which it is worded.
        fixed: Fields that the words themselves say.
        weight: How often it is chosen beside others.
    """
    parts: list[str | Slot] = []
    for at, piece in enumerate(_SLOT.split(pattern)):
        if at % 2:
            parts.append(Slot(piece, rules[piece]))
        elif piece:
            parts.append(piece)
    return Form(kind, fixed or {}, tuple(parts), weight)


class Grammar:
    """Forms and lexicons by the names of their rules."""

    def __init__(self) -> None:
        self._forms: dict[str, list[Form]] = {}
        self._sorted: dict[str, dict[type, _Sorted]] = {}
        """The forms of a rule by kinds of meaning; of those by which something was said."""
        self._lexicons: dict[str, Lexicon] = {}

    def add(self, rule: str, *forms: Form) -> None:
        """Add ways to say what a rule says."""
        self._forms.setdefault(rule, []).extend(forms)
        self._sorted.pop(rule, None)

    def forms(self, rule: str) -> tuple[Form, ...]:
        """Return the ways to say what a rule says."""
        return tuple(self._forms.get(rule, ()))

    def define(self, rule: str, lexicon: Lexicon) -> None:
        """Say and read a rule by a lexicon."""
        self._lexicons[rule] = lexicon

    def say(self, rule: str, meaning: object, random: Random) -> str:
        """Put a meaning into words.

        Raises:
            UnsaidError: There are none.
        """
        if rule in self._lexicons:
            return self._lexicons[rule].say(meaning, random)
        for each, said in _shuffled(self._fitting(rule, meaning), random):
            try:
                return self._fill(each, said, random)
            except UnsaidError:
                continue
        raise NoFormError(rule, meaning)

    def _fitting(self, rule: str, meaning: object) -> list[tuple[Form, Fields]]:
        """List the forms that say a meaning, each with what its slots are to say."""
        if rule not in self._sorted:
            self._sorted[rule] = _in_order(self._forms.get(rule, ()))
        known = self._sorted[rule].get(type(meaning))
        if known is None:
            return []
        held = fields_of(meaning)
        return [
            (each, {name: held[name] for name in slots})
            for each, slots in known.get(frozenset(held), ())
            if each.says(held)
        ]

    def _fill(self, chosen: Form, said: Fields, random: Random) -> str:
        return "".join(
            part if isinstance(part, str) else self.say(part.rule, said[part.name], random)
            for part in chosen.parts
        )

    def read(self, rule: str, text: str) -> list[object]:
        """Return all that a whole text may mean.

        Raises:
            AmbiguousError: That is too much.
        """
        reading = _Reading(self._forms, self._lexicons, text)
        return [meaning for meaning, end in reading.at(rule, 0) if end == len(text)]


class _Reading:
    """Readings of one text; what was found at a place is kept."""

    def __init__(
        self, forms: Mapping[str, Sequence[Form]], lexicons: Mapping[str, Lexicon], text: str
    ) -> None:
        self._forms = forms
        self._lexicons = lexicons
        self._text = text
        self._lower = text.lower()
        self._known: dict[tuple[str, int], list[tuple[object, int]]] = {}

    def at(self, rule: str, place: int) -> list[tuple[object, int]]:
        """Return what a rule may say at a place, each with where it ends."""
        key = (rule, place)
        if key not in self._known:
            self._known[key] = []  # a rule that begins with itself has no reading
            if rule in self._lexicons:
                found = [*self._lexicons[rule].read(self._text, place)]
            else:
                found = [
                    one for each in self._forms.get(rule, ()) for one in self._try(each, place)
                ]
            self._known[key] = _distinct(found)
            if len(self._known[key]) > _MOST_READINGS:
                raise AmbiguousError(f"{rule} has {len(self._known[key])} readings")
        return self._known[key]

    def _try(self, each: Form, place: int) -> Iterator[tuple[object, int]]:
        found: list[tuple[dict[str, object], int]] = [({}, place)]
        for part in each.parts:
            if isinstance(part, str):
                low = part.lower()
                found = [
                    (said, end + len(part))
                    for said, end in found
                    if self._lower.startswith(low, end)
                ]
            else:
                found = [
                    ({**said, part.name: meaning}, after)
                    for said, end in found
                    for meaning, after in self.at(part.rule, end)
                ]
            if not found:
                return
        for said, end in found:
            yield each.build(said), end


def fields_of(meaning: object) -> Fields:
    """Return the fields of a meaning; the arguments of a request are fields of it."""
    if isinstance(meaning, Request):
        return {"tool": meaning.tool, **dict(meaning.arguments)}
    return {name: getattr(meaning, name) for name in _names_of(type(meaning))}


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _build(kind: type, held: Fields) -> object:
    if kind is Request:
        arguments = {name: value for name, value in held.items() if name != "tool"}
        return Request(str(held["tool"]), tuple(sorted(arguments.items())))  # type: ignore[arg-type]
    return kind(**held)


def _in_order(forms: Sequence[Form]) -> dict[type, _Sorted]:
    found: dict[type, _Sorted] = {}
    for each in forms:
        found.setdefault(each.kind, {}).setdefault(each.names, []).append((each, each.slots))
    return found


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _shuffled(items: Sequence[tuple[Form, Fields]], random: Random) -> list[tuple[Form, Fields]]:
    """Put heavy forms first more often than light ones."""
    keys = [(random.random() ** (1 / each.weight), at) for at, (each, _) in enumerate(items)]
    return [items[at] for _, at in sorted(keys, reverse=True)]


def _distinct(found: Sequence[tuple[object, int]]) -> list[tuple[object, int]]:
    return [*{(repr(meaning), end): (meaning, end) for meaning, end in found}.values()]
