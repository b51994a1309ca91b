"""The one way to run code by other people, which raises what it likes."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Given = ParamSpec("Given")


class Raised:
    """What somebody else's code raised, in the place of a result."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


def attempt(
    work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result | Raised:
    """Return what a call comes to, or the `Exception` it raises; a time limit passes."""
    return _attempt(Exception, partial(work, *given, **named))


def attempt_all(
    work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result | Raised:
    """Return what a call comes to, or whatever it raises: a time limit and `SystemExit`, too."""
    return _attempt(BaseException, partial(work, *given, **named))


def _attempt(kind: type[BaseException], work: Callable[[], Result]) -> Result | Raised:
    try:
        return work()
    except kind as error:
        return Raised(error)
