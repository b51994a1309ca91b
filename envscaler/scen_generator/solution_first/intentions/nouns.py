"""What the records and fields of a state are called by a person, and how records hang together."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache

import inflection
from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    Key,
    Scalar,
    id_field,
    stem_of,
    target_of,
)
from envscaler.environment.state.plurals import singular
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.clarity import (
    are_in_one_order,
    mentions,
    names,
    says_who_acted,
)
from envscaler.scen_generator.solution_first.intentions.labels import participle_of, words

_NAMES = ("name", "full_name", "title", "username", "label", "subject", "headline", "email")
_HUMAN = re.compile(
    r"(user|customer|client|patient|guest|member|employee|agent|provider|doctor|nurse|teacher|"
    r"student|staff|driver|owner|author|physician|contact|person|passenger|tenant|applicant|"
    r"candidate|technician|vendor|participant|volunteer|donor|player|coach|admin|manager|"
    r"dentist|pilot|keeper|singer|pupil|musher|referee|inspector|adjuster|mechanic|judge|courier|"
    r"buyer|borrower|reader|writer|weaver|archer|rider|host|librarian|musician|engineer|"
    r"instructor|trainer|subscriber|officer|clerk|cook|chef|waiter|cleaner|worker|handler|tutor|"
    r"lecturer|tailor|linguist|translator|interpreter|therapist|surgeon|vet|crew_member|(wo)?man)$"
)
_STATUS = re.compile(r"(^|_)(status|sta|state|condition|availability|visibility)$")
_HAPPENS = re.compile(r"incident|accident|emergenc")
_COMES = frozenset(("arrived", "en route", "on scene", "requested"))
"""How it stands with who comes to what happened, or is asked to."""
_SECRET = re.compile(r"hash|password|token|secret|salt|url|path|checksum|credential")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COUNTED = {
    "staff": "staff member",
    "content": "content item",
    "equipment": "equipment item",
    "inventory": "inventory item",
}
"""Words for many, and those for one of them."""
_SHORTER = {"allergy record": "allergy", "content item": "post", "loan transaction": "loan"}
"""What is called after how it is kept → what people call it."""
_POSTED = re.compile(r"caption|like|share")
_KIND = re.compile(
    r"(^|_)(type|category|kind|priority|severity|level|genre|plan|tier|format|role|brand)$"
)
_ODD_LABEL = re.compile(
    r"coordinates|email|phone|address|contact|username|birth|year|note|description|comment|content"
    r"|details|text|summary|caption|name|_by$|version|gender|(^|_)sex$|religion|ethnic|result$"
)
_SORTS = re.compile(
    r"method|allergen|reaction|model|manufacturer|make$|profession|specialt|specializ|^department"
    r"|city|country|language|currency|diagnos|mood|color|size|language|state|location|area|position"
    r"|language|sport|meal|media|unit|channel|area|floor|shift|team"
)
"""What records are sorted by, besides their status and their kind."""
_PLACE = re.compile(r"(^|_)(lat|lon|lng|latitude|longitude|version)$")
"""What nobody chooses things by."""
_PLACE_OR_AGE = re.compile(rf"{_PLACE.pattern}|birth|(^|_)(dob|age)$|salary|wage")
"""What nobody chooses people by."""
_MOST_WORDS = 6
"""Different values up to which a field sorts records rather than telling them apart."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Link:
    """A field that holds the id of a record of another collection."""

    field: str
    target: str
    """Path of that collection."""


class Nouns:
    """Words and relations of the collections of one state.

    Args:
        collections: Those of the state.
    """

    def __init__(self, collections: Sequence[Collection]) -> None:
        self.collections = {one.path: one for one in own_collections(collections)}
        self.links: Mapping[str, tuple[Link, ...]] = {
            path: tuple(self._links(one)) for path, one in self.collections.items()
        }
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        """Sort of fields and noun → the fields. A state does not change, and is asked often."""
        self.near: dict[tuple[str, Key], Mapping[str, tuple[Key, ...]]] = {}
        """Record → by noun, what belongs to it; filled by who looks for it first."""
        self._owners: dict[str, list[Link]] = {}
        self._humans: dict[str, bool] = {}

    def _once(self, sort: str, noun: str, find: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
        key = (sort, noun)
        if key not in self._known:
            self._known[key] = tuple(find(noun))
        return self._known[key]

    def singular(self, noun: str) -> str:
        """Return the word for one record: `medical record`."""
        word = words(singular(self.collections[noun].name))
        if word == "content" and any(map(_POSTED.search, self.fields(noun))):
            return "post"
        shorter = _SHORTER.get(word, "")
        is_free = shorter and all(each.name != shorter for each in self.collections.values())
        return shorter if is_free else counted(word)

    def plural(self, noun: str) -> str:
        """Return the word for several."""
        return _plural_of(self.singular(noun))

    def sounds_double(self, noun: str, value: object) -> bool:
        """Tell whether a word beside the noun sounds like it, or is said of other things.

        A booked booking; an incident that has arrived, where an ambulance has.
        """
        word = self.singular(noun)
        if _HAPPENS.search(word) and str(value).lower().replace("_", " ") in _COMES:
            return True
        return isinstance(value, str) and len(value) > 3 and word.startswith(value[:4].lower())

    def is_human(self, noun: str) -> bool:
        """Tell whether the records are people."""
        if noun not in self._humans:
            self._humans[noun] = is_human(singular(self.collections[noun].name))
        return self._humans[noun]

    def fields(self, noun: str) -> tuple[str, ...]:
        """List the fields that hold plain values a person may speak of."""
        return self._once("plain", noun, self._fields)

    def _fields(self, noun: str) -> list[str]:
        one = self.collections[noun]
        own, links = id_field(one), {link.field for link in self.links[noun]}
        names = dict.fromkeys(name for record in one.records for name in record)
        return [
            name
            for name in names
            if name != own and name not in links and not _SECRET.search(name)
            if stem_of(name) is None
            if any(_is_plain(record.get(name)) for record in one.records)
        ]

    def name_fields(self, noun: str) -> tuple[str, ...]:
        """List the fields by which records are named, the best first."""
        return self._once("names", noun, self._name_fields)

    def _name_fields(self, noun: str) -> list[str]:
        found = [
            name
            for name in self.fields(noun)
            if name in _NAMES or name.endswith(("_name", "_title"))
            if name not in ("first_name", "last_name")  # neither of them names a person
            if all(isinstance(value, str) for value in self.values(noun, name))
        ]
        return sorted(found, key=lambda name: _NAMES.index(name) if name in _NAMES else 0)

    def sorting_fields(self, noun: str) -> tuple[str, ...]:
        """List the fields that sort records into a few kinds."""
        return self._once("kinds", noun, self._sorting_fields)

    def _sorting_fields(self, noun: str) -> list[str]:
        names = set(self.name_fields(noun))
        return [
            name
            for name in self.fields(noun)
            if name not in names and not self.is_order(noun, name) and _is_sorting(name)
            if self._sorts(self.values(noun, name))
        ]

    @staticmethod
    def _sorts(values: Sequence[JsonValue]) -> bool:
        kinds = {value for value in values if isinstance(value, str)}
        short = all(len(kind) < 25 and not _DATE.match(kind) for kind in kinds)
        return bool(kinds) and short and len(kinds) <= min(_MOST_WORDS, max(2, len(values) - 1))

    def order_fields(self, noun: str) -> tuple[str, ...]:
        """List the fields by whose order records can be told apart."""
        return self._once("order", noun, self._order_fields)

    def _order_fields(self, noun: str) -> list[str]:
        is_odd = _PLACE_OR_AGE if self.is_human(noun) else _PLACE
        names = [name for name in self.fields(noun) if not is_odd.search(name)]
        return [name for name in names if self.is_order(noun, name)]

    def is_order(self, noun: str, name: str) -> bool:
        """Tell whether a field holds dates or amounts."""
        values = [value for value in self.values(noun, name) if value is not None]
        return bool(values) and all(map(_is_order, values))

    def is_date(self, noun: str, name: str) -> bool:
        """Tell whether a field holds dates, as texts or in seconds."""
        return any(
            _DATE.match(value) if isinstance(value, str) else is_moment(value)
            for value in self.values(noun, name)
        )

    def record(self, noun: str, key: Key) -> JsonObject:
        """Return a record."""
        one = self.collections[noun]
        return one.records[one.ids.index(key)]

    def values(self, noun: str, name: str) -> list[JsonValue]:
        """List what a field holds."""
        return [record.get(name) for record in self.collections[noun].records]

    def owners(self, noun: str) -> list[Link]:
        """List the links by which a record is told: by the one whose it is, where that is clear.

        Not those of which several have one target, nor to who only acted, nor where records of the
        target name others as theirs.
        """
        if noun not in self._owners:
            links = self.links[noun]
            targets = Counter(each.target for each in links)
            alone = [one for one in links if targets[one.target] == 1]
            self._owners[noun] = [
                one
                for one in alone
                if not says_who_acted(one.field) and self._is_undisputed(noun, one)
            ]
        return self._owners[noun]

    def roles(self, noun: str) -> list[Link]:
        """List the links by which what a record refers to is told: `the agent of claim CL-3`."""
        return [
            link
            for link in self.links[noun]
            if not names(link.field, self.collections[link.target])
            or self._is_undisputed(noun, link)
        ]

    def _is_undisputed(self, noun: str, link: Link) -> bool:
        """Tell whether the records of the target name no others of a noun than refer to them."""
        one, other = self.collections[noun], self.collections[link.target]
        held = zip(one.ids, (record.get(link.field) for record in one.records), strict=True)
        return mentions(other, one) <= {(value, key) for key, value in held}

    def _links(self, one: Collection) -> list[Link]:
        own = id_field(one)
        names = dict.fromkeys(name for record in one.records for name in record if name != own)
        found = [(name, self._target(one, name)) for name in names]
        return [Link(name, target) for name, target in found if target is not None]

    def _target(self, one: Collection, name: str) -> str | None:
        keys = _keys_in(one, name)
        if not keys:
            return None
        every = [each for each in self.collections.values() if each is not one]
        named = target_of(name, every)
        if named is not None and keys <= {*named.ids}:
            return named.path
        if any(isinstance(key, int) for key in keys):
            return None
        return _only_holder(keys, every)


def _only_holder(keys: Set[Key], collections: Sequence[Collection]) -> str | None:
    """Return the path of the one collection that has all of some ids."""
    holding = [each.path for each in collections if keys <= {*each.ids}]
    return holding[0] if len(holding) == 1 else None


def _keys_in(one: Collection, name: str) -> set[Key]:
    """Return the texts and whole numbers in a field; none where it holds a flag."""
    held = [record.get(name) for record in one.records]
    if any(isinstance(value, bool) for value in held):
        return set()
    return {value for value in held if isinstance(value, str | int) and value != ""}


@cache
def _plural_of(word: str) -> str:
    return inflection.pluralize(word)


def own_collections(collections: Sequence[Collection]) -> list[Collection]:
    """Leave out empty collections, and copies of others, such as those in a kept argument."""
    seen: set[tuple[str, tuple[object, ...]]] = set()
    found: list[Collection] = []
    for one in collections:
        if one.records and (one.name, one.ids) not in seen:
            seen.add((one.name, one.ids))
            found.append(one)
    return found


def counted(word: str) -> str:
    """Return the word for one of what is many: a staff member."""
    return _COUNTED.get(word, word)


def is_human(word: str) -> bool:
    """Tell whether a word in the singular stands for people."""
    return _HUMAN.search(word) is not None


def is_kind(name: str) -> bool:
    """Tell whether a field says of what kind a record is."""
    return _KIND.search(name) is not None


def is_telling(name: str) -> bool:
    """Tell whether a field holds something on which a person would let a decision hang."""
    return not _ODD_LABEL.search(name)


def _is_sorting(name: str) -> bool:
    """Tell whether people sort records by a field, rather than find it in them."""
    return is_telling(name) and (is_status(name) or is_kind(name) or bool(_SORTS.search(name)))


def is_hollow(name: str, value: JsonValue) -> bool:
    """Tell whether a field holds only its own name, which tells nothing."""
    return isinstance(value, str) and value.replace(" ", "_") in name


def main_date(nouns: "Nouns", noun: str) -> str | None:
    """Return the field that is meant by the earliest record of a kind; None when none is clear.

    Where records have further dates, each must give the same record.
    """
    known = [name for name in nouns.fields(noun) if nouns.is_date(noun, name)]
    ordered = [name for name in known if name in nouns.order_fields(noun)]
    dates = [name for name in ordered if participle_of(name) is None] or ordered[:1]
    if len(dates) != 1 or nouns.is_human(noun):
        return None
    others = [name for name in known if name != dates[0]]
    is_clear = are_in_one_order(nouns.collections[noun].records, dates[0], others)
    return dates[0] if is_clear else None


def is_status(name: str) -> bool:
    """Tell whether a field says how things stand with a record."""
    return _STATUS.search(name) is not None


def _is_plain(value: JsonValue) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST and value.strip() == value and "\n" not in value
    return isinstance(value, Scalar)


def is_moment(value: JsonValue) -> bool:
    """Tell whether a number is a time in seconds since 1970, which nobody says as a number."""
    return isinstance(value, int | float) and 10**9 < value < 5 * 10**9


def _is_order(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(_DATE.match(value)))
