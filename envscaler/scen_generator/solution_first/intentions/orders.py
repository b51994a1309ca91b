"""In which order somebody makes the calls of an intention: all looked up first, or bit by bit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from pydantic import JsonValue

from envscaler.environment.state.collections import walk_values
from envscaler.records import Call
from envscaler.scen_generator.solution_first.intentions.look_ups import distinct
from envscaler.scen_generator.solution_first.intentions.meaning import Act

Made = list[Call | Act]
"""Queries and changes, in the order in which they are made."""


def orders(
    told: str,
    shown: Sequence[Sequence[Call]],
    done: Sequence[Sequence[Act]],
    answers: Mapping[str, JsonValue],
) -> Iterator[Made]:
    """Yield the orders that make sense: each change comes after what it has to be known for.

    Args:
        told: What it says need not be looked up.
        shown: The queries for each step.
        done: The changes of each step.
        answers: Query → what it answers.
    """
    queries = distinct(chain.from_iterable(shown))
    acts = [*chain.from_iterable(done)]
    yield [*queries, *acts]
    steps = ([*calls, *acts] for calls, acts in zip(shown, done, strict=True))
    yield [*_once(chain.from_iterable(steps))]
    if len(acts) > 1:
        needs = _Needs(told, queries, answers)
        singly = [*_once(chain.from_iterable([*needs.of(act), act] for act in acts))]
        if len(singly) == len(queries) + len(acts):  # else one of them shows who is not meant
            yield singly


class _Needs:
    """Says which queries an act needs: those that tell an id of it first, and those before."""

    def __init__(
        self, told: str, queries: Sequence[Call], answers: Mapping[str, JsonValue]
    ) -> None:
        self._told = told
        self._queries = queries
        self._first: dict[str, int] = {}
        for at, call in enumerate(queries):
            for value in _texts(answers[repr(call)]):
                self._first.setdefault(value, at)

    def of(self, act: Act) -> list[Call]:
        """Return the queries that an act needs, in their order."""
        found = set[int]()
        left = [*self._telling((value for _, value in act.arguments), len(self._queries))]
        while left:
            at = left.pop()
            if at not in found:
                found.add(at)
                given = self._queries[at].arguments.values()
                left += self._telling((each for value in given for each in _texts(value)), at)
        return [self._queries[at] for at in sorted(found)]

    def _telling(self, values: Iterable[object], before: int) -> Iterator[int]:
        for value in values:
            at = self._first.get(value, before) if isinstance(value, str) else before
            if at < before and isinstance(value, str) and value not in self._told:
                yield at


def _texts(value: JsonValue) -> Iterator[str]:
    yield from (each for each in walk_values(value) if isinstance(each, str))


def _once(made: Iterable[Call | Act]) -> Iterator[Call | Act]:
    """Yield queries when they are made first, and every act."""
    seen = set[str]()
    for each in made:
        if isinstance(each, Act) or repr(each) not in seen:
            seen.add(repr(each))
            yield each
