"""Who it is that a reason speaks of: somebody by name, or as what the records call such people."""

import re
from collections.abc import Iterator, Sequence

from envscaler.scen_generator.solution_first.intentions.causes import former_of
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BROUGHT_BACK,
    LONGER,
    PARTED,
    PLANS,
    TAKEN_OVER,
    Reason,
)
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    is_served,
    main_records,
    owners_of,
)

_LENT = re.compile(r"loan|lend|borrow|equipment|book(?!ing)")
_FULL_NAME = re.compile(r"[A-Z][\w'-]+( [A-Z][\w'-]+)+")

_NOBODY = {
    PLANS: Reason("The plans have changed.", "The plans have changed.", PLANS.own),
    BROUGHT_BACK: Reason(
        "It has been brought back.", "They have been brought back.", BROUGHT_BACK.own
    ),
}
"""What is said where the records do not tell of whom."""


def named(reason: Reason, drawn: Sequence[Drawn], world: World, nouns: Nouns) -> Reason:
    """Return a reason that says of whom it is; any other reason as it is.

    Args:
        reason: Why all that is drawn is asked for.
        drawn: What is asked for.
        world: The state.
        nouns: What the state holds.
    """
    people = _former if reason is TAKEN_OVER else _concerned
    if reason not in (TAKEN_OVER, PLANS, BROUGHT_BACK, PARTED, LONGER):
        return reason
    who, are_many = _who([*people(drawn, world, nouns)], nouns, drawn)
    return _said(reason, who, are_many=are_many) if who else _NOBODY.get(reason, reason)


def _said(reason: Reason, who: str, *, are_many: bool) -> Reason:
    """Return a reason that says of whom it is."""
    have = "have" if are_many else "has"
    if reason in (BROUGHT_BACK, LONGER):
        need = "need" if are_many else "needs"
        done = f"{have} brought {{}} back" if reason is BROUGHT_BACK else f"{need} {{}} for longer"
        one, many = (f"{who} {done.format(each)}." for each in ("it", "them"))
        return Reason(one, many, reason.own)
    said = {
        TAKEN_OVER: f"{who} {'are' if are_many else 'is'} going on leave.",
        PLANS: f"{who}'{'' if are_many else 's'} plans have changed.",
        PARTED: f"{who} no longer take{'' if are_many else 's'} part.",
    }
    return _alike(said[reason], reason)


def is_told_already(person: str, message: str) -> bool:
    """Tell whether a message names somebody, who then is only `they`.

    Whoever hands something over is named, as `they` may be the one who gets it.

    Args:
        person: What a reason begins with: `Ann Lee's plans have changed.`
        message: All that is said before.
    """
    found = _FULL_NAME.match(person)
    is_one_of_two = person.endswith(" going on leave.")
    return not is_one_of_two and found is not None and found[0].removesuffix("'s") in message


def as_they(said: str) -> str:
    """Return what is said of somebody who was named before: `their plans`."""
    name = _FULL_NAME.match(said)
    rest = said.removeprefix(name[0].removesuffix("'s") if name else "")
    if rest.startswith("'s"):
        return f"Their{rest[2:]}"
    words = {"has": "have", "is": "are", "takes": "take", "needs": "need"}
    return "They" + re.sub(
        r"\b(has|is|takes|needs)\b", lambda found: words[found[1]], rest, count=1
    )


def _alike(said: str, reason: Reason) -> Reason:
    """Return a reason that is said so of others, however many records it is for."""
    own = reason.own if reason.own != reason.one else said
    return Reason(said, said, own)


def _former(drawn: Sequence[Drawn], world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield those who have seen to records so far."""
    for each in drawn:
        subject = next(iter(main_records(each)))
        for person in main_records(each):
            yield from former_of(person, subject, world, nouns)


def _concerned(drawn: Sequence[Drawn], world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield those for whom something was made."""
    for each in drawn:
        for place in main_records(each):
            served = [place, *owners_of(place, world, nouns)]
            yield from (one for one in served if nouns.is_human(one[0]) and is_served(one[0]))


def _who(people: Sequence[Place], nouns: Nouns, drawn: Sequence[Drawn]) -> tuple[str, bool]:
    """Return the words for some people, and whether they are many; no words for several kinds."""
    distinct = [*dict.fromkeys(people)]
    if len({noun for noun, _ in distinct}) != 1:
        return "", False
    noun = distinct[0][0]
    if len(distinct) == 1 and (name := _name(distinct[0], nouns)):
        return name, False
    one, many = nouns.singular(noun), nouns.plural(noun)
    role = _role(drawn[0]) if one == "user" else ""
    one, many = (role, f"{role}s") if role else (one, many)
    return f"The {one if len(distinct) == 1 else many}", len(distinct) > 1


def _role(drawn: Drawn) -> str:
    """Return what a user is to a request; empty where that is nothing more."""
    if _LENT.search(drawn.tool.name):
        return "borrower"
    return "member" if "member" in drawn.tool.name else ""


def _name(person: Place, nouns: Nouns) -> str:
    """Return the full name of somebody; empty where the records have none."""
    record = nouns.record(*person)
    told = (str(record.get(field)) for field in nouns.name_fields(person[0]))
    return next((each for each in told if _FULL_NAME.fullmatch(each)), "")
