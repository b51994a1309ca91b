"""Words that a field of a record could really hold, by the names of field and record.

People and places are from mimesis, which is read once and only when a state is made up: it weighs
12 MB without a dependency, starts in the tenth of a second that Faker takes too, and keeps its
seed to itself. Nouns, notes and the like are lists of our own.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from envscaler.inputs.catalogue.catalogue import cities, table_for
from envscaler.inputs.fields_of_work import FIELDS, SPECIAL_WORDS
from envscaler.inputs.sentences import (
    ADJECTIVES,
    AUDITS,
    BIOS,
    CAPTIONS,
    CHECKS,
    CLAIMS,
    CONTACTS,
    DESCRIPTIONS,
    DISPUTES,
    FAMILY,
    FEES,
    GOODS,
    LETTERS,
    MEDICAL,
    PAPERS,
    PLACES,
    POSTS,
    REMARKS,
    RESOLUTIONS,
    REVIEWS,
    REVIEWS_OF_PLACES,
    SCANS,
    STREETS,
    SUMMARIES,
    TASKS,
    UPKEEP,
)
from envscaler.inputs.word_lists import (
    ALIKE,
    CLEARER,
    CREDIT,
    GRADES,
    NAMES,
    NUMBERED,
    PEOPLE,
    PERSON_FIELDS,
    WORDS,
)

_MOST = 150
"""Names of a kind that are taken from the library."""
LONG = frozenset(
    [
        "description",
        "note",
        "notes",
        "comment",
        "reason",
        "content",
        "message",
        "text",
        "detail",
        "details",
        "body",
        "summary",
        "bio",
        "instructions",
        "feedback",
        "remarks",
        "snapshot",
        "caption",
        "transcript",
    ]
)
_SHORT = frozenset(
    ["location", "type", "kind", "category", "status", "format", "language", "count", "level"]
)
"""Last words of fields that hold no sentence, whatever else is in their names."""
_SENTENCES = (
    (frozenset(("resolution",)), RESOLUTIONS),
    (frozenset(("caption",)), CAPTIONS),
    (frozenset(("audit",)), AUDITS),
    (frozenset(("ocr", "extracted", "recognized", "result")), SCANS),
    (frozenset(("claim",)), CLAIMS),
    (frozenset(("medical",)), MEDICAL),
    (frozenset(("report",)), SUMMARIES),
    (frozenset(("interaction",)), CONTACTS),
    (frozenset(("bio", "profile")), BIOS),
    (frozenset(("maintenance",)), UPKEEP),
    (frozenset(("family",)), FAMILY),
    (frozenset(("consultation",)), CHECKS),
    (frozenset(("dispute",)), DISPUTES),
    (frozenset(("task", "ticket", "todo")), TASKS),
    (frozenset(("location", "branch", "site", "area", "zone", "room", "warehouse")), PLACES),
    (frozenset(("review", "feedback", "rating")), REVIEWS),
    (frozenset(("charge", "line", "invoice", "bill", "payment", "fee")), FEES),
    (frozenset(("post", "journal", "thread", "feed", "comment", "info")), POSTS),
    (frozenset(("message", "communication", "mail", "letter")), LETTERS),
)
"""Words for records and fields → what is written there; other texts are notes."""
_VISITED = frozenset(
    ("business", "businesses", "restaurant", "restaurants", "hotel", "rooms", "venues", "clinic")
)
"""Words for what is reviewed by those who went there."""
_LENDING = frozenset(("loan", "loans", "lending", "rental", "rentals", "borrowing", "borrowings"))
"""Words for what is lent to people, who take it home."""
_GOODS = frozenset(("product", "commodity", "item", "goods", "article", "merchandise"))
"""Words for what is sold."""
_DONE = frozenset(("change", "action", "log", "audit", "task", "incident", "user"))
"""What is described by a note, not praised."""
_FIRST = frozenset(("first", "given"))
_FAMILY = frozenset(("last", "family"))
_CITIES = 3
"""Cities in which everything takes place; a hospital has its patients from one."""
_NO_STREET = re.compile(
    r"[^A-Za-z ]|\b(Lot|Access|Road|Street|Course|Hump|Hill|Heights|Rock|Presidio)\b"
)
_NICER = ("Chestnut", "Mill", "Orchard", "Linden", "Station", "Birch", "Meadow", "Juniper")
"""Names of the library behind which nobody puts `Lane`, and what stands in their place; as many, so
that chance chooses the others as before."""
_SAME_NAME = 0.04
"""Chance that a person is called like another one."""


@dataclass(frozen=True, slots=True)
class _Places:
    """What the library knows."""

    first_names: Mapping[str, tuple[str, ...]]
    """By gender."""
    last_names: tuple[str, ...]
    streets: tuple[str, ...]


@lru_cache(1)
def _places() -> _Places:
    from mimesis import Address, Person  # noqa: PLC0415
    from mimesis.enums import Gender  # noqa: PLC0415
    from mimesis.locales import Locale  # noqa: PLC0415

    person, address = Person(Locale.EN, seed=0), Address(Locale.EN, seed=0)
    genders = {"female": Gender.FEMALE, "male": Gender.MALE}
    return _Places(
        {
            name: tuple(CLEARER.get(each := person.first_name(one), each) for _ in range(_MOST))
            for name, one in genders.items()
        },
        tuple(person.last_name() for _ in range(_MOST)),
        tuple(
            _NICER[turn % len(_NICER)] if _NO_STREET.search(name) else name
            for turn, name in enumerate(address.street_name() for _ in range(_MOST))
        ),
    )


def gender_of(first_name: str) -> str:
    """Return the gender of those who have a first name; empty where nobody is called so."""
    known = _places().first_names
    return next((gender for gender, names in known.items() if first_name in names), "")


class Vocabulary:
    """Chooses words by chance; the same chance chooses the same words.

    Args:
        chance: Where it is all the same.
        about: Names of the class and of what it keeps: a hospital has other wards than an office.
        phones: Ends of the phone numbers that somebody has.
    """

    def __init__(
        self, chance: Random, about: Collection[str] = (), phones: Collection[int] = ()
    ) -> None:
        self.chance = chance
        told = {word for name in about for word in words_of(name)}
        self._is_of_places = bool(_VISITED & told)
        self._lends = bool(_LENDING & told)
        self.field = _field_of_work(tuple(about))
        """The field of work; empty where it is none with words of its own."""
        self._mails: set[str] = set()
        self._phones = {*phones}
        self._said: set[str] = set()
        self._people: list[tuple[str, str]] = []
        self._taken: dict[str, list[str]] = {}
        self._cities = [one.name for one in self.chance.sample(cities(), _cities_in(self.field))]

    def person(self) -> tuple[str, str]:
        """Return a first and a last name; now and then those of somebody who is there already."""
        if self._people and self.chance.random() < _SAME_NAME:
            named = self.chance.choice(self._people)
            self._people.remove(named)
            return named
        known = _places()
        gender = self.chance.choice([*known.first_names])
        named = (
            self.chance.choice(known.first_names[gender]),
            self.chance.choice(known.last_names),
        )
        self._people.append(named)
        return named

    def text(self, field: str, owner: str = "", name: str = "") -> str:
        """Return a text for a field.

        Args:
            field: Its name.
            owner: What the record is, such as `order_item`; empty when nobody knows.
            name: What the record is called already, when it is called anything.
        """
        words, kind = field.lower().split("_"), owner.lower()
        found = next(filter(None, self._proposed(words, kind, name)), "")
        return found or self._named_like(owner or field)

    def _proposed(self, words: Sequence[str], kind: str, name: str) -> Iterator[str]:
        """Yield what a field could hold, or nothing; what is not asked for costs no chance."""
        yield self._contact(words, name)
        yield self._name(words, kind, name)
        if "body" not in words and "gps" not in words:
            yield self._place(words)
        yield self._special(words)
        yield self._long(words, kind)
        yield self._kind(words, kind)
        yield self._graded(words, kind)
        yield self._listed(words)
        yield self._first_thing(words)

    def _first_thing(self, words: Sequence[str]) -> str:
        """Return a name for the last of some words that things are known for; or nothing."""
        names = [self.thing(word) for word in reversed(words)]
        return next((name for name in names if name), "")

    def _contact(self, words: Sequence[str], name: str) -> str:
        """Return an address of the net, a number, or what proves who one is."""
        first, last = name.split(" ", 1) if " " in name else self.person()
        plain = _plain(f"{first}.{last}")
        number, has = self.chance.randrange(100), frozenset(words)
        if has & {"email", "mail"}:
            found = self._mail(plain)
        elif has & {"phone", "mobile", "fax"}:
            found = self._phone(number)
        elif has & {"contact"}:
            found = f"{self._mail(plain)}, {self._phone(number)}"
        elif has & {"username", "login", "handle", "nickname"} or words == ["user", "name"]:
            found = f"{plain.replace('.', '_')}{number}"
        elif has & {"password", "credential", "hash", "token", "secret"}:
            found = f"{self.chance.getrandbits(64):016x}"
        else:
            found = _link(has, plain.split(".")[-1] if name else "", self.chance)
        return found

    def _phone(self, number: int) -> str:
        """Return a phone number that nobody else has, as long as there are some."""
        free = next(
            (n % 100 for n in range(number, number + 100) if n % 100 not in self._phones), 0
        )
        self._phones.add(free)
        return f"+1-555-01{free:02}"

    def _mail(self, plain: str) -> str:
        """Return an address that nobody else has, though two may have one name."""
        mails = (f"{plain}{number}@example.org" for number in ("", *range(2, 1000)))
        found = next(mail for mail in mails if mail not in self._mails)
        self._mails.add(found)
        return found

    def _name(self, words: Sequence[str], owner: str, name: str) -> str:
        """Return a name of a person, or what the thing is called."""
        last = words[-1]
        if last not in {"name", "title", "label", "subject"}:
            return self._person_for(last)
        if words[0] in _FIRST | _FAMILY or words[-2:-1] == ["sur"]:
            return self._part_of_name(words[0], name)
        stem = words[-2] if len(words) > 1 else _last_word(owner)
        if last == "name" and (stem in PEOPLE or words[0] == "full"):
            return name or " ".join(self.person())
        return self._name_of_thing(stem, owner)

    def _person_for(self, word: str) -> str:
        return " ".join(self.person()) if word in PERSON_FIELDS or word in PEOPLE else ""

    def _part_of_name(self, which: str, name: str) -> str:
        first, family = name.split(" ", 1) if " " in name else self.person()
        return first if which in _FIRST else family

    def _name_of_thing(self, stem: str, owner: str) -> str:
        return self.thing(stem) or self.thing(_last_word(owner)) or self._named_like(stem or owner)

    def thing(self, kind: str) -> str:
        """Return a name for a thing of some kind, each once as far as they last; or nothing."""
        found, core = self._names(kind)
        if not found:
            return ""
        taken = self._taken.setdefault(found[0], [])
        left = [one for one in found[:core] if one not in taken]
        left = left or [one for one in found if one not in taken]
        left = left or [name for one in found for name in _like(one, kind) if name not in taken]
        if not left:
            return f"{self.chance.choice(found)} {len(taken) + 1}"
        taken.append(self.chance.choice(left))
        return taken[-1]

    def _names(self, kind: str) -> tuple[Sequence[str], int]:
        """Return names of things of a kind, and how many of them come before the others."""
        table = table_for(kind, self.field)
        if table is not None:
            names = table.lent if self._lends else table.names
            return names, min(table.core, len(names))
        found = next((names for kinds, names in NAMES.items() if kind in kinds), ())
        return found, len(found)

    def _place(self, words: Sequence[str]) -> str:
        known, has = _places(), frozenset(words)
        street = f"{self.chance.randrange(1, 180)} {self.chance.choice(known.streets)}"
        street = f"{street} {self.chance.choice(STREETS)}"
        city = self.chance.choice(self._cities)
        if has & {"address", "street"} and not has & {"ip", "email"}:
            return street if "street" in has else f"{street}, {city}"
        if has & {"city", "town"}:
            return city
        if words[-1] in {"location", "destination", "origin", "venue"}:
            return self.thing("location") if "location" in has else city
        return ""

    def _long(self, words: Sequence[str], owner: str) -> str:
        """Return a sentence, where a field holds such."""
        if words != ["profile", "info"] and (not LONG & frozenset(words) or words[-1] in _SHORT):
            return ""
        told = self._sentences(words, owner)
        left = [one for one in told if one not in self._said] or told
        sentence = self.chance.choice(left)
        self._said.add(sentence)
        return sentence

    def _sentences(self, words: Sequence[str], owner: str) -> Sequence[str]:
        """Return the sentences that are written in a field of that name."""
        kind = frozenset((*owner.split("_"), *words))
        told = next((found for about, found in _SENTENCES if kind & about), REMARKS)
        if words[-1] == "description":
            told = _of_descriptions(told, kind)
        if told is REVIEWS and self._is_of_places:
            return REVIEWS_OF_PLACES
        return FAMILY if told is LETTERS and self.field == "health" else told

    def _kind(self, words: Sequence[str], owner: str) -> str:
        """Return what a thing is, where its type is asked for, or how it is numbered."""
        if words[-1] in {"id", "reference", "number", "code", "sku", "isbn", "serial"}:
            letters = (words[0] if len(words) > 1 else owner)[:2].upper()
            if words[-1] == "number" and len(words) > 1:
                letters = "".join(word[0] for word in words).upper()
            return f"{letters}-{self.chance.randrange(1000, 10_000)}"
        return self._sort(_last_word(owner)) if words == ["type"] else ""

    def _sort(self, kind: str) -> str:
        """Return what sort of thing something is: each once, and then again."""
        found, _ = self._names(kind)
        is_left = {*found} - {*self._taken.get(found[0], ())} if found else None
        return self.chance.choice(found) if found and not is_left else self.thing(kind)

    def _listed(self, words: Sequence[str]) -> str:
        for word in words:
            for fields, found in WORDS.items():
                if word in fields:
                    return self.chance.choice(found)
        return ""

    def _graded(self, words: Sequence[str], owner: str) -> str:
        """Return how good somebody finds a thing: letters are for those who owe money."""
        is_credit = bool(CREDIT & {*words, *owner.split("_")})
        return "" if "rating" not in words or is_credit else self.chance.choice(GRADES)

    def _special(self, words: Sequence[str]) -> str:
        """Return a word that only this field of work has, such as a ward of a hospital."""
        for fields, found in SPECIAL_WORDS.get(self.field, {}).items():
            if fields & frozenset(words) and words[-1] not in {"id", "name"}:
                return self.chance.choice(found)
        return ""

    def _named_like(self, kind: str) -> str:
        return f"{self.chance.choice(ADJECTIVES)} {_last_word(kind)}".rstrip()


def _of_descriptions(told: Sequence[str], kind: frozenset[str]) -> Sequence[str]:
    """Return what descriptions of a kind say, where notes about it say what is told."""
    if told is REMARKS and not kind & _DONE:
        return _described(kind)
    return PAPERS if told is MEDICAL else told


def _described(kind: frozenset[str]) -> Sequence[str]:
    """Return what is said of things of a kind that are praised."""
    return GOODS if kind & _GOODS else DESCRIPTIONS


@lru_cache(256)
def _field_of_work(about: tuple[str, ...]) -> str:
    """Return the field of work that some names tell; empty where none does."""
    told = {word for name in about for word in words_of(name)}
    return next((name for name, words in FIELDS.items() if words & told), "")


def _cities_in(field: str) -> int:
    return 1 if field == "health" else _CITIES


@lru_cache(4096)
def _plain(name: str) -> str:
    """Write a name as it stands in an address."""
    return re.sub(r"[^a-z.]", "", name.lower())


def _like(name: str, kind: str) -> Iterator[str]:
    """Yield names of things like one: of another color for what is sold, elsewhere for places."""
    found = (alike for kinds, alike in ALIKE.items() if kind in kinds)
    yield from (each.format(name) for each in next(found, NUMBERED))


def words_of(name: str) -> list[str]:
    """Take a name apart: `MedicalRecords` and `medical_records` → medical, records."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")


def _last_word(name: str) -> str:
    return name.lower().rpartition("_")[2]


def _link(has: frozenset[str], name: str, chance: Random) -> str:
    """Return where a page or a file lies, for fields that tell one; a name is of whom it is."""
    number = chance.randrange(1000, 10_000)
    if has & {"url", "website", "link", "image", "photo", "avatar"}:
        return f"https://example.org/{name or 'media'}/{number}"
    if has & {"path", "file", "attachment"} and "name" not in has:
        return f"files/{name or 'upload'}-{number}.pdf"
    return ""
