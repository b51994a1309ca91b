"""Read what workers answer. Every byte is a stranger's: nothing in here can fail or run it."""

import json

import orjson
from pydantic import JsonValue

from envscaler.records import JsonObject, Observation, ObservationKind
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


def load(body: bytes) -> JsonValue:
    """Read a worker's JSON; None when it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def load_object(body: bytes) -> JsonObject:
    """Read a worker's JSON object; empty when it is none."""
    value = load(body)
    return value if isinstance(value, dict) else {}


def observe(status: int, body: bytes) -> Observation:
    """Turn the answer to a call into an observation."""
    if status == wire.OK:
        return _observation(ObservationKind.OK, load(body), "")
    if status == wire.PRINTED:
        value, printed = wire.unpack(body, 2)
        return _observation(ObservationKind.OK, load(value), printed.decode(errors="replace"))
    report = load_object(body)
    kind = _KINDS.get(status, ObservationKind.EXCEPTION)
    error, output = str(report.get("error", "")), str(report.get("output", ""))
    return _observation(kind, {"error": error}, output)


def problem(kind: ObservationKind, message: str) -> Observation:
    """Make the observation of a call that has no result."""
    return _observation(kind, {"error": message}, "")


def _observation(kind: ObservationKind, value: JsonValue, output: str) -> Observation:
    # What was just read as JSON needs no validation, and this is in every call.
    return Observation.model_construct(kind=kind, value=value, output=output)


def explain(report: JsonValue, source: str) -> str:
    """Say what a worker reports, with the line of the source that it happened in."""
    members = report if isinstance(report, dict) else {}
    error, line = str(members.get("error", "it failed")), members.get("line")
    lines = source.splitlines()
    if isinstance(line, int) and 0 < line <= len(lines):
        return f"{error} (line {line}: {lines[line - 1].strip()})"
    return error
