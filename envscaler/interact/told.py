"""What a plain reader finds in a task and in results: values that may be arguments.

Nothing here knows how tasks were worded: numbers, dates, codes, quotations, words behind a label.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import JsonValue

from envscaler.records import JsonObject

_CODE = re.compile(r"\b[A-Za-z]{2,8}[-_]\d+\b")
_QUOTED = re.compile(r'"([^"]+)"')
_NUMBER = re.compile(r"(?<![\w-])-?\d[\d,]*(?:\.\d+)?(?![\w-])")
_DATE = re.compile(r"\b(\d{1,2} [A-Z][a-z]+ \d{4})(?: at (\d\d:\d\d))?")
_NAME = re.compile(r"\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)+")
_ACCOUNT = re.compile(r"\b[\w.]+@[\w.]+\w|\b[a-z]+_[a-z]+\d+\b")
_WORD = re.compile(r"[a-z]+")
_ENDINGS = re.compile(r"(?:ations?|ions?|ings?|ed|es|s|e)$")
_IDLE = frozenset(
    (
        "a",
        "an",
        "the",
        "of",
        "to",
        "by",
        "for",
        "in",
        "on",
        "new",
        "its",
        "id",
        "is",
        "all",
        "with",
        "and",
        "or",
        "from",
        "query",
        "info",
    )
)
_LINK = re.compile(r"\b(?:of|for|to|and|on|with|from|by)\b")
_TIMES = frozenset(("dat", "tim", "timestamp"))
_ENDS = frozenset(("end", "due", "expir", "until", "out"))
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_CHATTER = re.compile(r"^(?:Thank|Many thanks|I need some help|I'm writing|Hello\.|Hi\.)")


def sentences_of(task: str) -> list[str]:
    """Return the sentences that may ask for something."""
    parts = _SENTENCE_END.split(task)
    return [part for part in parts if not _CHATTER.match(part)]


def stems_of(text: str) -> list[str]:
    """Return the words that say something, without their endings: `updating` → `updat`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    return [_ENDINGS.sub("", word) or word for word in _WORD.findall(spaced) if word not in _IDLE]


def records_in(value: JsonValue) -> Iterator[JsonObject]:
    """Yield every object in a result that has values of its own, inner ones last."""
    if isinstance(value, dict):
        if any(not isinstance(each, dict | list) for each in value.values()):
            yield value
        for each in value.values():
            yield from records_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from records_in(each)


def mentions(text: str, record: JsonObject) -> int:
    """Say how much of a record a text names: the letters of its values that stand there."""
    said = text.lower()
    values = {str(each).lower() for each in record.values() if isinstance(each, str | int | float)}
    return sum(len(each) for each in values if len(each) > 2 and each in said)


def code_for(label: Sequence[str], text: str) -> str | None:
    """Return the code behind a word of a label: `user` and `for user US-3188`."""
    for found in _CODE.finditer(text):
        before = stems_of(_LINK.split(text[max(0, found.start() - 40) : found.start()])[-1])[-3:]
        if any(each in label for each in before):
            return found[0]
    return None


def value_for(
    label: Sequence[str], schema: JsonObject, text: str, *, is_needed: bool = True
) -> JsonValue:
    """Return what a text says of a parameter; None where it says nothing.

    Args:
        label: Stems of the parameter's name.
        schema: Its JSON schema.
        text: A sentence of the task.
        is_needed: Take what has the right form even where nothing says that it is meant.
    """
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        return next((each for each in allowed if str(each).lower() in text.lower()), None)
    if _TIMES & {*label}:
        return _moment(label, text) if _DATE.search(text) else None
    match schema.get("type"):
        case "integer" | "number":
            return _number(label, text, is_needed=is_needed)
        case "string" | None:
            labelled = _labelled(label, text)
            return labelled if labelled or not is_needed else _unlabelled(text)
        case _:
            return None


def _moment(label: Sequence[str], text: str) -> str:
    found = [*_DATE.finditer(text)]
    day, time = found[-1 if _ENDS & {*label} else 0].groups()
    try:
        date = datetime.strptime(day, "%d %B %Y").date().isoformat()  # noqa: DTZ007 (a date)
    except ValueError:
        return day
    return f"{date}T{time}:00" if time else date


def _number(label: Sequence[str], text: str, *, is_needed: bool) -> int | float | None:
    plain = _DATE.sub(" ", _QUOTED.sub(" ", text))
    found = [*_NUMBER.finditer(plain)]
    near = [each for each in found if {*stems_of(plain[: each.start()])[-3:]} & {*label}]
    for each in (*near, *(found if is_needed else ())):
        digits = each[0].replace(",", "")
        return float(digits) if "." in digits else int(digits)
    return None


def _labelled(label: Sequence[str], text: str) -> str | None:
    """Return what stands behind the words of a label: a quotation, or a word."""
    for found in _QUOTED.finditer(text):
        if {*stems_of(text[: found.start()])[-3:]} & {*label}:
            return found[1]
    for each in label:
        before = rf"\b(?i:{each})\w* (?:to |is |of )?(?:the )?"
        if found := re.search(rf"{before}([A-Z][\w'-]+(?: [A-Z][\w'-]+)*|\w+)", text):
            return found[1]
    return None


def _unlabelled(text: str) -> str | None:
    """Return the likeliest text: a quotation, an account, a name, or the last word behind `to`."""
    for pattern in (_QUOTED, _ACCOUNT, _NAME):
        if found := pattern.search(text):
            return found[1] if pattern is _QUOTED else found[0]
    found = re.search(r"\bto (\w+)[^\w]*$", text)
    return found[1] if found else None
