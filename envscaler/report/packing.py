"""Rows as they lie in the page: JSON in compressed pieces, each unpacked when it is looked at."""

import base64
import gzip
from collections.abc import Callable

import orjson

from envscaler.records import JsonObject, JsonValue

_EFFORT = 6
_PIECE = 400_000
"""Bytes of JSON in a piece: a few milliseconds for a browser, and enough to compress well."""


def packed(value: JsonValue) -> str:
    """Compress a value into text that needs no escaping anywhere; the same bytes each time."""
    return _squeezed(orjson.dumps(value))


def _squeezed(text: bytes) -> str:
    return base64.b64encode(gzip.compress(text, _EFFORT, mtime=0)).decode()


class Pieces:
    """Puts rows into pieces and writes each piece when it is full.

    Args:
        write: Takes the name of a piece and its packed rows.
        prefix: Of the names, such as `t` for trajectories.
    """

    def __init__(self, write: Callable[[str, str], None], prefix: str) -> None:
        self._write = write
        self._prefix = prefix
        self._number = 0
        self._rows: list[bytes] = []
        self._size = 0

    def add(self, row: JsonObject) -> list[JsonValue]:
        """Take a row, and return where it is: piece and place."""
        at: list[JsonValue] = [f"{self._prefix}{self._number}", len(self._rows)]
        self._rows.append(orjson.dumps(row))
        self._size += len(self._rows[-1])
        if self._size >= _PIECE:
            self.close()
        return at

    def close(self) -> None:
        """Write what has not been written yet."""
        if self._rows:
            self._write(
                f"{self._prefix}{self._number}", _squeezed(b"[" + b",".join(self._rows) + b"]")
            )
            self._number += 1
            self._rows, self._size = [], 0
