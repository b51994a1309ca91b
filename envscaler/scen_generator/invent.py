"""New texts for arguments: short, plain, and hardly ever the same twice."""

from random import Random

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


def invent_text(parameter: str, random: Random) -> str:
    """Make up a text for a parameter: a sentence for a note, a name for anything else."""
    name = f"{random.choice(_FIRST.split())} {random.choice(_SECOND.split())}"
    if any(word in parameter for word in _LONG):
        return random.choice(_NOTES).format(name=name)
    return name
