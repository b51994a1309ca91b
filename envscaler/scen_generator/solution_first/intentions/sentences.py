"""From steps to sentences, and from sentences to a message of one person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from envscaler.scen_generator.solution_first.intentions.details import APART
from envscaler.scen_generator.solution_first.intentions.grammar import Fixed, Form, Grammar, form
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Fallback,
    Intention,
    Plan,
)
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.ours import ours
from envscaler.scen_generator.solution_first.intentions.reasons import without_reason

_FIRST = (
    "please {step}.",
    "could you {step}?",
    "could you please {step}?",
    "I need you to {step}.",
    "I'd like you to {step}.",
    "can you {step}?",
    "can you please {step}?",
    "would you {step}, please?",
    "{step}, please.",
    "I'd like to {step}.",
    "I want to {step}.",
    "we need to {step}.",
    "I need to {step}.",
)
_NEXT = (
    "then {step}.",
    "after that, {step}.",
    "please also {step}.",
    "next, {step}.",
    "once that is done, {step}.",
    "I'd also like you to {step}.",
    "and {step}, please.",
)
_SECOND = ("and {step} as well.", "then {step}.")
"""With what a message ends, also where it has two steps only."""
_LAST = ("finally, {step}.", "last of all, {step}.", *_SECOND)
_ENDS = tuple(
    dict.fromkeys(each.partition("{step}")[2] for each in (*_FIRST, *_NEXT, *_LAST, *_SECOND))
)
"""How sentences end that ask for something."""
_APART = 500
"""How often details have a sentence of their own where there are many, beside where not."""
_CHOICES = (
    "if {condition}, {then}; otherwise, {otherwise}",
    "please check first: if {condition}, {then}, and if not, {otherwise}",
)
_ONE_SIDED = (
    "if {condition}, {then}",
    "if {condition}, please {then}",
)
_FALLBACKS = (
    "try to {attempt}; if that is refused, {otherwise} instead",
    "please try to {attempt} first, and if that is not possible, {otherwise} instead",
)
_OPENINGS = ("", "", "Hi, ", "Hello, ", "Hi there, ", "Good morning, ", "Hey, ")
_CLOSINGS = (
    *("", "", "", ""),
    *(
        " Thanks!",
        " Thank you.",
        " Thanks a lot.",
        " Much appreciated.",
        " Many thanks in advance.",
    ),
)
_OTHER = (
    "this is about {about}. {plan}",
    "I'm writing about {about}. {plan}",
    "I have a request about {about}. {plan}",
)
_OWN = ("{about}. {plan}",)
_OF_A_KIND = (
    "I'm going through our {kind}. {plan}",
    "I've just looked through our {kind}. {plan}",
)
"""What explains a request for records of a kind."""
_LONG_OTHER = (
    "I'm going through everything we have on {about}. {plan}",
    "we have to put a few things right for {about}. {plan}",
    "there is quite a bit to do for {about}. {plan}",
)
_LONG_OWN = (
    "{about} and I'm putting my records in order. {plan}",
    "{about}. There are a few things to put right in my records. {plan}",
)
"""What explains that somebody asks for much."""
_DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}(?: at \d\d:\d\d)?"
_SAME_TIME = (
    (re.compile(rf" from {_DAY} to {_DAY}"), " for the same time"),
    (re.compile(rf" starting on {_DAY}"), " at the same time"),
)
"""A time that is said, and how it is said again."""
_NAME = r"""(?:"[^"]*"|[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)"""
_ITEM, _LIST = re.compile(_NAME), re.compile(rf"{_NAME}(?:, {_NAME})* and {_NAME}")
"""A name in a list, and a list of them."""
_QUOTED_STOP = re.compile(r'\."\.( [a-z])?')
"""The same before the second full stop is left out."""
_QUOTED_END = re.compile(r'\."(?=$| [A-Z])')
"""The end of a sentence that ends with one that is quoted."""
_NO_WHY: Fixed = {"why": None}
_NO_ROUND: Fixed = {"kinds": (), "is_amending": False}
LONG_RULE = "long message"
ANY_RULE = "any message"
"""By which messages are read."""


def add_request(grammar: Grammar, said: Form) -> None:
    """Add the form of a request; where its details stand apart, once for each end of a sentence."""
    if not any(isinstance(part, str) and APART in part for part in said.parts):
        grammar.add("do", said)
        return
    for end in _ENDS:
        parts = (
            part.replace(APART, f"{end} ") if isinstance(part, str) else part for part in said.parts
        )
        grammar.add(f"do{end}", replace(said, parts=tuple(parts)))


def add_sentences(grammar: Grammar) -> None:
    """Add the forms of steps and plans."""
    inner = {"condition": "condition", "then": "do", "otherwise": "do", "attempt": "do"}
    for pattern in _CHOICES:
        grammar.add("turn", form(Choice, pattern, inner))
    for pattern in _ONE_SIDED:
        grammar.add("turn", form(Choice, pattern, inner, {"otherwise": None}))
        apart = {**inner, "then": "do."}
        grammar.add("turn", form(Choice, pattern, apart, {"otherwise": None}, _APART))
    for pattern in _FALLBACKS:
        grammar.add("turn", form(Fallback, pattern, inner))
    _add_steps(grammar, "plan", going_on=_FIRST, ending=_FIRST, rest="second")
    _add_steps(grammar, "second", going_on=_NEXT, ending=_SECOND, rest="more")
    _add_steps(grammar, "more", going_on=_NEXT, ending=_LAST, rest="more")


def _add_steps(
    grammar: Grammar, rule: str, *, going_on: Sequence[str], ending: Sequence[str], rest: str
) -> None:
    """Add the forms of a plan from some step on.

    Args:
        grammar: Is added to.
        rule: By which they are worded.
        going_on: Patterns of a step behind which others come.
        ending: Patterns of the last step.
        rest: The rule of what comes behind it.
    """
    for kind in ("do", "turn"):
        rules = {"step": kind, "rest": rest}
        for pattern in ending if kind == "do" else ("{step}.",):
            grammar.add(rule, form(Plan, pattern, rules, {"rest": None, **_NO_WHY}))
        for pattern in going_on if kind == "do" else ("{step}.",):
            grammar.add(rule, form(Plan, f"{pattern} {{rest}}", rules, _NO_WHY))
    for pattern in ending:
        grammar.add(rule, apart(pattern, "", {}, {"rest": None, **_NO_WHY}))
    for pattern in going_on:
        grammar.add(rule, apart(pattern, " {rest}", {"rest": rest}, _NO_WHY))


def apart(pattern: str, after: str, rules: Mapping[str, str], fixed: Fixed) -> Form:
    """Return the form of a step whose details stand apart."""
    before, step, end = pattern.partition("{step}")
    whole = f"{before}{step}.{after}"
    return form(Plan, whole, {**rules, "step": f"do{end}"}, fixed, _APART)


def add_messages(grammar: Grammar, noun: str, nouns: Nouns, voices: Sequence[str]) -> None:
    """Add the forms of whole messages that are about one kind of record."""
    rules = {"about": f"base {noun}", "plan": "plan"}
    for rule, other, own in (("message", _OTHER, _OWN), (LONG_RULE, _LONG_OTHER, _LONG_OWN)):
        said = [(pattern, rules) for pattern in other] if "other" in voices else []
        if "own" in voices and nouns.is_human(noun):
            said += [(pattern, {**rules, "about": f"self {noun}"}) for pattern in own]
        grammar.add(f"{rule} {noun}", *(form(Intention, *each, _NO_ROUND) for each in said))
        for each in (rule, ANY_RULE):
            grammar.add(each, *grammar.forms(f"{rule} {noun}"))


def add_framed_messages(grammar: Grammar, noun: str, nouns: Nouns) -> None:
    """Add the forms of messages that begin with the kind of records that they are about."""
    rule = framed_rule(noun)
    kind = ours(noun, nouns)
    for pattern in _OF_A_KIND:
        whole = pattern.replace("{kind}", kind)
        fixed = {"about": None, **_NO_ROUND}
        grammar.add(rule, form(Intention, whole, {"plan": "plan"}, fixed))
    grammar.add(ANY_RULE, *grammar.forms(rule))


def framed_rule(noun: str) -> str:
    """Return the rule of messages that begin with a kind of records."""
    return f"framed {noun}"


def add_plain_messages(grammar: Grammar) -> None:
    """Add the forms of messages that are about nothing in particular."""
    for rule in ("message", LONG_RULE, ANY_RULE):
        fixed = {"about": None, **_NO_ROUND}
        grammar.add(rule, form(Intention, "{plan}", {"plan": "plan"}, fixed))


def politely(said: str, random: Random) -> str:
    """Put a greeting before a message, and thanks behind it, where it is to have them."""
    return f"{random.choice(_OPENINGS)}{said}{random.choice(_CLOSINGS)}"


def cores(message: str) -> list[str]:
    """Return what a message may say between a greeting and thanks, without the reason for it."""
    begun = [
        message.removeprefix(each) for each in dict.fromkeys(_OPENINGS) if message.startswith(each)
    ]
    ended = [
        said.removesuffix(each)
        for said in begun
        for each in dict.fromkeys(_CLOSINGS)
        if said.endswith(each)
    ]
    return [*dict.fromkeys(kept for said in ended for kept in (said, without_reason(said)))]


def shortened(message: str) -> str:
    """Say a time once: `from 3 to 9 May ...; otherwise, ... for the same time`.

    A sentence that ends with one that is quoted has a single full stop.
    """
    message = _QUOTED_STOP.sub(lambda found: f'."{(found[1] or "").upper()}', message)
    for pattern, same in _SAME_TIME:
        found = pattern.search(message)
        if found:
            begin, end = message[: found.end()], message[found.end() :]
            message = begin + end.replace(found[0], same)
    return message


def evenly_quoted(message: str) -> str:
    """Quote all names of a list, or none: `the categories "Office supplies" and "Home"`."""

    def quoted(found: re.Match[str]) -> str:
        items = _ITEM.findall(found[0])
        is_mixed = any('"' in each for each in items) and any('"' not in each for each in items)
        return _ITEM.sub(_in_quotes, found[0]) if is_mixed else found[0]

    return _LIST.sub(quoted, message)


def _in_quotes(found: re.Match[str]) -> str:
    return found[0] if '"' in found[0] else f'"{found[0]}"'


def in_full(message: str) -> str:
    """Undo that."""
    message = _QUOTED_END.sub('.".', message)
    for pattern, same in _SAME_TIME:
        found = pattern.search(message)
        if found:
            message = message.replace(same, found[0])
    return message


def without_closing(message: str) -> tuple[str, str]:
    """Return a message without its last thanks, and these."""
    closing = next((each for each in _CLOSINGS if each and message.endswith(each)), "")
    return message.removesuffix(closing), closing
