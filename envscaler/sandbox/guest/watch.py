"""A call under observation: what it returned, and everything it did beside that.

Tells whether the result is a part of the state, whether arguments, defaults, the class or another
instance changed, and whether a newly made environment in the same state answers the same.
"""

import json
from collections.abc import Callable
from itertools import repeat, starmap
from time import process_time as cpu_seconds  # the real one: the virtual clock comes later
from typing import NamedTuple, cast
from weakref import WeakKeyDictionary

from .aliases import aliases_in, make_one
from .attempt import Raised, attempt
from .export import ExportError, to_json
from .instance import Instance, Program
from .last_export import LastExport
from .made_anew import MadeAnew
from .parts import ids_in, parts_of
from .pristine import Lookout
from .surroundings import changed

Describe = Callable[[BaseException], bytes]
"""Turns an exception of generated code into the report that a plain call gives."""

_LONG = 0.2
"""Seconds after which a call is not made a second time."""
_BALLAST = 500
"""Objects that push new ones to other addresses, so that a result made of one differs."""
_FIRST_TAG, _LATER_TAG = b'{"$', b',"$'


def plainly(
    instance: Instance, step: int, method: str, arguments: dict[str, object], describe: Describe
) -> tuple[bytes, bytes, bytes]:
    """Call a tool, and see no more than what came of it, how long it took, and the state.

    Returns:
        The same as `Watch.call`.
    """
    before = instance.state()
    started = cpu_seconds()
    outcome = _outcome(instance, step, method, arguments, describe)
    seconds = cpu_seconds() - started
    after = instance.state()
    report = {"kind": outcome.kind, "seconds": seconds}
    return json.dumps(report).encode(), outcome.body, b"" if after == before else after


def timed(
    instance: Instance, step: int, method: str, arguments: dict[str, object], describe: Describe
) -> tuple[bytes, bytes, bytes]:
    """Call a tool, and see no more than what came of it and how long it took.

    Returns:
        The same as `Watch.call`, without a state.
    """
    started = cpu_seconds()
    outcome = _outcome(instance, step, method, arguments, describe)
    report = {"kind": outcome.kind, "seconds": cpu_seconds() - started}
    return json.dumps(report).encode(), outcome.body, b""


LOOKS = {"state": plainly, "time": timed}
"""How a call is looked at, if not closely → what makes it."""


class Watch:
    """What is remembered about one instance between its watched calls.

    Args:
        instance: The instance before the first of them.
    """

    def __init__(self, instance: Instance) -> None:
        self._other = instance.another()
        self._other_export = LastExport()
        self._other_state = self._look_at_other()
        self._lookout = Lookout()
        self._made_anew = _made_anew_of(instance)

    def call(
        self,
        instance: Instance,
        step: int,
        method: str,
        arguments: dict[str, object],
        describe: Describe,
    ) -> tuple[bytes, bytes, bytes]:
        """Call a tool and look around.

        Returns:
            The report as JSON, the result or what went wrong, and the state afterwards (empty
            when the call did not change it).
        """
        given, before, slept = to_json(arguments), instance.state(), instance.slept
        around = self._lookout.around(instance)
        plain = self._made_anew.hides_nothing(instance, self._lookout.marks_of(instance, around))
        aliases = aliases_in(instance.inner)
        started = cpu_seconds()
        outcome = _outcome(instance, step, method, arguments, describe)
        seconds = cpu_seconds() - started
        after, now = instance.state(), self._lookout.around(instance)
        # What is plain knows of no other instance, but by what they share.
        others = [] if plain and now == around else self._changed_other()
        report: dict[str, object] = {
            "kind": outcome.kind,
            "problem": outcome.problem,
            "seconds": seconds,
            "live": _live(instance.inner, outcome.result),
            "arguments": _changed_arguments(given, arguments),
            "defaults": sorted(
                {*changed(around.defaults, now.defaults), *(now.kept - around.kept)}
            ),
            "shared": changed(around.shared, now.shared) + others,
        }
        known = plain and after == before
        known = known and self._made_anew.have_agreed(instance, method, outcome.kind, outcome.body)
        if seconds < _LONG and not known:
            pristine = self._made_anew.pristine
            fresh = instance.anew(before.decode(), slept, pristine.take, pristine.copied)
            make_one(fresh.inner, aliases)
            ballast = [*starmap(object, repeat((), _BALLAST))]
            again = _outcome(fresh, step, method, json.loads(given), describe)
            report["fresh"] = _difference(outcome, again, after, fresh.state())
            del ballast
            if not report["fresh"]:
                self._made_anew.note_agreement(instance, method, outcome.kind)
        return json.dumps(report).encode(), outcome.body, b"" if after == before else after

    def _changed_other(self) -> list[str]:
        now = self._look_at_other()
        if now == self._other_state:
            return []
        self._other_state = now
        return ["another instance of the class"]

    def _look_at_other(self) -> bytes:
        try:
            members = cast("dict[str, object]", object.__getattribute__(self._other, "__dict__"))
            return self._other_export.of(members, lambda: to_json(members))
        except (ExportError, AttributeError):
            return b""


_watches: WeakKeyDictionary[Instance, Watch] = WeakKeyDictionary()
_all_made_anew: WeakKeyDictionary[Program, MadeAnew] = WeakKeyDictionary()


def _made_anew_of(instance: Instance) -> MadeAnew:
    """Return what is known of those of its class; the first time, it is set up."""
    found = _all_made_anew.get(instance.program)
    if found is None:
        found = _all_made_anew[instance.program] = MadeAnew(instance.program, instance.module)
    return found


def watch(instance: Instance) -> Watch:
    """Return the watch over an instance; the first time, one is set up."""
    found = _watches.get(instance)
    if found is None:
        found = _watches[instance] = Watch(instance)
    return found


class _Outcome(NamedTuple):
    kind: str
    """`ok`, `exception` or `unserialisable`."""
    result: object
    body: bytes
    """The result as JSON, or what went wrong."""
    problem: str
    """Why the result is no plain JSON; empty when it is."""


def _outcome(
    instance: Instance, step: int, method: str, arguments: dict[str, object], describe: Describe
) -> _Outcome:
    result = attempt(instance.call, step, method, arguments)
    if isinstance(result, Raised):
        return _Outcome("exception", None, describe(result.error), "")
    try:
        body = to_json(result)
        # Without a tag nothing is in it that is not JSON.
        tagged = _FIRST_TAG in body or _LATER_TAG in body
        return _Outcome("ok", result, body, _json_problem(result) if tagged else "")
    except ExportError as error:
        body = json.dumps({"error": str(error)}).encode()
        return _Outcome("unserialisable", result, body, str(error))


def _difference(seen: _Outcome, fresh: _Outcome, after: bytes, fresh_after: bytes) -> str:
    """Say in what an environment that was made anew differs; empty when it agrees."""
    if fresh.kind != seen.kind:
        return f"the call ends with {fresh.kind}"
    if seen.kind == "ok" and not _are_alike(fresh.body, seen.body):
        return f"the result is {fresh.body[:300].decode(errors='replace')}"
    return "" if _are_alike(fresh_after, after) else "the state becomes another"


def _are_alike(one: bytes, other: bytes) -> bool:
    return one == other or _unordered(one) == _unordered(other)


def _unordered(body: bytes) -> object:
    """Return a value in which the order of items does not count: sets are filled anew."""
    return _sorted(json.loads(body))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {key: _sorted(item) for key, item in members.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in cast("list[object]", value)), key=repr)
    return value


def _changed_arguments(given: bytes, arguments: dict[str, object]) -> list[str]:
    try:
        text = to_json(arguments)
    except ExportError:
        return list(arguments)
    if text == given:
        return []
    before = cast("dict[str, object]", json.loads(given))
    now = cast("dict[str, object]", json.loads(text))
    return [name for name in before if before[name] != now.get(name)]


def _json_problem(result: object) -> str:
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return str(error)[:200]
    return ""


def _live(thing: object, result: object) -> list[str]:
    """List the parts of a result that are objects of the state, the outermost only."""
    inside = [*parts_of(result, "result")]
    state = ids_in(thing) if inside else set[int]()
    found: list[str] = []
    for part, path in inside:
        if id(part) in state and not any(path.startswith(outer) for outer in found):
            found.append(path)
    return found[:5]
