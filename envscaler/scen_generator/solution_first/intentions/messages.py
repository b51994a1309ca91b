"""The message of an intention: understood by whoever reads it, and said by who would say it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from envscaler.errors import RejectedError
from envscaler.inputs.word_lists import STAFF
from envscaler.scen_generator.solution_first.intentions.clauses import is_entered
from envscaler.scen_generator.solution_first.intentions.explained import (
    as_drawn,
    explained,
    is_of_others,
)
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Argument,
    Choice,
    Extreme,
    Fallback,
    Given,
    Group,
    Intention,
    Named,
    Only,
    Reference,
    Request,
    Same,
    Several,
    Step,
    Told,
    plan_of,
    requests_in,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.manners import is_of_work, tells_unevenly
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
    noun_of,
)
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.phrasing import VOICES
from envscaler.scen_generator.solution_first.intentions.reasons import (
    goes_without_saying,
    reason_for,
)
from envscaler.scen_generator.solution_first.intentions.sayings import BY_AUTHORS, Reason
from envscaler.scen_generator.solution_first.intentions.sentences import without_closing
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff
from envscaler.scen_generator.solution_first.intentions.thread import is_served
from envscaler.scen_generator.solution_first.intentions.together import are_of_one
from envscaler.scen_generator.solution_first.intentions.verb_words import CREATE, UPDATE
from envscaler.scen_generator.solution_first.intentions.whose import as_they, is_told_already, named

_PERSONAL = re.compile(r"review|comment|post|caption|meal|journal|activity|join")
"""Names of tools for what people write about themselves, and in their own name."""
_WRITTEN = re.compile(r"review|comment|post|caption|journal|message")
"""Names of tools for what only its author puts otherwise."""
_JUDGED = re.compile(r"review|rating|journal")
"""Names of tools for what nobody writes for another."""
_ABOUT_ONESELF = frozenset(("profile_info", "bio"))
"""What people say of themselves."""
_CIRCULAR = re.compile(
    r"\b(?:of|'s) (?:the same |that |the )?(\w+?)s? [^.?]*from (?:its|their) \1s?\b"
)
"""What is taken from that by which it is told: `the image of visit 2 from its visit`."""
_WE, _MINE = re.compile(r"\bwe\b", re.IGNORECASE), re.compile(r"\b(my|me|I'm)\b", re.I)
_CODE = r"(?:[A-Z]+-\d+|\w+_\d+)"
_WOODEN = re.compile(
    rf"[Gg]ive [\w ]+ the ID .*[Gg]ive [\w ]+ the ID "
    rf"|mark [^.?]* as (?:maintenance|under) ?|mark [^.?]*\bmarked as |marked as \S+ to "
    rf"|\b(\w+) {_CODE}(?:,| and) \1 {_CODE}|\w+s of the [a-z]+ [a-z]+_\w+(?:,| and )"
    r"|\bthe [\w-]+ (?:of birth )?of (?:it|them)\b|just reviewed [^.]*\. .*\breview\b"
    r"|\bthe (?:guest|patient|customer|member|client) of the [a-z -]+ of \w+ "
)
"""Two new ids one after the other, a kind of record that is said with each id, or once for all.

Or `the status of it`, `the guest of the active booking of room 4`, and what was just reviewed is to
be reviewed.
"""
_SAME_VERB = re.compile(
    r"(?:^|[Pp]lease |also |you |to |[.?!] )(?!please|could|can|next|last)(\w+) [^.?!]* and \1 ",
    re.I,
)
"""Two things in one sentence of which both are to be changed, or both to be moved."""
_OWN_TRIES = 8
"""Wordings in which whoever acts may have to say so: two tools may do the same."""
_ROUND_TRIES = 2
_WORDINGS = 5
"""Wordings of which the least repetitive is taken."""


def _voices(intention: Intention, knowledge: Knowledge, random: Random) -> list[str]:
    """Return in whose voice a message is tried, one after the other."""
    if intention.kinds:
        return _voices_of_round(intention, knowledge)
    voices = ["other"] if _is_odd_of_oneself(intention, knowledge) else [*VOICES]
    random.shuffle(voices)
    requests = [each for step in intention.steps for each in requests_in(step)]
    if intention.about and _acts_in_all(noun_of(intention.about), intention, knowledge):
        is_kept = any(_gives_what_is_kept(each, knowledge) for each in requests)
        return ["other" if is_kept else "own"] * _OWN_TRIES
    return [] if _is_said_by_nobody(intention, requests, knowledge) else voices


def _voices_of_round(intention: Intention, knowledge: Knowledge) -> list[str]:
    """Return in whose voice a round of work may be: people write of their own meals only."""
    requests = [each for step in intention.steps for each in requests_in(step)]
    is_work = all(
        is_of_work(each.tool) and _ABOUT_ONESELF.isdisjoint(dict(each.arguments))
        for each in requests
    )
    if _is_of_oneself(intention, knowledge):
        return ["own"] * _ROUND_TRIES
    return ["other"] * _ROUND_TRIES if is_work else []


def _is_of_oneself(intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether somebody would go through records as their own."""
    if intention.about is None or not is_served(noun_of(intention.about)):
        return False
    is_odd = _is_odd_of_oneself(intention, knowledge)
    return not is_odd and not is_of_others(intention, knowledge)


def worded(intention: Intention, acts: Sequence[Act], knowledge: Knowledge, random: Random) -> str:
    """Word an intention so that whoever reads it comes to the same calls.

    Raises:
        RejectedError: There are no words, or they may be read otherwise.
    """
    if tells_unevenly(intention):
        raise RejectedError("not_worded", "it tells alike records in several ways")
    reason = None if intention.kinds else _reason_for(intention, acts, knowledge)
    for voice in _voices(intention, knowledge, random):
        is_own = voice == "own" and intention.about is not None
        asked = explained(intention, knowledge, is_own=is_own)
        try:
            message = _varied(asked, voice, knowledge, random)
            if _is_wooden(message, intention, is_own=is_own):
                continue
            message = _with_reason(message, reason, acts, is_own=is_own)
            readings = knowledge.phrasing.read(message)
        except LookupError:
            continue
        if readings and all(same_acts(each, acts, knowledge) for each in readings):
            return message
    raise RejectedError("not_worded", "its words may be read otherwise")


def _is_wooden(message: str, intention: Intention, *, is_own: bool) -> bool:
    """Tell whether something is said as nobody says it."""
    is_odd = _CIRCULAR.search(message) or _WOODEN.search(message)
    return bool(is_odd) or (is_own and _tells_own_as_others(intention))


def _is_said_by_nobody(
    intention: Intention, requests: Sequence[Request], knowledge: Knowledge
) -> bool:
    """Tell whether only its author would ask for it, or nobody would begin so."""
    is_for_author = any(
        _is_for_its_author(each.tool) or not _ABOUT_ONESELF.isdisjoint(dict(each.arguments))
        for each in requests
    )
    return is_for_author or _is_led_by_staff(intention, knowledge)


def _is_led_by_staff(intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether a message is about one of the staff though something is made for a client."""
    about = noun_of(intention.about) if intention.about else ""
    if not about or not {*knowledge.nouns.singular(about).split()} & STAFF:
        return False
    return any(
        request.tool.split("_")[0] in CREATE
        and any(
            not isinstance(each, Given | Same) and is_served(noun_of(each))
            for _, each in request.arguments
        )
        for step in intention.steps
        for request in requests_in(step)
    )


def _tells_own_as_others(intention: Intention) -> bool:
    """Tell whether somebody would call what they have written `the latest review of a product`."""
    return any(
        isinstance(each, Only | Extreme) and not isinstance(_owner(each), About)
        for step in intention.steps
        for request in requests_in(step)
        if _WRITTEN.search(request.tool) and request.tool.split("_")[0] not in CREATE
        for _, each in request.arguments
    )


def _is_for_its_author(tool: str) -> bool:
    """Tell whether only who wrote something would change it: stars, a text, or who sees it."""
    verb = tool.split("_")[0]
    is_change = verb in UPDATE and _WRITTEN.search(tool) is not None
    is_new = verb in CREATE and _JUDGED.search(tool) is not None
    return (is_change or is_new) and not is_by_staff(tool)


def _reason_for(intention: Intention, acts: Sequence[Act], knowledge: Knowledge) -> Reason | None:
    """Return why all that has to have a reason is asked for, which is said at the end.

    Raises:
        RejectedError: There are several reasons, or it would not be clear what the reason is for.
    """
    drawn = [as_drawn(act, knowledge) for act in acts]
    found = [reason_for(each, knowledge.world, knowledge.nouns) for each in drawn]
    reason = found[-1]
    last = sum(each.tool == acts[-1].tool for each in acts)
    is_one = found == [None] * (len(acts) - last) + [reason] * last
    if any(found) and not (is_one and is_clear(intention.steps)):
        raise RejectedError("not_worded", "it does not say why")
    if reason in BY_AUTHORS and are_of_one(drawn[-last:], knowledge.world, knowledge.nouns):
        return Reason(reason.one, reason.one, reason.own, reason.owns)
    return reason and named(reason, drawn[-last:], knowledge.world, knowledge.nouns)


def is_clear(steps: Sequence[Step]) -> bool:
    """Tell whether a reason at the end can only be for what is asked for last."""
    if len(steps) == 1 and isinstance(steps[0], Choice):
        return steps[0].otherwise is None
    return all(isinstance(step, Request) for step in steps)


def _with_reason(message: str, reason: Reason | None, acts: Sequence[Act], *, is_own: bool) -> str:
    """Add the sentence that says why, where that does not go without saying."""
    if reason is None or goes_without_saying(reason, message):
        return message
    is_many = sum(each.tool == acts[-1].tool for each in acts) > 1
    why = reason.many if is_many else reason.one
    if is_own and reason.own != reason.one:
        why = (reason.owns if is_many else "") or reason.own
    core, closing = without_closing(message)
    if is_told_already(why, core):
        why = as_they(why)
    return f"{core} {why}{closing}"


def as_speaker(intention: Intention, knowledge: Knowledge) -> Intention:
    """Let whoever acts in all steps be the one who writes: `I'm Ann Lee. Could you ...`."""
    acting = {each for step in intention.steps for each in _acting(step, knowledge)}
    who = next(iter(acting), None)
    plain = _led_by_nothing(intention)
    if plain.about is not None or len(acting) != 1 or not isinstance(who, Named | Told):
        return intention
    about = About(who.noun)
    steps = tuple(_with(step, who, about) for step in plain.steps)
    spoken = Intention(who, plan_of(steps))
    return spoken if _acts_in_all(who.noun, spoken, knowledge) else intention


def _led_by_nothing(intention: Intention) -> Intention:
    """Let no message begin with a thing that somebody judges: who judges it is to speak."""
    about = intention.about
    tools = {each.tool for step in intention.steps for each in requests_in(step)}
    is_judged = all(_JUDGED.search(tool) and tool.split("_")[0] in CREATE for tool in tools)
    if about is None or not is_judged:
        return intention
    steps = (_with(step, About(noun_of(about)), about) for step in intention.steps)
    return Intention(None, plan_of(tuple(steps)))


def about_whom(intention: Intention, nouns: Nouns) -> Intention:
    """Name a person once, at the beginning, to whom several things belong that are told."""
    if intention.about is not None:
        return intention
    told = [
        owner
        for step in intention.steps
        for request in requests_in(step)
        for _, argument in request.arguments
        if isinstance(owner := _owner(argument) or argument, Named | Told)
        and nouns.is_human(owner.noun)
    ]
    who = next((each for each in told if told.count(each) > 1), None)
    if who is None:
        return intention
    steps = tuple(_with(step, who, About(who.noun)) for step in intention.steps)
    return Intention(who, plan_of(steps))


def _acting(step: Step, knowledge: Knowledge) -> list[Argument]:
    return [
        each
        for request in requests_in(step)
        for each in (*knowledge.phrasing.acting(request), *_owning(request))
    ]


def _owning(request: Request) -> Iterator[Argument]:
    """Yield whose something is that people write, and put right, for themselves."""
    is_of_oneself = not _ABOUT_ONESELF.isdisjoint(dict(request.arguments))
    is_personal = is_of_oneself or _PERSONAL.search(request.tool)
    if not is_personal or is_by_staff(request.tool):
        return
    is_new = is_of_oneself or request.tool.split("_")[0] in CREATE
    for _, argument in request.arguments:
        owner = argument if is_new else _owner(argument)
        if isinstance(owner, Named | Told | About) and is_served(owner.noun):
            yield owner


def _owner(argument: Argument) -> Argument | Group | Several | None:
    """Return whose a record is, where it is told by that."""
    group = argument.group if isinstance(argument, Only | Extreme) else argument
    return group.of if isinstance(group, Group) else None


def _acts_in_all(noun: str, intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether in every step somebody acts for the one whom a message is about."""
    return all(About(noun) in _acting(step, knowledge) for step in intention.steps)


def _with(step: Step, who: Reference, about: Reference) -> Step:
    """Return a step in which something is told in another way: as what the message is about."""

    def told(each: Argument) -> Argument:
        if isinstance(each, Group) and each.of == who:
            return replace(each, of=about)
        if isinstance(each, Only | Extreme) and each.group.of == who:
            return replace(each, group=replace(each.group, of=about))
        return about if each == who else each

    def spoken(request: Request) -> Request:
        pairs = ((name, told(each)) for name, each in request.arguments)
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
    if any(is_by_staff(each.tool) or _gives_what_is_kept(each, knowledge) for each in requests):
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


def _gives_what_is_kept(request: Request, knowledge: Knowledge) -> bool:
    """Tell whether a request says what only those give who keep the records.

    That is the id of something new, how things stand with it, or when it was entered.
    """
    if _gives_id(request, knowledge):
        return True
    is_new = request.tool.split("_")[0] in CREATE
    return is_new and any(
        isinstance(value, Given) and (is_status(name) or is_entered(name))
        for name, value in request.arguments
    )


def _gives_id(request: Request, knowledge: Knowledge) -> bool:
    """Tell whether a request says what id something new is to have."""
    targets = knowledge.drawer.targets(knowledge.context.tools[request.tool])
    is_new = request.tool.split("_")[0] in CREATE
    return any(
        isinstance(value, Given) and (name in targets or (is_new and name.endswith("_id")))
        for name, value in request.arguments
    )


def _varied(intention: Intention, voice: str, knowledge: Knowledge, random: Random) -> str:
    """Word an intention so that no two of its sentences begin alike, where that can be.

    Raises:
        UnsaidError: There are no words.
    """
    said = [knowledge.phrasing.say(intention, voice, random) for _ in range(_WORDINGS)]
    return min(said, key=lambda each: repetitions(each) + _is_of_two_minds(each))


def _is_of_two_minds(message: str) -> bool:
    """Tell whether `we` ask for what is mine."""
    return _WE.search(message) is not None and _MINE.search(message) is not None


def repetitions(message: str) -> int:
    """Count sentences that begin as an earlier one does, politeness beyond two, `first first`."""
    parts = [part for part in re.split(r"[.?!] ", message) if part.strip()]
    begins = [" ".join(part.split()[:2]) for part in parts]
    openers = [part.split()[0] for part in parts if part.split()[0].endswith(",")]
    pleases = len(re.findall(r"\bplease\b", message, re.IGNORECASE))
    twice = len(re.findall(r"\bwould you like\b", message, re.IGNORECASE))
    twice += len(openers) - len(set(openers))
    twice += len(
        re.findall(r"(I'd like|I want|[Ww]e need|I need) to [^.]* (on my behalf|for me)", message)
    )
    twice += len(re.findall(r"\b(\w+) (?:to )?\1\b", message))  # I'd like to like it
    twice += len(_WOODEN.findall(message)) + len(_SAME_VERB.findall(message))
    return len(begins) - len(set(begins)) + max(0, pleases - 2) + twice


def same_acts(reading: Intention, acts: Sequence[Act], knowledge: Knowledge) -> bool:
    """Tell whether what was read comes to the same calls; what makes no sense does not count."""
    try:
        return Reader(knowledge.world).read(reading) == tuple(acts)
    except NoAnswerError:
        return True
