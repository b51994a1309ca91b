"""Read a JSON list item by item, so that a file of any length takes the memory of one item."""

import json
from collections.abc import Iterator
from typing import NoReturn, TextIO

_CHUNK = 1 << 20
"""Characters that are read at least."""


def listed(file: TextIO) -> Iterator[object]:
    """Yield the items of the one list that a file holds.

    Integers are exact. An item is tried again when more was read, each time twice as much, so that
    a long one costs no more than a few times its length.

    Raises:
        ValueError: The file holds something else than one list.
    """
    text = _begun(file)
    if not text.startswith("["):
        raise ValueError("it does not begin with a list")
    place, first = 1, True
    while True:
        item, text, place = _next(file, text, place, first=first)
        if item is _END:
            break
        yield item
        first = False
    if text[place:].strip() or file.read().strip():
        raise ValueError("something follows the list")


def _begun(file: TextIO) -> str:
    """Return the beginning of a file, without blanks in front of it."""
    while (text := file.read(_CHUNK)) and not text.strip():
        pass
    return text.lstrip()


_END = object()
"""There is no further item."""


def _next(file: TextIO, text: str, place: int, *, first: bool) -> tuple[object, str, int]:
    """Read an item; returns it, the text that is in memory, and the place behind the item."""
    more = _CHUNK
    while True:
        try:
            return _read(text, place, first=first)
        except ValueError as error:
            found = file.read(more)
            if not found:
                raise ValueError(str(error)) from error
            text, place, more = text[place:] + found, 0, 2 * more


def _read(text: str, place: int, *, first: bool) -> tuple[object, str, int]:
    place = _blank(text, place)
    if text.startswith("]", place):
        return _END, text, place + 1
    if not first:
        place = _blank(text, place + 1)  # behind a comma, as the item before has seen to
    try:
        item, end = _DECODER.raw_decode(text, place)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    end = _blank(text, end)
    if text[end : end + 1] not in {",", "]"}:  # a number, too, may go on in what is not read yet
        raise ValueError("a comma is missing between two items, or the list does not end")
    return item, text, end


def _blank(text: str, place: int) -> int:
    """Return the place of what comes next that is no blank."""
    while text[place : place + 1].isspace():
        place += 1
    return place


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
