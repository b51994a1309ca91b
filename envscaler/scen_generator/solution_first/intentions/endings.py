"""What puts an end to a thing for good, by what is said of a tool rather than by its verb alone.

A class may scrap, retire or write off what it keeps, report it lost, hand it out for good or call
it off. Nobody asks for that without a reason, which the record has to give.
"""

import re
from functools import cache

from envscaler.records import Tool
from envscaler.scen_generator.solution_first.intentions.adjectives import before_noun
from envscaler.scen_generator.solution_first.intentions.docstring_words import words_of
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_in_use
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BEYOND_REPAIR,
    COLLECTED,
    UNWANTED,
    Reason,
    reason,
)
from envscaler.scen_generator.solution_first.intentions.thread import BOOKED, Place
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    CREATE,
    ENDING,
    MOVING,
    STATE_VERBS,
    UPDATE,
)

_KNOWN = frozenset((*CREATE, *ENDING, *STATE_VERBS, *MOVING, *UPDATE)) - {"report"}
"""Verbs for which there are rules of their own."""
_DISPOSES = re.compile(
    r"^(scrap|retire|write off|discard|dispose|destroy|decommission|condemn|discontinue|dissolve"
    r"|demolish|strike off|give away|donate)( |$)"
)
_SAID = re.compile(
    r"\bfor good\b|\bout of (use|service)\b|\bwrites? .*\boff\b"
    r"|^(scrap|retire|discard|destroy|dispose|decommission|condemn)(s|es)?\b"
)
"""The same in the first sentence of a docstring."""
_LOST = re.compile(r"^(report|mark)? ?(\w+ )?(lost|stolen|missing)$")
_SAID_LOST = re.compile(r"\bas (lost|stolen|missing)\b")
_SAID_GONE = re.compile(r"\bas (having left|gone|departed)\b")
_TO_OWNER = re.compile(r"\bto (its|their|the) (owner|customer|client)\b")
_CALLED_OFF = re.compile(r"^(cancel|call off|give up|abandon)( |$)")
_WORN = re.compile(
    r"broken|damaged|faulty|defect|worn|out of order|out of service|unusable|condemned|poor"
)
_PAST_USE = re.compile(r"lost|stolen|missing|blocked|expired|failed|spoil|contaminated|dead")
"""How things stand with what nobody keeps."""
_AWAY = re.compile(r"^(out|lent|issued|on hire|hired out|given out|checked out)$")
_IN_WORK = re.compile(r"\b(in|under|at) work\b|work(ing|ed)|started|begun|finished|under ?way")
_PAID = re.compile(r"^(is_)?(pre_?)?paid(_\w+)?$|^(amount|sum|total)_paid$|^deposit(_paid)?$")


def ends_for_good(tool: Tool) -> bool:
    """Tell by its name or its docstring whether a tool does away with something, or says so."""
    return disposes(tool) or reports_loss(tool)


@cache
def _name(name: str) -> str:
    return " ".join(words_of(name))


def _first_sentence(tool: Tool) -> str:
    text = " ".join(tool.description.split()).lower()
    return re.split(r"[.;](?:\s|$)", text, maxsplit=1)[0]


def disposes(tool: Tool) -> bool:
    """Tell whether a tool takes something out of use for good, or gives it away."""
    name = _name(tool.name)
    if _DISPOSES.match(name):
        return True
    is_known = name.split()[0] in _KNOWN or calls_off(tool)
    return not is_known and _SAID.search(_first_sentence(tool)) is not None


def reports_loss(tool: Tool) -> bool:
    """Tell whether a tool says of something that it is lost."""
    name = _name(tool.name)
    if name.split()[0] in _KNOWN - {"mark"}:
        return False
    return bool(_LOST.match(name) or _SAID_LOST.search(_first_sentence(tool)))


def lets_go(tool: Tool) -> bool:
    """Tell whether a tool says of somebody that they are gone."""
    said = _SAID_GONE.search(_first_sentence(tool))
    return "leaver" in _name(tool.name).split() or said is not None


def calls_off(tool: Tool) -> bool:
    """Tell whether a tool calls off what was booked, planned or ordered."""
    return bool(_CALLED_OFF.match(_name(tool.name)))


def reason_to_end(drawn: Drawn, world: World) -> Reason | None:
    """Return why something is done away with, as its record says; None where it says nothing.

    Args:
        drawn: The request.
        world: The state.
    """
    subject = next(iter(drawn.main), None)
    if subject is None or not disposes(drawn.tool):
        return None
    if _TO_OWNER.search(_first_sentence(drawn.tool)):
        return COLLECTED
    held = _statuses(subject, world)
    if any(map(_WORN.search, held)):
        return BEYOND_REPAIR
    past = next(filter(_PAST_USE.search, held), None)
    if past is not None:
        return reason(f"It is {past}.", f"They are {past}.") if before_noun(past) else None
    return None if held else UNWANTED


def is_ended_in_vain(drawn: Drawn, world: World) -> bool:
    """Tell whether something would be done away with that is of use, in work or paid.

    Args:
        drawn: The request.
        world: The state.
    """
    subject = next(iter(drawn.main), None)
    if subject is None:
        return False
    if calls_off(drawn.tool):
        is_booked = BOOKED.search(f"{drawn.tool.name} {subject[0]}")  # plans change
        return _is_in_work(subject, world) or (not is_booked and _is_paid(subject, world))
    if reports_loss(drawn.tool):
        held = _statuses(subject, world)
        return bool(held) and not any(_AWAY.match(each) or is_in_use(each) for each in held)
    return disposes(drawn.tool) and reason_to_end(drawn, world) is None


def _is_in_work(subject: Place, world: World) -> bool:
    return any(map(_IN_WORK.search, _statuses(subject, world)))


def _is_paid(subject: Place, world: World) -> bool:
    record = world.records(subject[0]).get(subject[1], {})
    return any(
        _PAID.match(name) and isinstance(value, bool | int | float) and value > 0
        for name, value in record.items()
    )


def _statuses(subject: Place, world: World) -> list[str]:
    """Return how things stand with a record, in plain words."""
    record = world.records(subject[0]).get(subject[1], {})
    held = (value for name, value in record.items() if is_status(name) and value)
    return [str(each).lower().replace("_", " ") for each in held if isinstance(each, str)]
