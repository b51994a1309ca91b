"""What is around a record: what it refers to, what refers to it, and the days that it tells."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from pydantic import JsonValue

from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_moment
from envscaler.scen_generator.solution_first.intentions.thread import Place

_LEADS = re.compile(r"head|manager|lead|chief|director|supervisor")


def referred_to(place: Place, world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield what a record refers to."""
    for link in nouns.links[place[0]]:
        held = world.value(*place, link.field)
        if isinstance(held, str | int):
            yield link.target, held


def day_of(value: JsonValue) -> str:
    """Return the day of a time, as `2025-01-31`; empty for what is none."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return value[:10]
    if isinstance(value, int | float) and is_moment(value):
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return ""


def days_before(today: str, days: int) -> str:
    """Return the day so many days before another one; less than none are days after it."""
    return (date.fromisoformat(today) - timedelta(days=days)).isoformat()


def referring(place: Place, world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield the records that refer to one."""
    for noun, links in nouns.links.items():
        for key, record in world.records(noun).items():
            if any(e.target == place[0] and record.get(e.field) == place[1] for e in links):
                yield noun, key


def leads(person: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether others, or a unit, are led by somebody."""
    return any(
        link.target == person[0]
        and _LEADS.search(link.field)
        and record.get(link.field) == person[1]
        for noun, links in nouns.links.items()
        for link in links
        for record in world.records(noun).values()
    )
