"""Whether alike records are told in one way: two ids, but no id beside `the latest`."""

import re
from collections.abc import Iterator
from dataclasses import replace

from envscaler.scen_generator.solution_first.intentions.intention import (
    Argument,
    Extreme,
    Intention,
    Linked,
    Named,
    Only,
    Several,
    Told,
    requests_in,
)
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff
from envscaler.scen_generator.solution_first.intentions.verb_words import PRAISING

_PERSONAL = re.compile(
    rf"{PRAISING.pattern}|^(un)?(share|follow|join|leave)_"
    r"|review|comment|post|caption|journal|message|meal|activity"
)
"""Names of tools for what people do for themselves."""


def tells_unevenly(intention: Intention) -> bool:
    """Tell whether the same is asked for with records that are told in several ways.

    Args:
        intention: Of any steps.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for step in intention.steps:
        for request in requests_in(step):
            for name, argument in request.arguments:
                manners = found.setdefault((request.tool, name), set())
                manners |= {*_manners(argument)}
    return any(len(each) > 1 for each in found.values())


def _manners(argument: Argument) -> Iterator[str]:
    """Yield how records are told; nothing for what was spoken of, or is given."""
    match argument:
        case Several():
            yield from _manners(argument.first)
            yield from _manners(argument.rest)
        case Told() | Named() | Linked():
            yield type(argument).__name__
        case Only() | Extreme():
            yield f"{type(argument).__name__} {replace(argument.group, of=None)}"
        case _:
            pass


def is_of_work(tool: str) -> bool:
    """Tell by its name whether a tool is used by whoever sees to records, not for oneself."""
    return is_by_staff(tool) or not _PERSONAL.search(tool)
