"""The message of a round of work: what somebody goes through, what is to be done, and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import cast

from envscaler.scen_generator.solution_first.intentions.grammar import (
    Fixed,
    Form,
    Grammar,
    Lexicon,
    UnsaidError,
    form,
)
from envscaler.scen_generator.solution_first.intentions.intention import Intention, Plan
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.ours import ours
from envscaler.scen_generator.solution_first.intentions.reasons import without_reason
from envscaler.scen_generator.solution_first.intentions.sentences import ANY_RULE, apart
from envscaler.scen_generator.solution_first.intentions.verb_words import BESIDE

_THEMES = (
    "I'm working through our {kinds} today. {plan}",
    "I've gone over our {kinds}, and a few things need doing. {plan}",
    "I'm bringing our {kinds} up to date. {plan}",
    "we've just reviewed our {kinds}. {plan}",
    "I've been checking our {kinds}. {plan}",
)
"""What holds the steps together."""
_OF_ONE = (
    "I'm working through the {kinds} of {about} today. {plan}",
    "I've gone over the {kinds} of {about}, and a few things need doing. {plan}",
    "I'm bringing the {kinds} of {about} up to date. {plan}",
    "we've just reviewed the {kinds} of {about}. {plan}",
    "I've been checking the {kinds} of {about}. {plan}",
)
_OWN = (
    "{about}, and I'm going through my {kinds}. {plan}",
    "{about}. I've gone over my {kinds}, and a few things need doing. {plan}",
    "{about}, and I'm bringing my {kinds} up to date. {plan}",
)
"""The same around one record, and around oneself."""
_AMENDING = (
    "I've found some mistakes in our {kinds}. {plan}",
    "there are some mistakes in our {kinds} that should be put right. {plan}",
)
_AMENDING_OF_ONE = (
    "I've found some mistakes in the {kinds} of {about}. {plan}",
    "there are some mistakes in the {kinds} of {about} that should be put right. {plan}",
)
_AMENDING_OWN = (
    "{about}. I've found some mistakes in my {kinds}. {plan}",
    "{about}, and there are some mistakes in my {kinds}. {plan}",
)
"""The same where mistakes are put right, and nothing else is done."""
_FIRST = (
    *("please {step}.", "could you {step}?", "can you {step}?", "could you please {step}?"),
    *("I need you to {step}.", "I'd like you to {step}.", "{step}, please."),
)
_NEXT = (
    *("please {step}.", "also, please {step}.", "could you also {step}?"),
    *("{step}, please.", "please also {step}.", "I'd also like you to {step}.", "next, {step}."),
    *("can you also {step}?",),
)
_SECOND = ("please also {step}.", "could you also {step}?", "and please {step}.")
_LAST = ("finally, {step}.", "last, please {step}.", "and please {step}.", "lastly, {step}.")
_FIRST_PAIR = (
    *(("please {step} and {rest}", "."), ("could you {step} and {rest}", "?")),
    ("I'd like you to {step} and {rest}", "."),
)
_NEXT_PAIR = (
    *(("please also {step} and {rest}", "."), ("could you also {step} and {rest}", "?")),
    *(("{step}, and {rest}", "."), ("also, please {step} and {rest}", ".")),
)
"""Two steps in one sentence, and how it ends."""
ROUND_RULE = "round message"
_UNEXPLAINED: Fixed = {"why": None}
_AT_THE_END: Fixed = {"rest": None}
_MOST_STOPS = 3
"""Full stops in a sentence that says why, those of a name among them."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step stands in a message."""

    rule: str
    rest: str
    """The rule of what comes behind it."""
    going_on: Sequence[str]
    """Patterns for where something comes behind it."""
    ending: Sequence[str]
    """Patterns for where it is the last."""
    pairs: Sequence[tuple[str, str]]


def add_rounds(grammar: Grammar, nouns: Nouns, voices: Sequence[str]) -> None:
    """Add the forms of messages that go through records of a kind, or of some kinds."""
    grammar.define("kinds", _kinds({noun: _words(noun, nouns) for noun in nouns.collections}))
    grammar.define("ours", _kinds({noun: ours(noun, nouns) for noun in nouns.collections}))
    grammar.define("why", _whys())
    rules: dict[str, str] = {"kinds": "ours", "plan": "round"}
    for patterns, is_amending in ((_THEMES, False), (_AMENDING, True)):
        for pattern in patterns:
            fixed: Fixed = {"about": None, "is_amending": is_amending}
            grammar.add(ROUND_RULE, form(Intention, pattern, rules, fixed))
    for noun in nouns.collections:
        grammar.add(ROUND_RULE, *around_one(noun, nouns, voices))
    grammar.add(ANY_RULE, *grammar.forms(ROUND_RULE))
    for each in (
        _Place("round", "round then", _FIRST, _FIRST, _FIRST_PAIR),
        _Place("round then", "round more", _NEXT, _SECOND, _NEXT_PAIR),
        _Place("round more", "round more", _NEXT, _LAST, _NEXT_PAIR),
    ):
        _add_steps(grammar, each)
    for end in dict.fromkeys(end for _, end in (*_FIRST_PAIR, *_NEXT_PAIR)):
        for rest in ("round more", None):
            grammar.add(f"round second{end}", *_forms(f"{{step}}{end}", rest, explained=False))


def around_one(noun: str, nouns: Nouns, voices: Sequence[str]) -> Iterator[Form]:
    """Yield the forms of messages about what belongs to a record of a kind, or to oneself."""
    others, owns = {"about": f"base {noun}"}, {"about": f"self {noun}"}
    beside = BESIDE.get(nouns.singular(noun).split()[-1])
    owned = " at {about}" if beside == "at" else " of {about}"
    if "other" in voices:
        for patterns, is_amending in ((_OF_ONE, False), (_AMENDING_OF_ONE, True)):
            said = [each.replace(" of {about}", owned) for each in patterns]
            yield from _themes(said, others, is_amending=is_amending)
    if "own" in voices and nouns.is_human(noun):
        yield from _themes(_OWN, owns, is_amending=False)
        yield from _themes(_AMENDING_OWN, owns, is_amending=True)


def _themes(
    patterns: Sequence[str], rules: Mapping[str, str], *, is_amending: bool
) -> Iterator[Form]:
    every = {"kinds": "kinds", "plan": "round", **rules}
    for pattern in patterns:
        yield form(Intention, pattern, every, {"is_amending": is_amending})


def _add_steps(grammar: Grammar, place: _Place) -> None:
    """Add the forms of a step in a place, with what comes behind it."""
    for pattern in place.going_on:
        grammar.add(place.rule, *_forms(pattern, place.rest))
    for pattern in place.ending:
        grammar.add(place.rule, *_forms(pattern, None))
    for pattern, end in place.pairs:
        rules = {"step": "do", "rest": f"round second{end}"}
        grammar.add(place.rule, form(Plan, pattern, rules, _UNEXPLAINED))


def _forms(pattern: str, rest: str | None, *, explained: bool = True) -> Iterator[Form]:
    """Yield the forms of a step: with a reason and without, in one sentence or in several.

    Args:
        pattern: Of the step.
        rest: The rule of what comes behind it; None where nothing does.
        explained: Whether a reason may follow.
    """
    rules = {"step": "do", "why": "why"} | ({"rest": rest} if rest else {})
    after = " {rest}" if rest else ""
    fixed: Fixed = {} if rest else _AT_THE_END
    yield form(Plan, f"{pattern}{after}", rules, {**fixed, **_UNEXPLAINED})
    yield apart(pattern, after, rules, {**fixed, **_UNEXPLAINED})
    if explained:
        yield form(Plan, f"{pattern} {{why}}{after}", rules, fixed)


def _words(noun: str, nouns: Nouns) -> str:
    return f"{nouns.singular(noun)} records" if nouns.is_human(noun) else nouns.plural(noun)


def _kinds(words: Mapping[str, str]) -> Lexicon:
    """Return words for kinds of records: `invoices, payments and employee records`."""
    kinds = {word: noun for noun, word in words.items()}
    one = "|".join(re.escape(word) for word in sorted(kinds, key=len, reverse=True)) or "$"
    several = re.compile(rf"(?:{one})(?:(?:, (?:{one}))* and (?:{one}))?")

    def say(value: object, _: Random) -> str:
        if not isinstance(value, tuple):
            raise UnsaidError(f"{value!r} are no kinds of records")
        *before, last = (words[str(each)] for each in cast("tuple[object, ...]", value))
        return f"{', '.join(before)} and {last}" if before else last

    def read(text: str, place: int) -> Iterator[tuple[object, int]]:
        found = several.match(text, place)
        if found is not None:
            said = re.split(r", | and ", found[0])
            yield tuple(kinds[word] for word in said if word in kinds), found.end()

    return Lexicon(say, read)


def _whys() -> Lexicon:
    """Return the sentences that say why."""

    def say(value: object, _: Random) -> str:
        if not isinstance(value, str):
            raise UnsaidError(f"{value!r} is no reason")
        return value

    def read(text: str, place: int) -> Iterator[tuple[object, int]]:
        end = place
        for _ in range(_MOST_STOPS):
            end = text.find(".", end) + 1
            if not end:
                return
            if without_reason(f"x {text[place:end]}") == "x":
                yield text[place:end], end

    return Lexicon(say, read)
