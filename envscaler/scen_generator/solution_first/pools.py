"""What the parameters of a tool may be given when a sequence is searched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import (
    Collection,
    Key,
    field_values,
    stem_of,
    target_of,
)
from envscaler.inputs.texts import is_any_text
from envscaler.inputs.values import Candidates, candidates
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.random_text import days_later, is_date, wants_text

_DIGITS = re.compile(r"\d+(?=\D*$)")


@dataclass(frozen=True, slots=True)
class Pool:
    """What one parameter of a tool may be given."""

    collection: Collection | None
    """Whose ids it takes."""
    values: tuple[JsonValue, ...]
    """What the state and the source have for it; for an id, those that exist."""
    fresh: tuple[JsonValue, ...] = ()
    """What nobody has yet: new ids, dates, numbers."""
    is_text: bool = False
    """Any text will do."""
    is_list: bool = False
    """It takes a list of ids."""


def pool_of(
    tool: Tool,
    parameter: str,
    state: JsonObject,
    collections: Sequence[Collection],
    hints: Hints,
) -> Pool:
    """Return what a parameter may be given.

    Args:
        tool: The tool.
        parameter: Name of one of its parameters.
        state: Before anything happens, tagged.
        collections: Those of the state.
        hints: What the source of the class says.
    """
    found = candidates(tool, parameter, state, hints)
    target = target_of(parameter, collections) if stem_of(parameter) else None
    if target is not None:
        return _ids(found, target)
    held = [value for value in field_values(state, parameter) if value != ""]
    return _values(parameter, found, held)


def _ids(found: Candidates, target: Collection) -> Pool:
    many = bool(found.existing) and isinstance(found.existing[0], list)
    fresh: list[JsonValue] = [[key] if many else key for key in fresh_ids(target)]
    return Pool(target, found.existing, tuple(fresh), is_list=many)


def _values(parameter: str, found: Candidates, held: Sequence[JsonValue]) -> Pool:
    """Return the values of a parameter that takes no ids.

    Args:
        parameter: Its name.
        found: What explore has found for it.
        held: What the fields of this name hold, all of them.
    """
    existing = tuple(value for value in found.existing if value != "")
    fresh = tuple(value for value in found.plausible if not is_any_text(value))
    if existing and all(map(is_date, existing)):
        pool = Pool(None, existing, tuple(map(days_later, existing)))
    elif not any(isinstance(value, str) for value in found.sensible):
        pool = Pool(None, found.sensible)
    elif len(found.enum) > 1:
        pool = Pool(None, found.enum)
    elif wants_text(parameter):
        pool = Pool(None, existing, is_text=True)
    elif len(existing) < len(held):
        pool = Pool(None, existing)  # few words for many records: it has to be one of them
    else:
        pool = Pool(None, existing, fresh, is_text=not fresh)
    return pool


def fresh_ids(collection: Collection, most: int = 6) -> Iterator[Key]:
    """Yield ids in the form of those that a collection has, but that it does not have."""
    known, random = set(collection.ids), Random(collection.path)
    numbers = [key for key in collection.ids if isinstance(key, int)]
    if numbers:
        yield from range(max(numbers) + 1, max(numbers) + 1 + most)
        return
    for turn in range(4 * most):
        key = str(collection.ids[turn % len(collection.ids)])
        new = _DIGITS.sub(lambda found: _digits(max(2, len(found[0])), random), key)
        if new not in known and len(known) < len(collection.ids) + most:
            known.add(new)
            yield new


def _digits(length: int, random: Random) -> str:
    return "".join(random.choice("123456789") for _ in range(length))
