"""Values that a message gives: new dates, amounts, texts, and words that a tool knows."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property, partial
from random import Random
from typing import TypeGuard

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar
from envscaler.environment.state.plurals import singular
from envscaler.inputs.amounts import amount
from envscaler.inputs.consistent import fits
from envscaler.inputs.sentences import ADJECTIVES
from envscaler.inputs.texts import is_any_text
from envscaler.inputs.times import ENDED
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import Clock, Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.docstring_words import GIVERS, TAKERS
from envscaler.scen_generator.solution_first.intentions.given_reasons import reason_text
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_human, is_status
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating
from envscaler.scen_generator.solution_first.pools import Pool
from envscaler.scen_generator.solution_first.random_text import is_date

_DATE_NAME = re.compile(r"(^|_)(date|deadline|day|birthday|dob|due)($|_)|_(on|until)$")
_TIME_NAME = re.compile(r"(^|_)(time|timestamp|datetime)($|_)|_at$")
_ODD = re.compile(r"password|hash|token|secret|credential|path|url|checksum|location_data|^limit$")
_FREE = re.compile(
    r"description|comment|content|message|details|summary|(^|_)(notes?|reason|text)$"
)
_TO_COME = re.compile(
    r"start|end|due|schedul|appoint|expir|arriv|depart|check_?(in|out)|deadline|until|planned"
    r"|return|next|deliver|valid|renew|begin|pickup|event|session|target|reminder|follow"
    r"|borrow|rent|loan|reserv"
)
"""Names of dates that lie ahead; others say when something has happened."""
_ANYTHING = re.compile(r"(^|_)(entry|value|entry_value|data)$")
"""Names of texts that do not say what they are of."""
_BIRTH = re.compile(r"birth|(^|_)dob$")
OVER = ENDED | {"expired", "cancelled", "canceled", "inactive", "suspended", "deleted", "removed"}
"""Words for how something is with which nothing more will be done."""
LATER = OVER | {"failed", "rejected", "revoked", "declined", "damaged", "out of order", "success"}
"""The same, and words for what nothing new is like."""
_FAILED = LATER - {"success", "completed", "finished"}
"""The same, where it went wrong."""
_NAME = re.compile(r"^(new_|updated_)?(full_)?name$")
_FULL_NAME = re.compile(r"([A-Z][a-z]+) [A-Z][\w'-]+")
"""Of a person, who may be given another last name, as those who marry are."""
_PHONE = re.compile(r"\+1-555-01(\d\d)")
_TITLE = re.compile(r"name|title|label|subject|headline|caption")
"""Names of texts that may call a thing whatever it is."""
_STAR_NAME = re.compile(r"rating|stars")
FIRST_STATES = frozenset((
    *("active", "open", "pending", "draft", "new", "scheduled", "submitted", "requested", "todo"),
    *("available", "planned", "unpaid", "valid", "operational", "good", "enabled", "queued"),
    *("registered", "booked", "confirmed", "private", "public"),
))  # fmt: skip
"""Words for how something is that has just been made."""
_EXPIRES = re.compile(r"expir|valid|renew")
_URGENT = re.compile(r"incident|emergency|alarm")
_LENT = re.compile(r"borrow|lent_|loan_(date|start)")
_SOON = re.compile(r"discharge|borrow|pickup|rent|loan|reserv|check_?in|arriv")
_EXAMPLES = re.compile(r"(?:e\.g\.,?|for example,?|such as|one of):? ?([\w'\",/ -]+)")
_PLACE = re.compile(r"location|place|address|site")
"""Names of parameters whose examples say what kind of place is meant, and name none."""
_DRAWN = 6
"""Amounts drawn for one."""
_LARGE = 20
"""An amount from which on it is changed by a part of it."""
_SMALL, _PRICE = 4, re.compile(r"price|cost|fee|rate$")
"""The same of a price."""
_YEAR_WRONG = 0.5
"""How often it is the year of a birth that was written wrongly."""
_VALUED = re.compile(r"quote|effective|valu")
"""Names of dates from which an amount is as it is: a new one is of now."""
_FAR = 60
"""Days from now up to which a new date lies."""


class Literals:
    """Draws values for the parameters of tools.

    Args:
        context: The environment and its state.
        nouns: What the state holds.
        clock: New dates come after its start.
    """

    def __init__(self, context: SearchContext, nouns: Nouns, clock: Clock) -> None:
        self._context = context
        self._nouns = nouns
        self._clock = clock
        self._dates: dict[tuple[str, str], list[JsonValue]] = {}
        self._choices: dict[tuple[str, str], list[JsonValue] | None] = {}
        self._kinds: dict[str, str] = {}
        self._about = (context.environment.class_name, *context.state)

    def draw(
        self,
        tool: Tool,
        name: str,
        random: Random,
        held: JsonValue = None,
        known: Sequence[JsonValue] = (),
    ) -> Scalar | None:
        """Draw a value for a parameter; None where a person would give none.

        Args:
            tool: The tool.
            name: A parameter that takes no id.
            random: Decides.
            held: What the record concerned has there now: it is to become something else.
            known: What its neighbours have there.
        """
        schema = tool.properties.get(name, {})
        pool = self._context.pool(tool, name)
        kind = schema.get("type")
        if _ODD.search(name) or (kind == "string" and _ANYTHING.search(name)):
            return None
        if kind == "boolean":
            return random.random() < 0.5 if held is None else not held
        if kind in ("integer", "number"):
            there = [*known, *pool.values] if any(map(_is_amount, known)) else known
            return self._number(name, there, random, held, whole=kind == "integer")
        if kind != "string":
            return None
        return self._text(tool, name, random, held, known)

    def _text(
        self,
        tool: Tool,
        name: str,
        random: Random,
        held: JsonValue,
        known: Sequence[JsonValue],
    ) -> Scalar | None:
        pool = self._context.pool(tool, name)
        if is_creating(tool) and _URGENT.search(tool.name) and _TIME_NAME.search(name):
            return self._just_now(self._dates_in(tool, name, pool), random)
        dates = self._dates_in(tool, name, pool)
        if dates or _DATE_NAME.search(name) or _TIME_NAME.search(name):
            return self._date(name, dates, random, None if is_creating(tool) else held)
        if ACTOR.match(name):
            return self._who_acts(tool, name, random)
        choices = self._choices_of(tool, name, pool)
        if choices is not None:
            return _other(_preferred(choices, known), held, random)
        return self._own_text(tool, name, random, held)

    def _who_acts(self, tool: Tool, name: str, random: Random) -> str:
        """Name who acts: one of those who have an office, where the class keeps who has one."""
        known = self._context.looked_up(tool, name)
        return random.choice(known) if known else Vocabulary(random).text("full_name", "person")

    def _choices_of(self, tool: Tool, name: str, pool: Pool) -> list[JsonValue] | None:
        """Return the words of which a parameter takes one; None where it takes a text of its own.

        They are looked for once.
        """
        key = (tool.name, name)
        if key not in self._choices:
            words: list[JsonValue] = [] if _PLACE.search(name) else [*examples(tool, name)]
            words = words or [value for value in (*pool.values, *pool.fresh) if _is_word(value)]
            is_chosen = words and _is_chosen(name, pool)
            self._choices[key] = self._fitting(tool, name, words) if is_chosen else None
        return self._choices[key]

    def _own_text(self, tool: Tool, name: str, random: Random, held: JsonValue) -> str | None:
        """Make up a text; a person keeps the first name. None where nobody knows what it is of."""
        if _NAME.search(name) and (named := _FULL_NAME.fullmatch(str(held))):
            return f"{named[1]} {Vocabulary(random).text('last_name', 'person')}"
        about = self._kind(tool) or tool.name.partition("_")[2]
        if name in ("reason", "why"):
            return reason_text(tool.name, random)
        text = Vocabulary(random, self._about, self._phones).text(name, about)
        text = self._with_own_phone(text, str(held))
        if _TITLE.search(name) or not is_made_up(text):
            return text
        is_person = is_human(name) or name in TAKERS | GIVERS
        return Vocabulary(random).text("full_name", "person") if is_person else None

    def _with_own_phone(self, text: str, held: str) -> str:
        """Return a contact in which the phone is one that nobody else has, or is given."""
        found = _PHONE.search(held)
        free = sorted({*range(100)} - self._phones)
        if found is None or not free:
            return text
        turn = sorted(self._phones).index(int(found[1]))
        return _PHONE.sub(f"+1-555-01{free[turn % len(free)]:02}", text)

    @cached_property
    def _phones(self) -> frozenset[int]:
        """Return the ends of the phone numbers that somebody has."""
        return frozenset(map(int, _PHONE.findall(str(self._context.state))))

    def _fitting(self, tool: Tool, name: str, choices: Sequence[JsonValue]) -> list[JsonValue]:
        """Return the choices that fit the kind of record; a new one has not ended."""
        is_new_status = is_creating(tool) and is_status(name)
        return _fitting(choices, self._kind(tool), may_be_over=not is_new_status)

    def _dates_in(self, tool: Tool, name: str, pool: Pool) -> list[JsonValue]:
        """Return the dates in the pool of a parameter, which are looked for once."""
        key = (tool.name, name)
        if key not in self._dates:
            self._dates[key] = [value for value in pool.values if is_date(value)]
        return self._dates[key]

    def _kind(self, tool: Tool) -> str:
        """Return the kind of record that a tool is about, by its name; or nothing."""
        if tool.name not in self._kinds:
            kinds = dict.fromkeys(singular(one.name) for one in self._context.collections)
            said = [kind for kind in kinds if f"_{kind}_" in f"_{tool.name}_"]
            self._kinds[tool.name] = max(said, key=len, default="")
        return self._kinds[tool.name]

    def _date(
        self, name: str, known: Sequence[JsonValue], random: Random, held: JsonValue
    ) -> str | None:
        then = str(held) if is_date(held) else ""
        form = then or (str(known[0]) if known else "")
        if len(then) > 15 and not _TO_COME.search(name):
            return _other_hour(then, random)
        day = self._day(name, then, random)
        if form:
            return day + _hour_like(form[10:], random)
        if _TIME_NAME.search(name) and not _DATE_NAME.search(name):
            return f"{day}T{random.randint(8, 17):02}:00:00"
        return day

    def _just_now(self, known: Sequence[JsonValue], random: Random) -> str:
        """Return a time some minutes ago, at which something happened that nobody waits with."""
        then = (self._clock.start - timedelta(minutes=5 * random.randint(1, 5))).isoformat()[:16]
        return then + (str(known[0])[16:] if known and len(str(known[0])) > 15 else ":00")

    def _day(self, name: str, held: str, random: Random) -> str:
        """Return a day: of what has happened not after now, of what is to come after it."""
        now = self._clock.start.date()
        if _BIRTH.search(name):
            years = timedelta(days=365 * random.randint(19, 75))
            return _mistyped(held, random) if held else (now - years).isoformat()
        if not _TO_COME.search(name):
            return _past_day(now, "" if _VALUED.search(name) else held, random)
        return _day_ahead(name, now, held, random).isoformat()

    def _number(
        self, name: str, known: Sequence[JsonValue], random: Random, held: JsonValue, *, whole: bool
    ) -> Scalar | None:
        """Draw an amount: near what there is, or within what is plausible for its name."""
        if _TIME_NAME.search(name) or _DATE_NAME.search(name):
            return None
        if _STAR_NAME.search(name):
            return _other([*filter(partial(_is_beside, held), range(1, 6))], held, random)
        there = [value for value in known if _is_amount(value)]
        drawn = [_near(held, there, name, random) for _ in range(_DRAWN)]
        plain = [value for value in map(_plainly, drawn) if not whole or value >= 1]
        return _other([round(each) if whole else float(each) for each in plain], held, random)


def _hour_like(rest: str, random: Random) -> str:
    """Return an hour written as that behind another day is; nothing where there is none."""
    hour = f"{random.randint(8, 17):02}:{random.choice(('00', '30'))}"
    return rest[0] + hour + rest[6:] if len(rest) > 5 else rest


def _is_beside(held: JsonValue, stars: int) -> bool:
    """Tell whether somebody may think so who has thought otherwise: a star more, or less."""
    return not _is_amount(held) or abs(stars - held) <= 1


def _mistyped(held: str, random: Random) -> str:
    """Return another day of the same month, or the same day of a year beside: a slip of the pen."""
    year, month, day = int(held[:4]), held[5:7], int(held[8:10])
    if random.random() < _YEAR_WRONG:
        return f"{year + random.choice((-1, 1))}-{month}-{min(day, 28):02}"
    return f"{year}-{month}-{random.choice([each for each in range(1, 28) if each != day]):02}"


def _other_hour(held: str, random: Random) -> str:
    """Return a time an hour or two beside one of the same day that is put right."""
    hour = int(held[11:13])
    beside = [each for each in (hour - 2, hour - 1, hour + 1, hour + 2) if 6 <= each <= 22]
    return f"{held[:11]}{random.choice(beside or [12]):02}:{random.choice(('00', '30'))}{held[16:]}"


def _past_day(now: date, held: str, random: Random) -> str:
    """Return yesterday, or a day beside one that is put right; never one after now."""
    yesterday = now - timedelta(days=1)
    try:
        written = date.fromisoformat(held[:10])
    except ValueError:
        return yesterday.isoformat()
    beside = [written + timedelta(days=days) for days in (-2, -1, 1, 2)]
    return random.choice([each for each in beside if each < now] or [yesterday]).isoformat()


def _day_ahead(name: str, now: date, held: str, random: Random) -> date:
    """Return a day that lies ahead: what is put off is so by days, what is renewed by years."""
    later = now + timedelta(days=_ahead(name, random))
    try:
        begun = date.fromisoformat(held[:10])
    except ValueError:
        return later
    if _EXPIRES.search(name):
        return begun.replace(year=begun.year + random.randint(1, 2), day=min(begun.day, 28))
    return max(begun, now) + timedelta(days=random.randint(2, 14))


def _ahead(name: str, random: Random) -> int:
    """Return the days from now to a date that lies ahead."""
    if _EXPIRES.search(name):
        return random.randint(300, 900)
    if _LENT.search(name):
        return random.randint(1, 2)  # nobody registers it long before it is taken along
    return random.randint(1, 10) if _SOON.search(name) else random.randint(3, _FAR)


def _is_amount(value: JsonValue) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(held: JsonValue, known: Sequence[float], name: str, random: Random) -> float:
    """Draw an amount beside the one that a record has, or like those that others have."""
    if _is_amount(held) and (abs(held) >= _LARGE or (held > _SMALL and _PRICE.search(name))):
        return held * random.choice((0.85, 0.9, 1.05, 1.1, 1.15))
    if known:
        return random.uniform(min(known), max(max(known), min(known) + 5))
    found = amount(name, random)
    return random.uniform(1, 50) if found is None else found


def _plainly(value: float) -> float:
    """Round an amount as people do: 47, 470, 4,700, 84,500."""
    size = 500 if value >= 20_000 else 100 if value >= 2_000 else 10 if value >= 100 else 1
    return round(value / size) * size


def _is_word(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value) and not is_any_text(value)


def _fitting(choices: Sequence[JsonValue], kind: str, *, may_be_over: bool) -> list[JsonValue]:
    """Return the words for a kind of record, where there are any; a new one has not ended yet."""
    fitting = [value for value in choices if fits(str(value), kind)]
    fitting = fitting or ([] if kind else [*choices])
    if may_be_over:
        return fitting
    first: list[JsonValue] = [value for value in fitting if value in FIRST_STATES]
    first = first or [value for value in fitting if value not in LATER]
    return first or [value for value in fitting if value not in _FAILED]


def is_made_up(text: str) -> bool:
    """Tell whether a text only looks like a name: `Classic tooth`."""
    first, _, last = text.partition(" ")
    return first in ADJECTIVES and re.fullmatch(r"[a-z]*", last) is not None


def examples(tool: Tool, name: str) -> Sequence[str]:
    """Return the words that the description of a parameter gives as examples, where it does."""
    said = str(tool.properties.get(name, {}).get("description", ""))
    found = _EXAMPLES.search(said)
    if found is None or is_status(name) or _FREE.search(name):
        return []
    named = [each.strip(" '\"") for each in re.split(r",|/| or ", found[1])]
    return [each for each in named if re.fullmatch(r"[a-z]+(?:[ _-][a-z]+)?", each)]


def _is_chosen(name: str, pool: Pool) -> bool:
    """Tell whether a parameter takes one of the words known, rather than a text of its own."""
    return not _FREE.search(name) and (not pool.is_text or is_status(name))


def _preferred(fitting: list[JsonValue], known: Sequence[JsonValue]) -> list[JsonValue]:
    """Return the words that its neighbours have, where these leave a choice."""
    used = [value for value in fitting if value in known]
    return used if len(used) > 1 else fitting


def _other(values: Sequence[JsonValue], held: JsonValue, random: Random) -> Scalar | None:
    others = [value for value in values if value != held and isinstance(value, Scalar)]
    return random.choice(others) if others else None
