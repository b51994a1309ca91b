"""The reference with one slip: the calls of the proof, of which one goes wrong now and then."""

import re
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from pydantic import JsonValue

from envscaler.environment.state.collections import walk_values
from envscaler.records import Call, JsonObject, ReferenceCall

CHANCE = 0.1
"""That a call goes wrong; after the first slip there is none."""


def with_slip(reference: Sequence[ReferenceCall], chance: Random) -> list[Call]:
    """Return the calls of a proof, one of which may have gone wrong.

    Each call goes wrong with the same chance, until one has. A look-up that was read wrongly shows
    in the next change. A change has another value in one argument, of those that its results and
    arguments show, or is forgotten.

    Args:
        reference: As it was executed.
        chance: Decides where, and how.
    """
    calls = [each.call for each in reference]
    slips = [at for at in range(len(calls)) if chance.random() < CHANCE]
    changes = [at for at, each in enumerate(reference) if each.changed]
    at = next((each for each in changes if slips and each >= slips[0]), None)
    if at is None:
        return calls
    wrong = _mistaken(calls[at], reference[:at], chance) if chance.random() < 0.5 else None
    return [*calls[:at], *([] if wrong is None else [wrong]), *calls[at + 1 :]]


def _mistaken(call: Call, before: Sequence[ReferenceCall], chance: Random) -> Call | None:
    """Return a call with another value in one argument; None where there is no other."""
    seen = [*_scalars(each.observation.value for each in before)]
    seen += _scalars(each.arguments for each in before)
    names = [*call.arguments]
    chance.shuffle(names)
    for name in names:
        value = call.arguments[name]
        others = [each for each in seen if each != value and _form(each) == _form(value)]
        if others:
            arguments: JsonObject = {**call.arguments, name: chance.choice(others)}
            return Call(name=call.name, arguments=arguments)
    return None


def _scalars(values: Iterable[JsonValue]) -> Iterator[JsonValue]:
    for value in values:
        yield from (each for each in walk_values(value) if isinstance(each, str | int | float))


def _form(value: JsonValue) -> str:
    """Return what a value looks like: `AB-99` for an id, a type for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\w+[-_]\d+", value):
        return re.sub(r"\d+", "9", value)
    return type(value).__name__ if isinstance(value, int | float | bool) else repr(value)
