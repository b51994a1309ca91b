"""The same asked for with many records: all of a group, or several that are told one by one."""

from collections.abc import Sequence

from envscaler.environment.state.collections import Key
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Group,
    Many,
    Reference,
    Request,
    Several,
    several,
)
from envscaler.scen_generator.solution_first.intentions.lists import (
    Row,
    at_once,
    most_of,
    named_sets,
    rows,
    some_rows,
    wide_groups,
)
from envscaler.scen_generator.solution_first.intentions.meaning import (
    NewId,
    NoAnswerError,
    Reader,
    noun_of,
)
from envscaler.scen_generator.solution_first.intentions.requests import (
    Drawn,
    Neighbourhood,
)
from envscaler.scen_generator.solution_first.intentions.sense import (
    fits_many,
    is_wanted_of,
)
from envscaler.scen_generator.solution_first.intentions.steps import Steps
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR

MOST_MEMBERS = 9
_MOST_TOOLS = 14
"""Tools that are tried with several records."""
_MOST_ROWS = 5
_MOST_DRAWN = 4
"""Requests of which one is asked for with several records."""
_MOST_WIDE = 4
"""Groups of a sort that are tried with one tool."""
_MOST_APART = 2
"""Records that are told one by one though they can be told together."""
LEAST_TOLD = 4
"""Records that belong to several others for a set of them, or that make a message long."""


class ManySteps(Steps):
    """Steps that are for many records."""

    async def _set(self, area: Neighbourhood) -> bool:
        """Ask for the same with every record of a group."""
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        for tool in tools[:6]:
            for drawn in self._drawer.draw(tool, area, self._random):
                if not fits_many(drawn):
                    continue
                for name, (noun, _) in drawn.records.items():
                    for group in self._groups(noun, area):
                        if await self._take_set(drawn, name, group):
                            return True
        return False

    def _groups(self, noun: str, area: Neighbourhood) -> list[Group]:
        reader = self._reader()
        found: list[Group] = []
        for key in area.near.get(noun, ())[:2]:
            found += self._describer.groups(noun, key, reader, self._random)
        fitting = [each for each in found if 2 <= len(reader.group(each)) <= MOST_MEMBERS]
        linked = [each for each in fitting if each.link] or fitting
        if self._about is not None:  # all rooms have nothing to do with one guest
            linked = [each for each in fitting if isinstance(each.of, About | Again)]
        self._random.shuffle(linked)
        return linked[:2]

    async def _take_set(self, drawn: Drawn, name: str, group: Group) -> bool:
        reader, noun = self._reader(), noun_of(group)
        if not self._is_wanted_of(group, drawn) or not self._has_some_of_each(group, reader):
            return False
        members = [
            Drawn(drawn.tool, {**drawn.records, name: (noun, key)}, drawn.values, drawn.made)
            for key in self._members_of(group)
        ]
        request = await self._for_all(members, group, reader)
        if request is None:
            return False
        arguments = {**dict(request.arguments), name: group}
        whole = Request(request.tool, tuple(sorted(arguments.items())))
        if not self._phrasing.says("do", whole) or not await self._is_wanted(whole, members):
            return False
        return await self._take(whole, members)

    def _has_some_of_each(self, group: Group, reader: Reader) -> bool:
        """Tell whether something of a group belongs to each of those that are named for it."""
        if not isinstance(group.of, Several):
            return True
        owners = [key for key in reader.many(group.of) if isinstance(key, str | int)]
        return all(self._world.members(group, key) for key in owners)

    def _is_wanted_of(self, told: Many, drawn: Drawn) -> bool:
        """Tell whether a request would be made for what is told by what it has in common."""
        is_human = self._nouns.is_human(noun_of(told))
        return not isinstance(told, Group) or is_wanted_of(told, drawn, is_human=is_human)

    async def _is_wanted(self, whole: Request, members: Sequence[Drawn]) -> bool:
        """Tell whether a request for all of a group is asked for."""
        del whole, members
        return True

    async def _for_all(
        self, members: Sequence[Drawn], group: Group, reader: Reader
    ) -> Request | None:
        """Word a request that makes sense for all members of a group; None where it does not."""
        drawn = members[0]
        if not all(map(self._is_next, members)):
            return None
        if await self._look_ups.many(group, reader) is None:
            return None
        for each in members:
            if not await self.works(each):
                return None
        return await self._worded(drawn, reader)

    async def _several(self, least: int, most: int) -> bool:
        """Ask for the same with several records, each told by itself."""
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        for tool in tools[:_MOST_TOOLS]:
            for noun in dict.fromkeys(self._drawer.targets(tool).values()):
                if "*" in noun:
                    continue
                for row in some_rows(self._rows(noun), self._random, least)[:_MOST_ROWS]:
                    if await self._take_row(tool, noun, row, least, most):
                        return True
        return False

    def _rows(self, noun: str) -> list[Row]:
        """Return the ways to tell several records of a kind one by one, found once in a state."""
        known = self._knowledge.rows
        if noun not in known:
            known[noun] = rows(self._nouns, noun, self._reader())
        return known[noun]

    async def _take_row(self, tool: Tool, noun: str, row: Row, least: int, most: int) -> bool:
        area = Neighbourhood(self._nouns, noun, row[0][1])
        for drawn in [*self._drawer.draw(tool, area, self._random)][:_MOST_DRAWN]:
            name = next((name for name, (kind, _) in drawn.records.items() if kind == noun), None)
            if name is None or not self._is_for_each(drawn, name):
                continue
            told, members = await self._members(drawn, name, row, min(most, most_of(row)))
            if len(told) < least:
                continue
            request = await self._worded(members[0])
            ways = [every for every in self._ways(told) if self._is_wanted_of(every, drawn)]
            if request is not None and await self._take_in_a_way(request, name, ways, members):
                return True
        return False

    async def _take_in_a_way(
        self, request: Request, name: str, ways: Sequence[Many], members: list[Drawn]
    ) -> bool:
        """Take a request for several records in the first way to tell them that can be said."""
        for every in ways:
            arguments = {**dict(request.arguments), name: every}
            whole = Request(request.tool, tuple(sorted(arguments.items())))
            if self._phrasing.says("do", whole) and await self._take(whole, members):
                return True
        return False

    @staticmethod
    def _ways(told: Sequence[Reference]) -> list[Many]:
        """Return ways to tell several records: together, or one by one where they are few."""
        together, apart = at_once(told), several(told)
        is_short = len(told) <= _MOST_APART or together == apart
        return [*dict.fromkeys((together, apart))] if is_short else [together]

    def _is_for_each(self, drawn: Drawn, name: str) -> bool:
        """Tell whether a request may be made for each of several records in one place of it."""
        if ACTOR.match(name) or not fits_many(drawn):
            return False
        return drawn.is_creating or drawn.records[name] in self._thread.subjects(drawn)

    async def _members(
        self, drawn: Drawn, name: str, row: Row, most: int
    ) -> tuple[list[Reference], list[Drawn]]:
        """Return the records of a row for which a request can be made, and the requests."""
        reader, noun = self._reader(), drawn.records[name][0]
        told: list[Reference] = []
        members: list[Drawn] = []
        asked: set[str] = set()
        for reference, key in row:
            if len(told) == most or self._are_enough(len(told), len(asked)):
                break
            records = {**drawn.records, name: (noun, key)}
            one = Drawn(drawn.tool, records, drawn.values, drawn.made)
            if not await self._joins(one, members) or not self._phrasing.says(
                f"ref {noun}", reference
            ):
                continue
            calls = await self._look_ups.reference(reference, reader)
            if calls is not None:
                asked |= {repr(call) for call in calls}
                told.append(reference)
                members.append(one)
        return (told, members) if self._are_worth_it(len(told), len(asked)) else ([], [])

    async def _joins(self, one: Drawn, members: Sequence[Drawn]) -> bool:
        """Tell whether a request can be made besides some others."""
        is_fit = self._is_next(one) and self._are_asked_together([*members, one])
        return is_fit and await self.works(one)

    def _are_enough(self, told: int, queries: int) -> bool:
        """Tell whether so many records, told by so many queries, need not become more."""
        del told, queries
        return False

    def _are_worth_it(self, told: int, queries: int) -> bool:
        """Tell whether so many records, told by so many queries, are asked for."""
        del told, queries
        return True

    async def _of_several(self, least: int, most: int) -> bool:
        """Ask for the same with all that has something alike: all bookings of the suites.

        Args:
            least: How many records these must be.
            most: How many they may be.
        """
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        for tool in tools:
            for noun in dict.fromkeys(self._drawer.targets(tool).values()):
                for told in [] if "*" in noun else self._alike_in_something(noun):
                    if await self._take_wide(tool, told, least, most):
                        return True
        return False

    def _alike_in_something(self, noun: str) -> list[Group]:
        """Draw a few ways to tell records by what they have in common."""
        found: list[Group] = []
        for find in (named_sets, wide_groups):
            some = [*find(self._nouns, noun, self._random)]
            found += self._random.sample(some, min(_MOST_WIDE, len(some)))
        self._random.shuffle(found)
        return found

    async def _take_wide(self, tool: Tool, told: Group, least: int, most: int) -> bool:
        keys = self._members_of(told)
        if not least <= len(keys) <= most:
            return False
        area = Neighbourhood(self._nouns, noun_of(told), keys[0])
        for drawn in [*self._drawer.draw(tool, area, self._random)][:_MOST_DRAWN]:
            for name, (noun, _) in drawn.records.items():
                is_fit = noun == noun_of(told) and self._is_for_each(drawn, name)
                if is_fit and await self._take_set(drawn, name, told):
                    return True
        return False

    def _members_of(self, told: Group) -> list[Key]:
        try:
            return [key for key in self._reader().many(told) if not isinstance(key, NewId | float)]
        except NoAnswerError:
            return []

    def _is_next(self, drawn: Drawn) -> bool:
        return self._is_sensible(drawn) and self._goes_on(drawn, closely=False)
