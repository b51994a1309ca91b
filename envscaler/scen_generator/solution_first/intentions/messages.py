"""The message of an intention: understood by whoever reads it, and said by who would say it."""

import re
from collections.abc import Sequence
from random import Random

from envscaler.errors import RejectedError
from envscaler.inputs.word_lists import STAFF
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Argument,
    Choice,
    Fallback,
    Given,
    Intention,
    Named,
    Reference,
    Request,
    Step,
    Told,
    plan_of,
    requests_in,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
    noun_of,
)
from envscaler.scen_generator.solution_first.intentions.phrasing import VOICES
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff
from envscaler.scen_generator.solution_first.intentions.verb_words import CREATE

_OWN_TRIES = 8
"""Wordings in which whoever acts may have to say so: two tools may do the same."""
_WORDINGS = 5
"""Wordings of which the least repetitive is taken."""


def worded(intention: Intention, acts: Sequence[Act], knowledge: Knowledge, random: Random) -> str:
    """Word an intention so that whoever reads it comes to the same calls.

    Raises:
        RejectedError: There are no words, or they may be read otherwise.
    """
    voices = ["other"] if _is_odd_of_oneself(intention, knowledge) else [*VOICES]
    random.shuffle(voices)
    if intention.about and _acts_in_all(noun_of(intention.about), intention, knowledge):
        voices = ["own"] * _OWN_TRIES
    for voice in voices:
        try:
            message = _varied(intention, voice, knowledge, random)
            readings = knowledge.phrasing.read(message)
        except LookupError:
            continue
        if readings and all(same_acts(each, acts, knowledge) for each in readings):
            return message
    raise RejectedError("not_worded", "its words may be read otherwise")


def as_speaker(intention: Intention, knowledge: Knowledge) -> Intention:
    """Let whoever acts in all steps be the one who writes: `I'm Ann Lee. Could you ...`."""
    acting = {each for step in intention.steps for each in _acting(step, knowledge)}
    who = next(iter(acting), None)
    if intention.about is not None or len(acting) != 1 or not isinstance(who, Named | Told):
        return intention
    about = About(who.noun)
    steps = tuple(_with(step, who, about) for step in intention.steps)
    spoken = Intention(who, plan_of(steps))
    return spoken if _acts_in_all(who.noun, spoken, knowledge) else intention


def _acting(step: Step, knowledge: Knowledge) -> list[Argument]:
    return [each for request in requests_in(step) for each in knowledge.phrasing.acting(request)]


def _acts_in_all(noun: str, intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether in every step somebody acts for the one whom a message is about."""
    return all(About(noun) in _acting(step, knowledge) for step in intention.steps)


def _with(step: Step, who: Reference, about: About) -> Step:
    """Return a step of which one argument is what the message is about."""

    def spoken(request: Request) -> Request:
        pairs = ((name, about if each == who else each) for name, each in request.arguments)
        return Request(request.tool, tuple(pairs))

    match step:
        case Request():
            return spoken(step)
        case Choice():
            otherwise = spoken(step.otherwise) if step.otherwise else None
            return Choice(step.condition, spoken(step.then), otherwise)
        case Fallback():
            return Fallback(spoken(step.attempt), spoken(step.otherwise))


def _is_odd_of_oneself(intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether nobody would ask for it in a matter of their own.

    Staff changes no record of its own, others decide what becomes of a complaint, and whoever does
    not keep the records knows no id that a new one is to have.
    """
    requests = [each for step in intention.steps for each in requests_in(step)]
    if any(is_by_staff(each.tool) or _gives_id(each, knowledge) for each in requests):
        return True
    return intention.about is not None and _is_of_staff(
        noun_of(intention.about), requests, knowledge
    )


def _is_of_staff(noun: str, requests: Sequence[Request], knowledge: Knowledge) -> bool:
    """Tell whether requests change the record of somebody of the staff whom a message is about."""
    if not {*knowledge.nouns.singular(noun).split()} & STAFF:
        return False
    return any(
        About(noun) in dict(request.arguments).values() and request.tool.split("_")[0] not in CREATE
        for request in requests
    )


def _gives_id(request: Request, knowledge: Knowledge) -> bool:
    """Tell whether a request says what id something new is to have."""
    targets = knowledge.drawer.targets(knowledge.context.tools[request.tool])
    return any(isinstance(value, Given) and name in targets for name, value in request.arguments)


def _varied(intention: Intention, voice: str, knowledge: Knowledge, random: Random) -> str:
    """Word an intention so that no two of its sentences begin alike, where that can be.

    Raises:
        UnsaidError: There are no words.
    """
    said = [knowledge.phrasing.say(intention, voice, random) for _ in range(_WORDINGS)]
    return min(said, key=repetitions)


def repetitions(message: str) -> int:
    """Count sentences that begin as an earlier one does, politeness beyond two, `first first`."""
    begins = [" ".join(part.split()[:2]) for part in re.split(r"[.?!] ", message)]
    pleases = len(re.findall(r"\bplease\b", message, re.IGNORECASE))
    twice = len(re.findall(r"\bwould you like\b", message, re.IGNORECASE))
    twice += len(re.findall(r"(I'd like|I want|[Ww]e need) to [^.]* on my behalf", message))
    twice += len(re.findall(r"\b(\w+) (?:to )?\1\b", message))  # I'd like to like it
    return len(begins) - len(set(begins)) + max(0, pleases - 2) + twice


def same_acts(reading: Intention, acts: Sequence[Act], knowledge: Knowledge) -> bool:
    """Tell whether what was read comes to the same calls; what makes no sense does not count."""
    try:
        return Reader(knowledge.world).read(reading) == tuple(acts)
    except NoAnswerError:
        return True
