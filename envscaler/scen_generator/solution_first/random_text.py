"""New texts for arguments: short, plain, and hardly ever the same twice."""

import re
from datetime import date, timedelta
from random import Random

from pydantic import JsonValue

_FIRST = """
Amber Birch Cedar Copper Coral Dune Ember Fern Garnet Harbour Hazel Indigo Ivory Juniper Lantern
Linden Maple Marble Meadow Olive Opal Quartz River Saffron Sage Silver Summit Willow
"""
_SECOND = """
Bridge Corner Court Field Garden Gate Grove Hall Hill House Lane Line Mill North Park Place Point
Road Row South Square Station Street Terrace View Walk Way Yard
"""
_NOTES = (
    "Agreed by phone with {name}.",
    "See the file of {name}.",
    "Moved here from {name}.",
    "Requested by {name} last week.",
    "To be checked again by {name}.",
)
_LONG = ("description", "note", "comment", "reason", "content", "message", "text", "detail", "body")


_NAME = re.compile(r"(name|title|email|phone)$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d($|[T ])")


def wants_text(parameter: str) -> bool:
    """Tell whether a parameter holds something that is each time another text."""
    return bool(_NAME.search(parameter)) or any(word in parameter for word in _LONG)


def is_date(value: object) -> bool:
    """Tell whether a value is a date, or begins with one."""
    return isinstance(value, str) and _DATE.match(value) is not None


def days_later(value: JsonValue) -> JsonValue:
    """Return the same time some days later, in the same form."""
    day, rest = str(value)[:10], str(value)[10:]
    try:
        later = date.fromisoformat(day) + timedelta(days=9)
    except (ValueError, OverflowError):
        return value
    return later.isoformat() + rest


def random_text(parameter: str, random: Random) -> str:
    """Make up a text for a parameter: a sentence for a note, a name for anything else."""
    first, second = random.choice(_FIRST.split()), random.choice(_SECOND.split())
    if "email" in parameter:
        return f"{first}.{second}@example.org".lower()
    if "phone" in parameter:
        return f"+1-555-01{random.randrange(100):02}"
    if any(word in parameter for word in _LONG):
        return random.choice(_NOTES).format(name=f"{first} {second}")
    return f"{first} {second}"
