"""From steps to sentences, and from sentences to a message of one person."""

from collections.abc import Sequence
from itertools import product

from envscaler.scen_generator.solution_first.intentions.grammar import Grammar, form
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Fallback,
    Intention,
    Plan,
)
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns

_FIRST = (
    "please {step}.",
    "could you {step}?",
    "I need you to {step}.",
    "I'd like you to {step}.",
    "can you {step}?",
    "would you {step}, please?",
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
_LAST = ("finally, {step}.", "last of all, {step}.", "and {step} as well.", "then {step}.")
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
_OPENINGS = ("", "Hi, ", "Hello, ")
_CLOSINGS = ("", " Thanks!", " Thank you.", " Many thanks in advance.")
_OTHER = (
    "this is about {about}. {plan}",
    "I'm writing about {about}. {plan}",
    "I need some help with {about}. {plan}",
    "could you help me with {about}? {plan}",
)
_OWN = ("{about}. {plan}",)
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
LONG_RULE = "long message"
ANY_RULE = "any message"
"""By which messages are read."""


def add_sentences(grammar: Grammar) -> None:
    """Add the forms of steps and plans."""
    inner = {"condition": "condition", "then": "do", "otherwise": "do", "attempt": "do"}
    for pattern in _CHOICES:
        grammar.add("turn", form(Choice, pattern, inner))
    for pattern in _ONE_SIDED:
        grammar.add("turn", form(Choice, pattern, inner, {"otherwise": None}))
    for pattern in _FALLBACKS:
        grammar.add("turn", form(Fallback, pattern, inner))
    rules = {"step": "do", "rest": "more"}
    for pattern in _FIRST:
        grammar.add("plan", form(Plan, pattern, rules, {"rest": None}))
        grammar.add("plan", form(Plan, f"{pattern} {{rest}}", rules))
    for pattern in _NEXT:
        grammar.add("more", form(Plan, f"{pattern} {{rest}}", rules))
    for pattern in _LAST:
        grammar.add("more", form(Plan, pattern, rules, {"rest": None}))
    turning = {"step": "turn", "rest": "more"}
    for rule in ("plan", "more"):
        grammar.add(rule, form(Plan, "{step}.", turning, {"rest": None}))
        grammar.add(rule, form(Plan, "{step}. {rest}", turning))


def add_messages(grammar: Grammar, noun: str, nouns: Nouns, voices: Sequence[str]) -> None:
    """Add the forms of whole messages that are about one kind of record."""
    rules = {"about": f"base {noun}", "plan": "plan"}
    for rule, other, own in (("message", _OTHER, _OWN), (LONG_RULE, _LONG_OTHER, _LONG_OWN)):
        said = [(pattern, rules) for pattern in other] if "other" in voices else []
        if "own" in voices and nouns.is_human(noun):
            said += [(pattern, {**rules, "about": f"self {noun}"}) for pattern in own]
        for closing, opening, (pattern, given) in product(_CLOSINGS, _OPENINGS, said):
            whole = f"{opening}{pattern}{closing}"
            grammar.add(f"{rule} {noun}", form(Intention, whole, given))
        for each in (rule, ANY_RULE):
            grammar.add(each, *grammar.forms(f"{rule} {noun}"))


def add_plain_messages(grammar: Grammar) -> None:
    """Add the forms of messages that are about nothing in particular."""
    for closing, opening in product(_CLOSINGS, _OPENINGS):
        whole = f"{opening}{{plan}}{closing}"
        for rule in ("message", LONG_RULE, ANY_RULE):
            grammar.add(rule, form(Intention, whole, {"plan": "plan"}, {"about": None}))


def without_closing(message: str) -> tuple[str, str]:
    """Return a message without its last thanks, and these."""
    closing = next((each for each in _CLOSINGS if each and message.endswith(each)), "")
    return message.removesuffix(closing), closing
