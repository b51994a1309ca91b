"""Plain values as people write them, and back: dates, amounts, names, words."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from random import Random
from typing import Final

from envscaler.scen_generator.solution_first.intentions.adjectives import Words, marked
from envscaler.scen_generator.solution_first.intentions.grammar import Lexicon, UnsaidError

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH: Final = {name: at for at, name in enumerate(_MONTHS, 1)}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d)(:00)?(Z|\+00:00)?")
_SAID_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})(?: at (\d\d:\d\d))?")
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
_PERSON = re.compile(r"[A-Z][a-zé]+(?:[ -][A-Z][\w'’é-]*){0,3}")
_CODE = re.compile(r"[A-Z]{2,}-\d+|[A-Z]-?\d+|[a-z]+(?:[_.][a-z]+)*_?\d+(?!\w)")
_SHORT = re.compile(r"[A-Z]{2,5}(?![\w-])")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ID = re.compile(r"(?=[\w:./-]*\d)[A-Za-z0-9][\w:./-]*[\w]|\d+|[A-Z]{1,4}(?![\w'])")
_CAMEL = re.compile(r"[A-Z][a-z]+[A-Z][a-z]+(?![\w-])")
_UNQUOTED = (_SHORT, _PERSON, _ADDRESS, _CODE, _CAMEL)
"""Forms of texts that stand in a message as they are."""
_QUOTED = re.compile(r'"([^"\n]*)"')
_THINGS = re.compile(
    r"_(card|transfer|debit|order|visit|leave|sheet|statement|report|mail|call|message)$"
)
"""What words end with that name a thing."""
_NEEDS = re.compile(r"(requires|needs)[ _]")
"""What is no word for how something is: it is quoted."""
_NICER = {"success": "successful", "failure": "failed"}
"""Words of code → what people say; where a tool knows both, neither is said so."""
_WORD = re.compile(r"[a-z][a-z]*(?:[_ -][a-z]+){0,4}")


class Values:
    """Words for the values of a state and its tools.

    Args:
        stamps: Times of the state: how they are written decides how they are read back.
        choices: Words among which tools choose, such as statuses.
    """

    def __init__(self, stamps: Iterable[object], choices: Iterable[object]) -> None:
        forms = [found for each in stamps if (found := _stamp_form(each)) is not None]
        self._stamp = max(sorted(set(forms)), key=forms.count) if forms else ("T", ":00", "")
        self._choices: dict[str, set[str]] = {}
        for each in choices:
            if isinstance(each, str) and _WORD.fullmatch(each):
                self._choices.setdefault(_said(each), set()).add(each)

    def lexicon(self) -> Lexicon:
        """Return words for any plain value."""
        return Lexicon(self.say, self.read)

    def say(self, value: object, _: Random) -> str:
        """Word a value.

        Raises:
            UnsaidError: Nobody would write it in a message.
        """
        match value:
            case bool():
                raise UnsaidError("A yes or no is said by the sentence around it")
            case int() | float():
                return _say_number(value)
            case str():
                return self._say_text(value)
            case _:
                raise UnsaidError(f"{value!r} is no plain value")

    def several(self) -> Lexicon:
        """Return words for numbers of which what is counted is more than one."""

        def say(value: object, random: Random) -> str:
            if value in (1, -1):
                raise UnsaidError("One is not said with a noun for several")
            return self.say(value, random)

        return Lexicon(say, self.read)

    def proper(self) -> Lexicon:
        """Return words for names that are told by how they are written: `Golden Wok`."""

        def say(value: object, _: Random) -> str:
            if isinstance(value, str) and _PERSON.fullmatch(value) and " " in value:
                return value
            raise UnsaidError(f"{value!r} is no proper name")

        def read(text: str, place: int) -> Iterator[tuple[object, int]]:
            for end in _ends(_PERSON, text, place):
                if " " in text[place:end]:
                    yield text[place:end], end

        return Lexicon(say, read)

    def _say_text(self, text: str) -> str:
        stamp = _stamp_form(text)
        if stamp is not None and stamp == self._stamp:
            return f"{_say_date(text[:10])} at {text[11:16]}"
        if _DATE.fullmatch(text):
            return _say_date(text)
        if self._choices.get(_said(text)) == {text}:
            is_quoted = _is_code(text) or _NEEDS.match(text)
            return f'"{_said(text)}"' if is_quoted else _said(text)
        if any(form.fullmatch(text) for form in _UNQUOTED):
            return text
        if not _can_be_quoted(text):
            raise UnsaidError("A text with quotation marks cannot be quoted")
        return f'"{text}"'

    def read(self, text: str, place: int) -> Iterator[tuple[object, int]]:
        """Yield the values that may stand at a place."""
        yield from self._read_marked(text, place)
        for end in _ends(_PERSON, text, place):
            yield text[place:end], end
        for end in _ends(_WORD, text, place):
            for choice in sorted(self._choices.get(text[place:end], ())):
                yield choice, end

    def _read_marked(self, text: str, place: int) -> Iterator[tuple[object, int]]:
        """Yield the values whose form tells what they are."""
        if found := _SAID_DATE.match(text, place):
            yield from self._read_date(found)
        if found := _NUMBER.match(text, place):
            yield _read_number(found[0]), found.end()
        if found := _QUOTED.match(text, place):
            yield from ((said, found.end()) for said in self._quoted(found[1]))
        if found := _ADDRESS.match(text, place):
            yield found[0].rstrip("."), place + len(found[0].rstrip("."))
        for pattern in (_CODE, _SHORT, _CAMEL):
            if found := pattern.match(text, place):
                yield found[0], found.end()

    def _quoted(self, text: str) -> Iterable[str]:
        """Return what may be quoted: a text, or a value that is only a name for something."""
        return sorted(self._choices.get(text, {text}))

    def _read_date(self, found: re.Match[str]) -> Iterator[tuple[object, int]]:
        try:
            day = date(int(found[3]), _MONTH[found[2]], int(found[1])).isoformat()
        except ValueError:
            return
        if found[4]:
            middle, seconds, zone = self._stamp
            yield f"{day}{middle}{found[4]}{seconds}{zone}", found.end()
        yield day, found.end(3)

    def words(self, chosen: Words | None = None) -> Lexicon:
        """Return words for values that can stand beside a noun: `pending`, `in progress`.

        Args:
            chosen: Which are said, and how; all of them, as they are, when it is not given.
        """
        words_of: dict[str, str] = {}
        said_as: dict[str, list[str]] = {}
        for choice in sorted(each for some in self._choices.values() for each in some):
            if (said := chosen(choice) if chosen else self._said_alone(choice)) is not None:
                words_of[choice] = said
                said_as.setdefault(said, []).append(choice)

        def say(value: object, _: Random) -> str:
            if isinstance(value, str) and value in words_of:
                return words_of[value]
            raise UnsaidError(f"{value!r} does not stand beside a noun")

        def read(text: str, place: int) -> Iterator[tuple[object, int]]:
            for end in _ends(_WORD, text, place):
                for choice in said_as.get(text[place:end], ()):
                    yield choice, end

        return Lexicon(say, read)

    def _said_alone(self, choice: str) -> str | None:
        """Return a word that stands for one value alone."""
        said = _said(choice)
        return said if self._choices[said] == {choice} else None


def ids() -> Lexicon:
    """Return words for ids: they are said as they are."""

    def say(value: object, _: Random) -> str:
        text = str(value)
        if not isinstance(value, str | int) or not _ID.fullmatch(text):
            raise UnsaidError(f"{value!r} is no id that can be said")
        return text

    def read(text: str, place: int) -> Iterator[tuple[object, int]]:
        if found := _ID.match(text, place):
            shown = found[0]
            yield shown, found.end()
            if shown.isdecimal():
                yield int(shown), found.end()

    return Lexicon(say, read)


def _ends(pattern: re.Pattern[str], text: str, place: int) -> Iterator[int]:
    """Yield the ends of what fits, at the end of a word, the longest first."""
    found = pattern.match(text, place)
    if found is None:
        return
    if found[0].endswith("'s"):
        yield found.end() - 2
    yield found.end()
    for space in reversed([at.start() for at in re.finditer(r"[ -]", found[0])]):
        if pattern.fullmatch(found[0][:space]):
            yield place + space


def _can_be_quoted(text: str) -> bool:
    return bool(text.strip()) and '"' not in text and "\n" not in text


def _is_code(text: str) -> bool:
    """Tell whether words are only a name for something, such as `clinic_read`."""
    plain = text.replace(" ", "_")
    return "_" in plain and marked(text) is not None and _THINGS.search(plain) is None


def _said(text: str) -> str:
    plain = text.replace("_", " ")
    return _NICER.get(plain, plain)


def _stamp_form(value: object) -> tuple[str, str, str] | None:
    found = _STAMP.fullmatch(value) if isinstance(value, str) else None
    return (found[2], found[4] or "", found[5] or "") if found else None


def _say_date(text: str) -> str:
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise UnsaidError(f"{text} is no day") from error
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _say_number(value: float) -> str:
    whole = isinstance(value, int) or value.is_integer()
    said = f"{int(value):,}" if whole else f"{value:,.2f}"
    if _read_number(said) != value:
        raise UnsaidError(f"Nobody writes {value!r}")
    return said


def _read_number(said: str) -> int | float:
    plain = said.replace(",", "")
    return float(plain) if "." in plain else int(plain)
