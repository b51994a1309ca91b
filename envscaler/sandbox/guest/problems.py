"""Answers that say what went wrong."""

import json
from types import TracebackType

from . import wire
from .attempt import Raised, attempt_all
from .wire import Answer

_MESSAGE_LENGTH = 2000


def problem(status: int, message: str) -> Answer:
    """Answer with a message."""
    return status, json.dumps({"error": message}).encode()


def exception(error: BaseException) -> Answer:
    """Answer with what generated code raised."""
    return wire.EXCEPTION, json.dumps(describe(error)).encode()


def describe(error: BaseException) -> dict[str, object]:
    """Describe what generated code raised; even its `__str__` is generated."""
    name = type(error).__name__
    text = attempt_all(str, error)
    shown = name if isinstance(text, Raised) or not text else f"{name}: {text[:_MESSAGE_LENGTH]}"
    return {"error": shown, "line": _line(error)}


def described(error: BaseException) -> bytes:
    """Describe what generated code raised, as JSON."""
    return exception(error)[1]


def _line(error: BaseException) -> int | None:
    """Return the last line of the generated module that the exception passed."""
    if isinstance(error, SyntaxError):
        return error.lineno
    found: int | None = None
    place: TracebackType | None = error.__traceback__
    while place is not None:
        if place.tb_frame.f_code.co_filename == f"<{wire.MODULE}>":
            found = place.tb_lineno
        place = place.tb_next
    return found
