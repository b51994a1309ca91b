"""The queries by which somebody who has only the tools finds what a message speaks of.

Every one of them was made in the environment, and its answer shows what it is asked for: an id, and
of every record among which a choice is to be made that by which it is chosen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from itertools import product
from random import Random
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import Key
from envscaler.environment.state.encoding import canonical
from envscaler.records import Call, Tool
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.context import SearchContext, parameters_of
from envscaler.scen_generator.solution_first.intentions.answers import Answer, Answers
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Condition,
    Extreme,
    Firsts,
    Group,
    Linked,
    Many,
    Named,
    New,
    Only,
    Reference,
    Several,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.listings import (
    only,
    parameter_sets,
    takes_value,
    unsettled,
)
from envscaler.scen_generator.solution_first.intentions.meaning import Reader, noun_of
from envscaler.scen_generator.solution_first.intentions.targets import target_collection

MOST_MEMBERS = 9
"""Records that are looked over one by one for one choice."""
_WIDE = 0.5
"""How often somebody does not care whether a list holds more than what is looked for."""
_CAREFUL = 0.5
"""How often somebody looks at a record by itself though a list has shown it."""
_SPOKEN_OF = re.compile(r"\b(Again|About|New)\(")
"""What hangs on the steps before, in a group as text."""
Calls = tuple[Call, ...]


class LookUps:
    """Finds queries in one state; what was asked once is kept.

    Args:
        context: The environment and its state.
        live: The environment, in that state whenever something is looked up.
        answers: What was asked before in this state; is added to.
        most: Records that may have to be looked over one by one for one choice.
    """

    def __init__(
        self,
        context: SearchContext,
        live: LiveEnvironment,
        answers: Answers,
        most: int = MOST_MEMBERS,
    ) -> None:
        self._most = most
        self._is_plain = True
        """The first query that will do is made; else one that needs no others, if there is one."""
        self._is_narrow = True
        """The queries that leave out the most come first."""
        self._is_careful = False
        """A record on which something depends is looked at by itself."""
        self._context = context
        self._live = live
        self._answers = answers
        names = set(context.environment.structure.queries)
        self._queries = [tool for name, tool in context.tools.items() if name in names]
        self._targets: dict[str, dict[str, str]] = {
            tool.name: {
                name: found.path
                for name in tool.properties
                if (found := target_collection(tool, name, context)) is not None
            }
            for tool in self._queries
        }

    def of_another(self, random: Random) -> "LookUps":
        """Return the look-ups of somebody who turns to other tools first."""
        other = copy(self)
        other._queries = random.sample(self._queries, len(self._queries))
        other._is_plain = False
        other._is_narrow = random.random() >= _WIDE
        other._is_careful = random.random() < _CAREFUL
        return other

    async def ask(self, call: Call) -> JsonValue | None:
        """Return what a query answers at the start; None when it does not succeed."""
        return (await self._answer(call)).value

    async def _answer(self, call: Call) -> Answer:
        key = (call.name, canonical(call.arguments))
        known = self._answers.of
        if key not in known:
            observation = await self._live.call(call.name, call.arguments)
            known[key] = Answer(
                observation.value if self._context.succeeded(call.name, observation) else None
            )
        return known[key]

    async def reference(self, reference: Reference, reader: Reader) -> Calls | None:
        """Return queries that lead to the record of a reference; None when there are none."""
        found: Calls | None = ()
        match reference:
            case Named():
                named = Group(reference.noun, field=reference.field, value=reference.name)
                found = await self.group(named, (), reader)
            case Linked():
                found = await self.value(reference.of, reference.field, reader)
            case Only():
                found = await self.group(reference.group, (), reader)
            case Extreme():
                found = await self.group(reference.group, (reference.by,), reader)
            case Told() | Again() | About() | New():
                pass
        return found

    async def condition(self, condition: Condition, reader: Reader) -> Calls | None:
        """Return queries that show what a condition speaks of."""
        return await self.value(condition.of, condition.field, reader)

    async def value(self, of: Reference, field: str, reader: Reader) -> Calls | None:
        """Return queries that show a field of a record."""
        before = await self.reference(of, reader)
        if before is None:
            return None
        noun, key = noun_of(of), cast("Key", reader.find(of))
        shown = await self._details(noun, key, (field,), reader) if self._is_careful else None
        if shown is not None:
            return (*before, *shown)
        for call in before:
            answer = await self._answer(call)
            if answer.shows(key, {field: reader.world.value(noun, key, field)}):
                return before
        shown = await self._details(noun, key, (field,), reader)
        return None if shown is None else (*before, *shown)

    async def many(self, told: Many, reader: Reader) -> Calls | None:
        """Return queries that lead to each of several records."""
        match told:
            case Group():
                return await self.group(told, (), reader)
            case Several():
                return await self.each(told, reader)
            case Firsts():
                reader.firsts(told)
                return await self.group(told.group, (told.by,), reader)

    async def group(self, group: Group, fields: Sequence[str], reader: Reader) -> Calls | None:
        """Return queries that show which records a group has, and some fields of these.

        Args:
            group: The group.
            fields: What is to be seen of each member besides.
            reader: Knows the state.
        """
        if isinstance(group.of, Group | Several):
            return await self._of_many(group, group.of, fields, reader)
        before = () if group.of is None else await self.reference(group.of, reader)
        if before is None:
            return None
        shown = await self._shown(group, fields, reader)
        return None if shown is None else (*before, *shown)

    async def _shown(self, group: Group, fields: Sequence[str], reader: Reader) -> Calls | None:
        """Return queries that show the members of a group whose owner is known.

        For the first query that will do they are found once in a state.
        """
        known, key = self._answers.lists, (repr(group), tuple(fields), self._most)
        if not self._is_plain or _SPOKEN_OF.search(key[0]):
            return await self._find_shown(group, fields, reader)
        if key not in known:
            known[key] = await self._find_shown(group, fields, reader)
        return known[key]

    async def _find_shown(
        self, group: Group, fields: Sequence[str], reader: Reader
    ) -> Calls | None:
        members = reader.group(group)
        best: Calls | None = None
        for call in self._listings(group, reader):
            answer = await self._answer(call)
            if answer.value is None:
                continue
            more = await self._enough(answer, call, group, fields, members, reader)
            if more is not None and (best is None or not more):
                best = (call, *more)
            if best is not None and (self._is_plain or len(best) == 1):
                break
        return best

    async def _of_many(
        self, group: Group, of: Group | Several, fields: Sequence[str], reader: Reader
    ) -> Calls | None:
        """Return queries that show a group of what belongs to several owners, one by one."""
        found = await self._owners(of, reader)
        for key in () if found is None else reader.owners(group):
            one = replace(group, of=Told(noun_of(of), key))
            shown = await self._of_one(one, key, fields, reader)
            if shown is None:
                return None
            found = (*(found or ()), *shown)
        return None if found is None else distinct(found)

    async def _owners(self, of: Group | Several, reader: Reader) -> Calls | None:
        if isinstance(of, Group):
            return await self.group(of, (), reader)
        return await self.each(of, reader)

    async def each(self, told: Several, reader: Reader) -> Calls | None:
        """Return queries that lead to each of several records."""
        found: list[Call] = []
        for each in told.members:
            calls = await self.reference(each, reader)
            if calls is None:
                return None
            found += calls
        return tuple(found)

    async def _of_one(
        self, group: Group, owner: Key, fields: Sequence[str], reader: Reader
    ) -> Calls | None:
        """Return queries that show what belongs to one owner, or that nothing does."""
        if reader.world.members(group, owner):
            return await self.group(group, fields, reader)
        return await self._empty(group, owner)

    async def _enough(
        self,
        answer: Answer,
        call: Call,
        group: Group,
        fields: Sequence[str],
        members: Sequence[Key],
        reader: Reader,
    ) -> Calls | None:
        """Return the calls that are missing until the members can be told; None if they cannot."""
        records = reader.world.records(group.noun)
        listed = {key: records[key] for key in records if answer.mentions(key)}
        if not set(members) <= listed.keys() or not members:
            return None
        owner = next(iter(reader.owners(group)), None)
        is_exact = listed.keys() == {*members}
        needed = [*fields, *unsettled(group, owner, call, listed.values(), is_exact=is_exact)]
        if not needed:
            return ()
        missing = [
            key for key, record in listed.items() if not answer.shows(key, only(record, needed))
        ]
        return await self._all_details(group.noun, missing, needed, reader)

    async def _all_details(
        self, noun: str, keys: Sequence[Key], needed: Sequence[str], reader: Reader
    ) -> Calls | None:
        """Return the calls that show fields of some records; None if these are too many."""
        if len(keys) > self._most:
            return None
        found: list[Call] = []
        for key in keys:
            more = await self._details(noun, key, needed, reader)
            if more is None:
                return None
            found += more
        return tuple(found)

    def _listings(self, group: Group, reader: Reader) -> Iterator[Call]:
        """Yield queries that may list the members of a group."""
        owner = next(iter(reader.owners(group)), None)
        holder = None if group.of is None else noun_of(group.of)
        found: list[tuple[int, Call]] = []
        for tool in self._queries:
            for names in parameter_sets(tool):
                pools = [[*self._fillings(tool, name, group, holder, owner)] for name in names]
                for values in product(*pools):
                    call = Call(name=tool.name, arguments=dict(zip(names, values, strict=True)))
                    found.append((-len(names) if self._is_narrow else 0, call))
        yield from (call for _, call in sorted(found, key=lambda pair: pair[0]))

    def _fillings(
        self, tool: Tool, name: str, group: Group, holder: str | None, owner: object
    ) -> Iterator[JsonValue]:
        target = self._targets[tool.name].get(name)
        if target is None:
            if takes_value(name, group):
                yield group.value
        elif target == holder and isinstance(owner, str | int):
            yield owner

    async def _details(
        self, noun: str, key: Key, fields: Sequence[str], reader: Reader
    ) -> Calls | None:
        """Return one query that shows fields of a record whose id is known."""
        wanted = only(reader.world.records(noun)[key], fields)
        for tool in self._queries:
            required, _ = parameters_of(tool)
            if [self._targets[tool.name].get(name) for name in required] != [noun]:
                continue
            call = Call(name=tool.name, arguments={required[0]: key})
            if (await self._answer(call)).shows(key, wanted, is_alone=True):
                return (call,)
        for tool in self._queries:
            if not tool.required:
                call = Call(name=tool.name, arguments={})
                if (await self._answer(call)).shows(key, wanted):
                    return (call,)
        return None

    async def _empty(self, group: Group, owner: Key) -> Calls | None:
        """Return a query that shows that nothing belongs to an owner."""
        for tool in self._queries:
            targets = self._targets[tool.name]
            names = (
                [name for name in tool.required if targets.get(name) == noun_of(group.of)]
                if group.of
                else []
            )
            if len(tool.required) == 1 and names and _is_about(tool, group.noun):
                call = Call(name=tool.name, arguments={names[0]: owner})
                await self.ask(call)
                return (call,)
        return None


def distinct(calls: Iterable[Call]) -> Calls:
    """Drop calls that were made before."""
    return tuple({canonical(call.model_dump(mode="json")): call for call in calls}.values())


def _is_about(tool: Tool, noun: str) -> bool:
    return noun.rpartition(".")[2].rstrip("s") in tool.name
