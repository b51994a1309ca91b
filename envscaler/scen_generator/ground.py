"""What is known of an environment in one state before anything is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import cast

from pydantic import JsonValue

from envscaler.explore.hints import Hints, mine
from envscaler.explore.places import (
    Collection,
    Key,
    collections_of,
    field_values,
    scalars_of,
    stem_of,
    target_of,
)
from envscaler.explore.values import candidates
from envscaler.records import Environment, JsonObject, Tool
from envscaler.scen_generator.invent import is_any_text

_READING = re.compile(r"^(get|list|find|search|check|view|show|count|is|has|fetch|query)_")
_INVENTED = re.compile(r"(name|title|email|phone)$")
"""Parameters for which a new value is better than one that the state has."""
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


@dataclass
class Ground:
    """An environment, a state of it, and what follows from the two."""

    environment: Environment
    state: JsonObject
    """As loaded, tagged."""
    hints: Hints = field(init=False)
    collections: tuple[Collection, ...] = field(init=False)
    _pools: dict[tuple[str, str], Pool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.hints = mine(self.environment.source, self.environment.rules)
        self.collections = collections_of(self.state)

    @property
    def tools(self) -> dict[str, Tool]:
        """Tools by name."""
        return {tool.name: tool for tool in self.environment.tools}

    def writers(self) -> list[str]:
        """Return the tools that are meant to change the state."""
        meant = set(self._meant_queries())
        return [name for name in self.environment.structure.changes if name not in meant]

    def quiet(self) -> list[str]:
        """Return the attributes that tools write, but only those meant to change the state.

        Others may change when somebody just looks, as a log of searches does.
        """
        noisy, uses = set(self._meant_queries()), self.environment.structure.attributes
        return [
            name
            for name in self.state
            if name in uses and uses[name].written_by and noisy.isdisjoint(uses[name].written_by)
        ]

    def _meant_queries(self) -> Iterator[str]:
        """Yield tools that write although they are there for reading."""
        kinds = {operation.name: operation.kind for operation in self.environment.operations}
        for name in self.environment.structure.changes:
            guess = "query" if _READING.match(name) else "change"
            if kinds.get(name, guess) == "query":
                yield name

    def records_called(self, key: object) -> list[JsonObject]:
        """Return the records that have an id."""
        return [
            one.records[one.ids.index(key)]
            for one in self.collections
            if isinstance(key, str | int) and key in one.ids
        ]

    def pool(self, tool: Tool, parameter: str) -> Pool:
        """Return what a parameter may be given."""
        key = (tool.name, parameter)
        if key not in self._pools:
            self._pools[key] = self._find_pool(tool, parameter)
        return self._pools[key]

    def _find_pool(self, tool: Tool, parameter: str) -> Pool:
        found = candidates(tool, parameter, self.state, self.hints)
        target = target_of(parameter, self.collections) if stem_of(parameter) else None
        if target is not None:
            many = bool(found.existing) and isinstance(found.existing[0], list)
            fresh = fresh_ids(target)
            new: tuple[JsonValue, ...] = tuple([key] if many else key for key in fresh)
            return Pool(target, found.existing, new, is_list=many)
        if found.enum:
            return Pool(None, found.enum)
        if _INVENTED.search(parameter):
            return Pool(None, found.existing, is_text=True)
        known = [*scalars_of(field_values(self.state, parameter))]
        held = [*field_values(self.state, parameter)]
        if len(known) < len(held) and found.existing:
            return Pool(None, found.existing)  # few words for many records: one of them it is
        fresh = tuple(value for value in found.plausible if not is_any_text(value))
        return Pool(None, found.existing, fresh, is_text=bool(found.plausible) and not fresh)


def parameters_of(tool: Tool) -> tuple[list[str], list[str]]:
    """Return the required and the optional parameters of a tool."""
    names = list(cast("JsonObject", tool.parameters.get("properties") or {}))
    required = cast("list[str]", tool.parameters.get("required") or [])
    return required, [name for name in names if name not in required]


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
