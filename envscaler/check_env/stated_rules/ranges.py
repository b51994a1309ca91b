"""Sentences of tools that bound a parameter: `1 to 50 credits`, `parts (int): at least 2`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.words import stem, stems

_NUMBER = r"(-?\d+)"
_RANGE = re.compile(
    rf"\b(?:from |between )?{_NUMBER} ?(?:to|and|\.\.|–|-) ?{_NUMBER}\b(?![-/:.]\d)"
)
_LOW = re.compile(rf"\b(?:at least|not less than|no less than|minimum(?: of)?|>=) ?{_NUMBER}\b")
_HIGH = re.compile(rf"\b(?:at most|no more than|not more than|maximum(?: of)?|<=) ?{_NUMBER}\b")
_ABOVE = re.compile(r"\b(?:above|greater than|more than|larger than) (0|zero)\b|\bpositive\b")
_OTHERWISE = re.compile(r"\d+[^.;]*\b(unless|except|if)\b|\bdefault|\bnegative\b|\bboth\b|\beach\b")
_RELATIVE = re.compile(r"\b(later|earlier|after|before|ahead)\b")
"""What is so much later than another number is not bounded itself."""
_FAR = 24
"""Characters between a name and its bound."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a docstring says that a number may be."""

    tool: str
    parameter: str
    low: int | None
    high: int | None
    statement: Statement

    @property
    def shown(self) -> str:
        """The range for a reader."""
        if self.low is not None and self.high is not None:
            return f"{self.low} to {self.high}"
        return f"at least {self.low}" if self.low is not None else f"at most {self.high}"

    def has(self, value: float) -> bool:
        """Say whether a number lies in it."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def ranges(one: Statement, numbers: Mapping[str, list[str]]) -> Iterator[Range]:
    """Read a sentence as bounding one of the whole-number parameters of its tool.

    Args:
        one: The sentence.
        numbers: Tool → parameters that are whole numbers.
    """
    known = numbers.get(one.tool, [])
    text = one.text.lower()
    found = _bounds(text)
    if found is None or not known or _OTHERWISE.search(text):
        return
    low, high, place = found
    parameter = _parameter(one, known, text, place)
    after = text[place[1] : place[1] + _FAR]
    if parameter and (_says(parameter, after) or not _RELATIVE.search(after)):
        yield Range(one.tool, parameter, low, high, one)


def _bounds(text: str) -> tuple[int | None, int | None, tuple[int, int]] | None:
    """Return the only bounds that a text has, and where they stand."""
    found = [
        *((int(match[1]), int(match[2]), match.span()) for match in _RANGE.finditer(text)),
        *((int(match[1]), None, match.span()) for match in _LOW.finditer(text)),
        *((None, int(match[1]), match.span()) for match in _HIGH.finditer(text)),
        *((1, None, match.span()) for match in _ABOVE.finditer(text)),
    ]
    if len(found) != 1:
        return None
    [(low, high, place)] = found
    return None if low is not None and high is not None and low >= high else (low, high, place)


def _is_word(name: str, text: str) -> bool:
    """Say whether a name stands in a text, not only within a word: `no` is not in `note`."""
    return bool(re.search(rf"\b{re.escape(name)}(?:e?s)?\b", text))


def _parameter(one: Statement, known: list[str], text: str, place: tuple[int, int]) -> str:
    """Return the parameter that the bounds are about; empty when it is not sure."""
    if one.parameter:
        return one.parameter if one.parameter in known else ""
    before, after = text[max(0, place[0] - _FAR) : place[0]], text[place[1] : place[1] + _FAR]
    named = [name for name in known if _is_word(name, before) or _says(name, after)]
    if len(named) == 1:
        return named[0]
    return known[0] if len(known) == 1 and not named and re.match(r"\s+[a-z]", after) else ""


def _says(name: str, text: str) -> bool:
    return bool(stems(name)) and stems(name) <= {stem(word) for word in text.split()[:2]}
