"""Reads what is packed in a report, without a browser."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import cast

from envscaler.records import JsonObject

_PIECE = re.compile(r'<script type="text/plain" id="piece-(\w+)">([^<]*)</script>')


def pieces_of(report: Path) -> dict[str, list[JsonObject]]:
    """Return every piece of a report by its name."""
    text = report.read_text(encoding="utf-8")
    return {
        name: json.loads(gzip.decompress(base64.b64decode(packed)))
        for name, packed in _PIECE.findall(text)
    }


def index_of(report: Path) -> dict[str, list[JsonObject]]:
    """Return what the lists of a report show."""
    return cast("dict[str, list[JsonObject]]", pieces_of(report)["index"])


def row_of(report: Path, entry: JsonObject) -> JsonObject:
    """Return the whole of a row that a list shows."""
    piece, place = cast("tuple[str, int]", entry["at"])
    return pieces_of(report)[piece][place]
