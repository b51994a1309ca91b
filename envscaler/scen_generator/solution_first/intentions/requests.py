"""Requests that can be made in a state: one tool, on records that hang together, tried out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from random import Random

from pydantic import JsonValue

from envscaler.environment.state.collections import Key, Scalar, stem_of
from envscaler.environment.state.encoding import canonical
from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.diets import eaten_by
from envscaler.inputs.agreement.statuses import SETTLED
from envscaler.inputs.consistent import addressed, in_tone
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.catalogued import as_catalogued, as_part_of
from envscaler.scen_generator.solution_first.intentions.dues import still_due
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
)
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Nouns,
)
from envscaler.scen_generator.solution_first.intentions.partners import in_role, listed_with
from envscaler.scen_generator.solution_first.intentions.spans import (
    EXPIRES,
    extended,
    in_order,
    on_weekdays,
)
from envscaler.scen_generator.solution_first.intentions.targets import (
    target_collection,
    targets_of,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    ACTOR,
    split_at_prepositions,
)
from envscaler.scen_generator.solution_first.intentions.verbs import (
    is_creating,
    is_ending,
    wordings,
)
from envscaler.scen_generator.solution_first.pools import fresh_ids

_TRADE = re.compile(r"^(profession|specialty|speciality|trade|occupation)$")
"""Names for what somebody does, which a licence of theirs says as well."""
_AGREED_ON = re.compile(r"appointment|consultation|visit|lesson|meeting")
"""Names of tools for what happens on working days."""
_CLOCK = re.compile(r"^(new )?(time|timestamp|date)$")
"""Names of times that a record may have under another name."""
_DRAWS = 24
"""Arguments drawn for a tool in one neighbourhood."""
_MOST_POOLS = 4096
"""Tools in neighbourhoods whose requests are kept."""

_Held = tuple[Scalar, list[JsonValue]] | None
"""What a record has in a field, and what all of its kind have there; None where it has nothing."""


@dataclass(frozen=True)
class Drawn:
    """A request before its records are described; what follows from it is found out once."""

    tool: Tool
    records: Mapping[str, tuple[str, Key]]
    """Parameter → noun and id."""
    values: Mapping[str, Scalar]
    """Parameter → what the message gives, new ids among them."""
    made: frozenset[str] = frozenset()
    """Parameters with an id that nobody has yet."""

    @cached_property
    def arguments(self) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {name: key for name, (_, key) in self.records.items()}
        return {**found, **self.values}

    @cached_property
    def said(self) -> str:
        """All of it as text: two requests of one text are the same."""
        return f"{self.tool.name} {self.records} {self.values} {self.made}"

    @cached_property
    def is_ending(self) -> bool:
        return is_ending(self.tool.name)

    @cached_property
    def is_creating(self) -> bool:
        return is_creating(self.tool)

    @cached_property
    def main(self) -> list[tuple[str, Key]]:
        """The records that it is about, without who only acts."""
        return [place for name, place in self.records.items() if not ACTOR.match(name)]

    @cached_property
    def acting(self) -> list[tuple[str, Key]]:
        """The records of those who only act."""
        return [place for name, place in self.records.items() if ACTOR.match(name)]


class Neighbourhood:
    """The records that have to do with one of them.

    Args:
        nouns: What the state holds.
        noun: Path of the collection of the one in the middle.
        key: Its id.
    """

    def __init__(self, nouns: Nouns, noun: str, key: Key) -> None:
        self.focus = (noun, key)
        self._nouns = nouns
        if self.focus not in nouns.near:
            nouns.near[self.focus] = _owned(nouns, noun, key)
        self.near = {path: [*keys] for path, keys in nouns.near[self.focus].items()}
        """Itself, what belongs to it, and what belongs to that."""

    @property
    def extent(self) -> tuple[str, Key, int]:
        """What is in the middle, and how many records are near it: it only ever grows."""
        return *self.focus, sum(map(len, self.near.values()))

    def widen(self) -> None:
        """Take in all records of the kind in the middle."""
        noun = self.focus[0]
        self.near[noun] = [*self._nouns.collections[noun].ids]

    def join(self, other: "Neighbourhood") -> None:
        """Take in what is near another record as well."""
        for noun, keys in other.near.items():
            for key in keys:
                _put(self.near, noun, key)


def _owned(nouns: Nouns, noun: str, key: Key) -> dict[str, tuple[Key, ...]]:
    """Return a record, what belongs to it, and what belongs to that."""
    near: dict[str, list[Key]] = {noun: [key]}
    others = [(path, link) for path, links in nouns.links.items() if path != noun for link in links]
    for _ in range(2):
        for path, link in others:
            one = nouns.collections[path]
            for each, record in zip(one.ids, one.records, strict=True):
                if record.get(link.field) in near.get(link.target, ()):
                    _put(near, path, each)
    return {path: tuple(keys) for path, keys in near.items()}


def _put(found: dict[str, list[Key]], noun: str, key: Key) -> None:
    keys = found.setdefault(noun, [])
    if key not in keys:
        keys.append(key)


class Drawer:
    """Draws requests near a record.

    Args:
        context: The environment and its state.
        nouns: What the state holds.
        literals: Values for what is no id.
    """

    def __init__(self, context: SearchContext, nouns: Nouns, literals: Literals) -> None:
        self._context = context
        self._nouns = nouns
        self._literals = literals
        about = (context.environment.class_name, *context.state)
        self._field = Vocabulary(Random(0), about).field
        self._fresh: dict[str, tuple[Key, ...]] = {}
        self._alike: dict[tuple[str, str], list[JsonValue]] = {}
        self._held_now: dict[tuple[str, Key, str], _Held] = {}
        self._drawn: dict[tuple[str, tuple[str, Key, int]], list[Drawn]] = {}
        self._salt = sha256(canonical(context.state)).hexdigest()
        self._tools = [context.tools[name] for name in context.writers()]
        self._sets = {
            tool.name: found for tool in self._tools if (found := [*self._parameter_sets(tool)])
        }
        self._targets = {
            tool.name: {
                name: found.path
                for name in tool.properties
                if (found := target_collection(tool, name, context)) is not None
                and found.path in nouns.collections
            }
            for tool in self._tools
        }

    def tools(self) -> list[Tool]:
        """Return the tools that change something."""
        return [*self._tools]

    def speakable(self) -> list[Tool]:
        """Return those that a person can ask for."""
        return [tool for tool in self._tools if tool.name in self._sets]

    def targets(self, tool: Tool) -> Mapping[str, str]:
        """Return the parameters of a tool that take ids, each with the noun."""
        return self._targets[tool.name]

    def _parameter_sets(self, tool: Tool) -> Iterator[tuple[frozenset[str], tuple[str, ...]]]:
        """Yield which ids are new, and the parameters, of each way to ask for a tool."""
        is_new = any(each.is_new for each in targets_of(tool, self._context, as_new=True))
        for as_new in (is_new,) if "_to_" not in tool.name else (True, False):
            targets = targets_of(tool, self._context, as_new=as_new)
            made = frozenset(each.parameter for each in targets if each.is_new)
            for wording in wordings(tool, targets):
                yield made, wording.parameters

    def draw(self, tool: Tool, area: Neighbourhood, random: Random) -> list[Drawn]:
        """Return a few requests of one tool in a neighbourhood, in an order left to chance.

        They are drawn once for a state, whoever asks first, since most lead to nothing.
        """
        key = (tool.name, area.extent)
        if key not in self._drawn:
            if len(self._drawn) >= _MOST_POOLS:
                self._drawn.clear()
            self._drawn[key] = [*self._distinct(tool, area, Random(f"{self._salt}:{key}"))]
        return random.sample(self._drawn[key], len(self._drawn[key]))

    def _distinct(self, tool: Tool, area: Neighbourhood, random: Random) -> Iterator[Drawn]:
        seen: set[str] = set()
        sets = self._sets[tool.name]
        for _ in range(_DRAWS):
            made, names = sets[0] if random.random() < 0.4 else random.choice(sets)
            drawn = self._one(tool, made, names, area, random)
            if drawn is not None and drawn.said not in seen:
                seen.add(drawn.said)
                yield drawn

    def _one(
        self,
        tool: Tool,
        made: frozenset[str],
        names: Sequence[str],
        area: Neighbourhood,
        random: Random,
    ) -> Drawn | None:
        targets = self._targets[tool.name]
        records: dict[str, tuple[str, Key]] = {}
        for name in names:
            noun = targets.get(name)
            if noun is not None and name not in made:
                records[name] = (noun, self._record(tool, name, records, area, random))
        touching = any(key in area.near.get(noun, ()) for noun, key in records.values())
        is_about_made = bool(made) and not records
        if not (touching or is_about_made) or _is_doubled(tool, records):
            return None
        values = self._values(tool, made, names, records, random)
        return None if values is None else Drawn(tool, records, in_order(values), made)

    def _values(
        self,
        tool: Tool,
        made: frozenset[str],
        names: Sequence[str],
        records: Mapping[str, tuple[str, Key]],
        random: Random,
    ) -> dict[str, Scalar] | None:
        """Draw all that the message gives; None where there is nothing to give."""
        values: dict[str, Scalar] = {}
        for name in names:
            if name in records:
                continue
            value = self._value(tool, name, made, records, random)
            if value is None:
                return None
            values[name] = value
        if is_creating(tool):
            values = self._as_eaten(self._as_known(values, records), records, random)
            values = as_catalogued(values, tool.name, self._field)
            for noun, key in records.values():
                values = as_part_of(values, noun, self._nouns.record(noun, key), self._field)
            values = self._as_due(tool, values, records)
        else:
            values = self._for_a_term(values, records)
        given = addressed(values, self._called(values, records))
        fitting = in_tone(self._stars(records) | given)
        given = {key: value for key in values if isinstance(value := fitting[key], Scalar)}
        return on_weekdays(given) if _AGREED_ON.search(tool.name) else given

    def _as_known(
        self, values: dict[str, Scalar], records: Mapping[str, tuple[str, Key]]
    ) -> dict[str, Scalar]:
        """Return values of which a trade is that of the person concerned."""
        found = dict(values)
        for name in filter(_TRADE.search, values):
            for noun, key in records.values():
                held = self._nouns.record(noun, key).get(name)
                if self._nouns.is_human(noun) and isinstance(held, str) and held:
                    found[name] = held
        return found

    def _as_eaten(
        self, values: dict[str, Scalar], records: Mapping[str, tuple[str, Key]], random: Random
    ) -> dict[str, Scalar]:
        """Return values of which a meal is one that the person concerned eats."""
        for noun, key in records.values():
            if self._nouns.is_human(noun):
                person = self._nouns.record(noun, key)
                values = {
                    name: eaten_by(person, value, random) if isinstance(value, str) else value
                    for name, value in values.items()
                }
        return values

    def _as_due(
        self, tool: Tool, values: dict[str, Scalar], records: Mapping[str, tuple[str, Key]]
    ) -> dict[str, Scalar]:
        """Return values of which a payment is of what is still due, and was made."""
        if "payment" not in tool.name or "amount" not in values:
            return values
        made = [each for each in self._like(tool, "status") if each in SETTLED]
        if made and "status" in values:
            values = values | {"status": str(made[0])}
        for noun, key in records.values():
            due = still_due(noun, key, self._nouns)
            if due is not None:
                return values | {"amount": type(values["amount"])(due)}
        return values

    def _for_a_term(
        self, values: dict[str, Scalar], records: Mapping[str, tuple[str, Key]]
    ) -> dict[str, Scalar]:
        """Return values of which a paper is renewed for as long as it was given."""
        noun, key = next(iter(records.values()), ("", ""))
        record = self._nouns.record(noun, key) if noun else {}
        terms = {
            name: extended(record, str(value))
            for name, value in values.items()
            if EXPIRES.search(name)
        }
        return values | {name: until for name, until in terms.items() if until}

    def _stars(self, records: Mapping[str, tuple[str, Key]]) -> JsonObject:
        """Return how many stars the first record has, where it has any; a text has to fit them."""
        noun, key = next(iter(records.values()), ("", ""))
        record = self._nouns.record(noun, key) if noun else {}
        return {name: value for name, value in record.items() if "rating" in name}

    def _called(self, values: Mapping[str, Scalar], records: Mapping[str, tuple[str, Key]]) -> str:
        """Return the name of the person that a call is about; empty when it is about none."""
        given = [str(values[name]) for name in ("name", "full_name") if name in values]
        for noun, key in records.values():
            one = self._nouns.collections[noun]
            fields = self._nouns.name_fields(noun) if self._nouns.is_human(noun) else ()
            given += [str(one.records[one.ids.index(key)].get(field)) for field in fields]
        return next((name for name in given if " " in name), "")

    def _record(
        self,
        tool: Tool,
        name: str,
        records: Mapping[str, tuple[str, Key]],
        area: Neighbourhood,
        random: Random,
    ) -> Key:
        noun = self._targets[tool.name][name]
        held = self._held(name, noun, records)
        if held is not None and not name.startswith("new_") and random.random() < 0.85:
            return held
        if tool.name.startswith(("remove_", "detach_")):
            listed = [*listed_with(noun, records.values(), self._nouns)]
            if listed:
                return random.choice(listed)
        near = area.near.get(noun)
        if near and random.random() < 0.9:
            return random.choice(near)
        playing = in_role(name, noun, self._nouns)
        return random.choice(playing or self._nouns.collections[noun].ids)

    def _held(self, name: str, noun: str, records: Mapping[str, tuple[str, Key]]) -> Key | None:
        """Return the record that another one of the call refers to already."""
        for other, key in records.values():
            one = self._nouns.collections[other]
            record = one.records[one.ids.index(key)]
            links = [link for link in self._nouns.links[other] if link.target == noun]
            links.sort(key=lambda link: link.field != name)
            for link in links:
                held = record.get(link.field)
                if isinstance(held, str | int) and held in self._nouns.collections[noun].ids:
                    return held
        return None

    def _value(
        self,
        tool: Tool,
        name: str,
        made: frozenset[str],
        records: Mapping[str, tuple[str, Key]],
        random: Random,
    ) -> Scalar | None:
        if name in made:
            noun = self._targets[tool.name].get(name)
            new = self._new_ids(noun) if noun else ()
            return random.choice(new) if new else None
        held, known = self._now(name, records)
        if is_creating(tool) and (alike := self._like(tool, name)):
            held, known = None, alike
        return self._literals.draw(tool, name, random, held, known)

    def _new_ids(self, noun: str) -> Sequence[Key]:
        if noun not in self._fresh:
            self._fresh[noun] = tuple(fresh_ids(self._nouns.collections[noun]))
        return self._fresh[noun]

    def _like(self, tool: Tool, name: str) -> list[JsonValue]:
        """Return what records of the kind that a tool makes have in a field."""
        key = (tool.name, name)
        if key not in self._alike:
            self._alike[key] = self._find_alike(tool, name)
        return self._alike[key]

    def _find_alike(self, tool: Tool, name: str) -> list[JsonValue]:
        noun = self._made_by(tool)
        return self._nouns.values(noun, name) if noun else []

    def _made_by(self, tool: Tool) -> str:
        """Return the path of what a tool makes: of payments, where one is added to a bill.

        It is named last before the first preposition of the tool's name; empty where there are no
        records of that kind.
        """
        pieces = split_at_prepositions(tool.name.split("_"))
        for _, words in pieces:
            said = f"_{'_'.join(words)}_"
            places = {
                noun: said.rfind(f"_{singular(one.name)}_")
                for noun, one in self._nouns.collections.items()
            }
            found = max(places, key=lambda noun: places[noun], default="")
            if found and places[found] >= 0:
                return found
        return ""

    def _now(
        self, name: str, records: Mapping[str, tuple[str, Key]]
    ) -> tuple[Scalar | None, list[JsonValue]]:
        """Return what a record of the call and its neighbours have where a value may go."""
        label = label_of(name)
        for noun, key in records.values():
            asked = (noun, key, label)
            if asked not in self._held_now:
                self._held_now[asked] = self._find_held(noun, key, label)
            found = self._held_now[asked]
            if found is not None:
                return found
        return None, []

    def _find_held(self, noun: str, key: Key, label: str) -> _Held:
        for field, value in self._nouns.record(noun, key).items():
            if label_of(field) == label and isinstance(value, Scalar):
                return value, self._nouns.values(noun, field)
        return self._only_time(noun, key) if _CLOCK.search(label) else None

    def _only_time(self, noun: str, key: Key) -> _Held:
        """Return the one time of a record that says when it was; None where it has several."""
        record = self._nouns.record(noun, key)
        times = [name for name in record if self._nouns.is_date(noun, name)]
        value = record[times[0]] if len(times) == 1 else None
        return (value, self._nouns.values(noun, times[0])) if isinstance(value, str) else None


def _is_doubled(tool: Tool, records: Mapping[str, tuple[str, Key]]) -> bool:
    """Tell whether a request has one record twice, or two of a kind, one of which only acts."""
    if len({*records.values()}) < len(records):
        return True
    nouns = [noun for noun, _ in records.values()]
    twice = {name for name, (noun, _) in records.items() if nouns.count(noun) > 1}
    if any(map(ACTOR.match, twice)):
        return True
    kinds = {singular(noun.split(".")[-1]) for noun in nouns}
    return is_creating(tool) and any((stem_of(name) or name) in kinds for name in twice)
