"""Values that a careful caller might give, guessed from type and name alone."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pydantic import JsonValue

from envscaler.records import JsonObject

_TIMES = (
    datetime(2025, 1, 15, 10, 0, tzinfo=UTC),
    datetime(2024, 6, 3, 9, 30, tzinfo=UTC),
    datetime(2025, 3, 10, 18, 0, tzinfo=UTC),
    datetime(2031, 5, 20, 8, 0, tzinfo=UTC),
)
_BY_WORD: dict[str, tuple[str, ...]] = {
    "email": ("dana.reyes@example.org", "li.wei@example.com"),
    "phone": ("+1-555-010-4477", "5550104488"),
    "url": ("https://example.org/a",),
    "website": ("https://example.org",),
    "currency": ("USD", "EUR"),
    "country": ("US", "France"),
    "language": ("en",),
    "time": ("10:30", "14:00"),
    "ip": ("192.0.2.7",),
    "color": ("blue",),
    "version": ("1.2.0",),
    "password": ("Harbor-Lamp-42!",),
    "code": ("QX4711",),
}
_DATE_WORDS = ("date", "timestamp", "datetime", "_at", "deadline", "time", "until", "since", "day")


_BOUNDS = "first last from to since until after before through when on start_on starts ends"
_ENDS_OF_PERIODS = frozenset((*_BOUNDS.split(), "start", "end", "begin", "opens", "closes"))
"""Names of parameters that may hold days, if they are said to."""
_ANY_TEXT = re.compile(r"(Fresh|Another) [a-z0-9 ]+")


def is_any_text(value: object) -> bool:
    """Tell whether a value stands for any text, as it is given where nothing is known."""
    return isinstance(value, str) and _ANY_TEXT.fullmatch(value) is not None


def is_plain_text(value: str) -> bool:
    """Tell whether a value was guessed from the name of its field alone."""
    return is_any_text(value) or any(value in texts for texts in _BY_WORD.values())


def plain_values(
    name: str, schema: JsonObject, existing: Sequence[JsonValue], formats: Sequence[str]
) -> Iterator[JsonValue]:
    """Yield values of the type that a schema asks for.

    Args:
        name: Of the parameter: a date is guessed for `due_date`.
        schema: Its JSON schema.
        existing: Values that the state has under this name; dates take their form.
        formats: Forms of dates that the class parses.
    """
    default = schema.get("default")
    if default is not None:
        yield default
    match schema.get("type"):
        case "integer":
            yield from (2, 1, 5, 10, 60)
        case "number":
            yield from (2.5, 1.0, 10.0, 75.0)
            if _is_date(name):
                yield from (moment.timestamp() for moment in _TIMES)
        case "boolean":
            yield from (True, False)
        case list() if not existing:
            # Nobody says of what type it is: a number is as likely as a text.
            texts = [*_texts(name, existing, formats)]
            yield from (texts[0], 2, 1, *texts[1:], 5, 10, True)
        case _:
            yield from _texts(name, existing, formats)


def _texts(name: str, existing: Sequence[JsonValue], formats: Sequence[str]) -> Iterator[str]:
    if _is_date(name) or any(_forms_of(existing)):
        yield from _dates(name, existing, formats)
    for word, texts in _BY_WORD.items():
        if word in name.split("_"):
            yield from texts
    words = name.replace("_", " ")
    yield f"Fresh {words} one"
    yield f"Another {words}"


def _is_date(name: str) -> bool:
    return any(word in name for word in _DATE_WORDS)


def is_told_as_day(name: str, said: str) -> bool:
    """Say whether a description uses a parameter for a day: `from the day first to …`."""
    if name not in _ENDS_OF_PERIODS:
        return False
    one = rf"[`'\"]?\b{re.escape(name)}\b[`'\"]?"
    told = rf"\b(days?|dates?)\b[ :]*{one}|{one}[^.]{{0,30}}\b(day|date|YYYY)"
    return bool(re.search(told, said))


def _dates(name: str, existing: Sequence[JsonValue], formats: Sequence[str]) -> Iterator[str]:
    forms = [*dict.fromkeys([*_forms_of(existing), *formats, "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]
    # A start lies before an end, or both are refused.
    times = _TIMES[::-1] if _is_end(name) else _TIMES
    for moment in times[:3]:
        for form in forms:
            yield moment.strftime(form)


def date_form(name: str, note: str) -> str:
    """Return the form in which a field most likely holds dates; empty when it holds none."""
    if "YYYY" in note:
        form = note[note.index("YYYY") :].split(",")[0].split(")")[0].strip(" .'\"")
        pairs = (("YYYY", "%Y"), (":MM", ":%M"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"))
        for letters, code in (*pairs, ("SS", "%S"), (":mm", ":%M"), ("hh", "%H"), ("ss", "%S")):
            form = form.replace(letters, code)
        return form if re.fullmatch(r"(%[YmdHMS]|[-T:/ Z])+", form) else "%Y-%m-%d"
    words = name.split("_")
    if words[-1] in {"at", "timestamp", "datetime"} or name.endswith("_time"):
        return "%Y-%m-%dT%H:%M:%S"
    dated = {"date", "day", "deadline", "birthday", "dob", "until", "since"} & set(words)
    dated |= {"on"} & set(words[1:][-1:])  # due_on
    return "%Y-%m-%d" if dated or name.endswith("date") else ""


def date_text(name: str, form: str, turn: int) -> str:
    """Return a date in a form: past and future ones in turn, ends after starts."""
    days = 40 * (turn % 4 - 2) + (20 if _is_end(name) else 0)
    return (_TIMES[0] + timedelta(days=days)).strftime(form)


def _is_end(name: str) -> bool:
    return any(word in name for word in ("end", "due", "until", "out", "expir", "deadline", "last"))


def _forms_of(existing: Sequence[JsonValue]) -> Iterator[str]:
    for value in existing[:3]:
        for form in (
            "%Y-%m-%d",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%d %H:%M",
            "%Y-%m-%dT%H:%M:%SZ",
            "%H:%M",
        ):
            if isinstance(value, str) and _parses(value, form):
                yield form


@lru_cache(8192)
def _parses(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007  only the form matters
    except ValueError:
        return False
    return True
