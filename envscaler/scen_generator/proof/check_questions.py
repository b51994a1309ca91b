"""What a check asks, in words for a person."""

from typing import cast

from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.proof.changes import ById, Made, Mark, Path
from envscaler.scen_generator.proof.check_sources import Own

_LONG = 160
"""Characters of what a question says is wanted."""


def place_of(path: Path) -> str:
    """Name a place for a person: `the status of booking BK-001`."""
    names = [_words(step) for step in path]
    if len(names) == 1:
        return names[0]
    record = f"{singular(names[0])} {names[1]}"
    return " of ".join([*(f"the {name}" for name in reversed(names[2:])), record])


def _words(step: object) -> str:
    step = step.id if isinstance(step, ById) else step
    return "?" if isinstance(step, Made) else str(step).replace("_", " ").strip()


def shortly(wanted: object) -> str:
    """Say what is wanted, cut where it is long."""
    text = _told(wanted)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _told(wanted: object) -> str:
    """Say what is wanted, leaving out what is left open."""
    match wanted:
        case dict():
            members = cast("dict[object, object]", wanted).items()
            return ", ".join(
                f"{_words(key)} {_told(item)}"
                for key, item in members
                if not _is_left_open(key, item)
            )
        case list() | tuple():
            return f"[{', '.join(_told(item) for item in cast('list[object]', wanted))}]"
        case Made():
            return "of the new one"
        case _:
            return "…" if wanted in (Mark.ANY, str) else repr(wanted)


def _is_left_open(key: object, item: object) -> bool:
    return isinstance(key, Mark) or isinstance(item, Own | Mark) or item is str
