"""What is known of an environment in one state before anything is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from envscaler.environment.code.convention import Convention
from envscaler.environment.hints.hints import Hints, mine
from envscaler.environment.state.collections import Collection, pairs_of
from envscaler.inputs.subject import read_subject
from envscaler.records import Environment, JsonObject, Observation, Tool
from envscaler.scen_generator.solution_first.looked_up import holders_of
from envscaler.scen_generator.solution_first.own_ids import as_numbers, collections_called
from envscaler.scen_generator.solution_first.pools import Pool, pool_of
from envscaler.scen_generator.solution_first.typed import with_types

_READING = re.compile(r"^(get|list|find|search|check|view|show|count|is|has|fetch|query)_")


@dataclass
class SearchContext:
    """An environment, a state of it, and what follows from the two."""

    environment: Environment
    state: JsonObject
    """As loaded, tagged."""
    hints: Hints = field(init=False)
    collections: tuple[Collection, ...] = field(init=False)
    _pools: dict[tuple[str, str], Pool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.hints = mine(self.environment.source, self.environment.rules)
        self.collections = self.collections_in(self.state)
        self.environment = with_types(self.environment, self.state, self.collections)

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """Tools by name."""
        return {tool.name: tool for tool in self.environment.tools}

    def collections_in(self, state: JsonObject) -> tuple[Collection, ...]:
        """List the collections of a state that the environment comes to."""
        found = collections_called(state, self.environment.source)
        return tuple(as_numbers(one, self.environment.tools) for one in found)

    @cached_property
    def _convention(self) -> Convention:
        return read_subject(self.environment).convention

    def succeeded(self, tool: str, observation: Observation) -> bool:
        """Tell whether a call did what it was asked, in the way in which the class says so.

        A change that answers no more than False has done nothing, though it may note the reason.
        """
        is_plain_no = observation.value is False and tool in self.environment.structure.changes
        return self._convention.succeeded(observation) and not is_plain_no

    def looked_up(self, tool: Tool, parameter: str) -> list[str]:
        """List the texts under which the method of a tool may find a parameter in the state."""
        holders = holders_of(self.environment.source).get((tool.name, parameter), ())
        pairs = [pair for name in holders for pair in pairs_of(self.state.get(name)) or ()]
        return [key for key, _ in pairs if isinstance(key, str) and key]

    def writers(self) -> list[str]:
        """Return the tools that are meant to change the state."""
        meant = set(self._meant_queries())
        changes = self.environment.structure.changes
        # A method that loads a state changes it, too, and is no tool.
        return [name for name in changes if name in self.tools and name not in meant]

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
            self._pools[key] = pool_of(tool, parameter, self.state, self.collections, self.hints)
        return self._pools[key]


def parameters_of(tool: Tool) -> tuple[list[str], list[str]]:
    """Return the required and the optional parameters of a tool."""
    return tool.required, [name for name in tool.properties if name not in tool.required]
