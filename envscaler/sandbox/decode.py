"""Read what workers answer. Every byte is a stranger's: nothing in here can fail or run it.

What is read is bounded too: in depth, so that whoever walks through it gets to the end, and in
values for each byte, so that a forged answer costs no more than an honest one of its size.
"""

import gc
import json
import re
from collections.abc import Iterable
from itertools import chain
from typing import cast

import orjson
from pydantic import JsonValue

from envscaler.records import JsonObject, Observation, ObservationKind, trusted
from envscaler.sandbox.guest import wire

_KINDS = {
    wire.EXCEPTION: ObservationKind.EXCEPTION,
    wire.TIMEOUT: ObservationKind.TIMEOUT,
    wire.MEMORY: ObservationKind.MEMORY,
    wire.UNSERIALISABLE: ObservationKind.UNSERIALISABLE,
    wire.OVERSIZED: ObservationKind.OVERSIZED,
}


def dump(value: object) -> bytes:
    """Write JSON for a worker."""
    try:
        return orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits
        return json.dumps(value).encode()


MAX_DEPTH = 160
"""Levels of JSON that are read: as many as workers write, and fewer than rows may have."""
MAX_VALUES = 1 << 20
"""Values in one answer that are read."""
_LARGE = 1 << 20
"""Bytes of an answer that is read without looking for garbage meanwhile."""
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_CONTAINERS = (dict, list)


class _UnreadableError(Exception):
    """The answer is no JSON, or too much of it."""


def load(body: bytes) -> JsonValue:
    """Read a worker's JSON; None when it cannot be read."""
    try:
        return _parse(body)
    except _UnreadableError:
        return None


def _parse(body: bytes) -> JsonValue:
    """Read a worker's JSON.

    Raises:
        _UnreadableError: It is no JSON, too deep, or of too many values.
    """
    opened = body.count(b"[") + body.count(b"{")
    # Marks in texts count as well, so this is more than there are.
    if opened + body.count(b",") > MAX_VALUES and _values_in(body) > MAX_VALUES:
        raise _UnreadableError(f"more than {MAX_VALUES} values")
    try:
        value = _read(body)
    except orjson.JSONDecodeError as error:
        raise _UnreadableError("no JSON") from error
    if opened > MAX_DEPTH and _is_deep(value):
        raise _UnreadableError(f"nested more than {MAX_DEPTH} deep")
    return value


def _read(body: bytes) -> JsonValue:
    """Read JSON; while a large one is read no garbage is looked for, which takes half of the time.

    Nothing of what is being read is garbage, and it is looked through again and again.
    """
    if len(body) < _LARGE or not gc.isenabled():
        return orjson.loads(body)
    gc.disable()
    try:
        return orjson.loads(body)
    finally:
        gc.enable()


def _values_in(body: bytes) -> int:
    bare = _TEXTS.sub(b"", body)
    return bare.count(b"[") + bare.count(b"{") + bare.count(b",")


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for inner in level if isinstance(inner, _CONTAINERS)]
        if not level:
            return False
        level = list(chain.from_iterable(map(_inside, level)))
    return True


def _inside(value: JsonValue) -> Iterable[JsonValue]:
    return value.values() if isinstance(value, dict) else cast("list[JsonValue]", value)


def load_object(body: bytes) -> JsonObject:
    """Read a worker's JSON object; empty when it is none."""
    value = load(body)
    return value if isinstance(value, dict) else {}


def observe(status: int, body: bytes) -> Observation:
    """Turn the answer to a call into an observation."""
    if status in (wire.OK, wire.PRINTED):
        return _observe_result(*(wire.unpack(body, 2) if status == wire.PRINTED else (body, b"")))
    report = load_object(body)
    kind = _KINDS.get(status, ObservationKind.EXCEPTION)
    error, output = str(report.get("error", "")), str(report.get("output", ""))
    return _observation(kind, {"error": error}, output)


def _observe_result(value: bytes, printed: bytes) -> Observation:
    output = printed.decode(errors="replace")
    try:
        return _observation(ObservationKind.OK, _parse(value), output)
    except _UnreadableError as error:
        message = f"the worker's answer is {error}"
        return _observation(ObservationKind.UNSERIALISABLE, {"error": message}, output)


def problem(kind: ObservationKind, message: str) -> Observation:
    """Make the observation of a call that has no result."""
    return _observation(kind, {"error": message}, "")


def _observation(kind: ObservationKind, value: JsonValue, output: str) -> Observation:
    return trusted(Observation, kind=kind, value=value, output=output)


def explain(report: JsonValue, source: str) -> str:
    """Say what a worker reports, with the line of the source that it happened in."""
    members = report if isinstance(report, dict) else {}
    error, line = str(members.get("error", "it failed")), members.get("line")
    lines = source.splitlines()
    if isinstance(line, int) and 0 < line <= len(lines):
        return f"{error} (line {line}: {lines[line - 1].strip()})"
    return error
