"""What belongs into a round of work: what is plain or has a reason, and hangs together.

Whoever goes through records asks for two or three things, each because of how a record stands.
"""

import re
from collections.abc import Collection, Sequence

from envscaler.scen_generator.solution_first.intentions.causes import former_of
from envscaler.scen_generator.solution_first.intentions.endings import ends_for_good
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_open
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    HOPELESS,
    REPAIRED,
    TAKEN_OVER,
    WRONG,
    Reason,
)
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import Place, subjects_of

_MOST_MATTERS, _MOST_OF_PEOPLE = 3, 2
"""Different things that are asked for in a round, and in one through records of people."""
_MOST_DETAILS = 2
"""What is said of something new besides what it belongs to."""
_HAPPENS = re.compile(r"incident|accident|emergenc|dispute|complaint|claim|alarm|outage")
"""Names for what nobody reports among other matters."""
_SENDS, _AT_ONCE = (
    re.compile(r"^(assign|dispatch|send)_"),
    re.compile(r"incident|emergenc|accident"),
)
_OPEN_TO = re.compile(r"privacy|visib|public|private|publish")
"""Names for who sees something, which nobody changes in passing."""
_GRAVE = re.compile(r"^(fail|revoke|suspend|ban|block|anonymize|terminate|expire|void)_")
_PLAIN = re.compile(
    r"pending review|under review|in (progress|review)|confirmed|completed|resolved|shipped"
    r"|arrived|scheduled|dispatched|en route"
)
"""How things come to stand in the course of work."""
_LEVEL = re.compile(r"severity|priority|level|rating|contact|mail|phone|address|name|title")
"""Names for what nobody changes amid other things without a reason."""
_ACCOUNTS = re.compile(r"payment|transaction")
_REMOVES = re.compile(r"^(delete|remove|purge|clear)_")
_LENT = re.compile(r"loan|lend|borrow|rental")
"""Names for what somebody gets who asks for it, whoever goes through the things."""
_GRAVE_STATUS = re.compile(r"suspended|revoked|banned|terminated")
_DONE_TO_THINGS = re.compile(r"maintenance|repair|inspection|cleaning")
"""Names for what is done to things, whoever does it."""
_BY_SORT = re.compile(r"job|position|role|bill|invoice|type|tag|status")
"""Names for what nobody goes through records of."""


def belongs(drawn: Drawn, reason: Reason | None, nouns: Nouns) -> bool:
    """Tell whether a request may stand in a round: it is small where it makes something new.

    Args:
        drawn: The request.
        reason: Why it is asked for; None where nothing is said.
        nouns: What the state holds.
    """
    name = drawn.tool.name
    if drawn.is_creating:
        is_other = _HAPPENS.search(name) or _LENT.search(name)
        return not drawn.made and len(drawn.values) <= _MOST_DETAILS and not is_other
    if _is_weighty(drawn):
        return False
    return reason is not None or _is_plain(drawn, nouns)


def _is_weighty(drawn: Drawn) -> bool:
    """Tell whether a change is made by itself: who sees something, what was paid, sending help."""
    name = drawn.tool.name
    is_opening = _OPEN_TO.search(name) or any(map(_OPEN_TO.search, drawn.values))
    is_kept = _ACCOUNTS.search(name) and _REMOVES.match(name)
    is_sending = _SENDS.match(name) and any(_AT_ONCE.search(noun) for noun, _ in drawn.main)
    return bool(is_opening or is_kept or is_sending)


def _is_plain(drawn: Drawn, nouns: Nouns) -> bool:
    """Tell whether a request needs no reason: it is the next thing to do with a record."""
    subject = next(iter(subjects_of(drawn, nouns)), None)
    if subject is None or nouns.is_human(subject[0]) or _GRAVE.match(drawn.tool.name):
        return False
    if any(map(_LEVEL.search, drawn.values)):
        return False
    new = [str(value) for name, value in drawn.values.items() if is_status(name)]
    return all(_PLAIN.search(each.lower().replace("_", " ")) for each in new)


def goes_with(
    drawn: Drawn,
    reason: Reason | None,
    earlier: Sequence[tuple[Drawn, Reason | None]],
    nouns: Nouns,
) -> bool:
    """Tell whether a request goes with the earlier ones of a round.

    Args:
        drawn: The request.
        reason: Why it is asked for.
        earlier: The earlier ones, each with its reason.
        nouns: What the state holds.
    """
    if _is_for_odd_reasons({why for _, why in earlier} | {reason}):
        return False
    matters = {_matter(each) for each, _ in earlier} | {_matter(drawn)}
    if any(map(_is_grave, (drawn, *(each for each, _ in earlier)))):
        return len(matters) == 1
    is_of_people = any(nouns.is_human(noun) for noun, _ in subjects_of(drawn, nouns)[:1])
    return len(matters) <= (_MOST_OF_PEOPLE if is_of_people else _MOST_MATTERS)


def _is_grave(drawn: Drawn) -> bool:
    """Tell whether something is taken from somebody, amid which nothing else is dealt with."""
    if ends_for_good(drawn.tool):
        return True
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    return any(map(_GRAVE_STATUS.search, new))


def _matter(drawn: Drawn) -> tuple[str, ...]:
    """Return what a request is for, whichever the record."""
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    return (drawn.tool.name, *sorted(drawn.values), *new)


def _is_for_odd_reasons(reasons: Collection[Reason | None]) -> bool:
    """Tell whether nobody has such reasons at once: who puts mistakes right does nothing else."""
    return (WRONG in reasons and len(reasons) > 1) or {REPAIRED, HOPELESS} <= {*reasons}


def is_of_one_sort(steps: Sequence[tuple[Drawn, Reason | None]]) -> bool:
    """Tell whether all that is asked for is of one sort, each with a reason or none with one.

    Nobody joins but two things of which one is removed and the other one goes on.

    Args:
        steps: The requests, each with its reason.
    """
    return len({(_sort(drawn), reason is None) for drawn, reason in steps}) <= 1


def _sort(drawn: Drawn) -> str:
    """Return whether something is made, deleted, or changed, as by calling it off."""
    if drawn.is_creating:
        return "made"
    return "deleted" if _REMOVES.match(drawn.tool.name) else "changed"


def hand_all_over(
    drawn: Sequence[Drawn], reason: Reason | None, world: World, nouns: Nouns
) -> bool:
    """Tell whether whoever goes on leave hands over all that is open; true of other reasons.

    Args:
        drawn: The same, asked for with each of some records.
        reason: Why.
        world: The state.
        nouns: What the state holds.
    """
    if reason is not TAKEN_OVER:
        return True
    given = {place for each in drawn for place in subjects_of(each, nouns)[:1]}
    return all(
        held <= given
        for each in drawn
        for subject in subjects_of(each, nouns)[:1]
        for person in each.main
        for former in former_of(person, subject, world, nouns)
        if (held := _open_of(former, subject[0], world, nouns))
    )


def _open_of(person: Place, noun: str, world: World, nouns: Nouns) -> set[Place]:
    """Return the records of a kind that somebody still has to see to."""
    fields = [link.field for link in nouns.links[noun] if link.target == person[0]]
    return {
        (noun, key)
        for key, record in world.records(noun).items()
        if any(record.get(field) == person[1] for field in fields)
        and ((held := status_of((noun, key), world)) is None or is_open(str(held)))
    }


def is_of_things(noun: str) -> bool:
    """Tell whether records are of a thing, and only made by somebody: maintenance records."""
    return _DONE_TO_THINGS.search(noun.rpartition(".")[2]) is not None


def is_gone_through(noun: str, nouns: Nouns) -> bool:
    """Tell whether people go through what belongs to one record of a kind: a person, a project."""
    return nouns.is_human(noun) or not _BY_SORT.search(noun.rpartition(".")[2])
