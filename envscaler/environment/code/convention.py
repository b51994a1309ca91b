"""How the methods of a class tell success from refusal, learnt from what they return."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.environment.code.result_forms import (
    ERRORS,
    Word,
    flags_written,
    has_errors_second,
    keys_alone,
    members_of,
    prefixes_in,
    refuse_by_none,
    refusing_firsts,
    word_in,
    writes_json,
)
from envscaler.environment.code.syntax import FunctionNode
from envscaler.records import JsonObject, Observation, ObservationKind

ENVELOPE = "success"
"""The key that environments made here use."""
_READ_DATES = frozenset(("fromisoformat", "strptime"))
_FLAGS = frozenset(("success", "succeeded", "successful", "ok", "okay", "done", "accepted"))
"""Keys that say how a call went by themselves."""


@dataclass(frozen=True, slots=True)
class Convention:
    """What a refusal looks like."""

    flag: str = ENVELOPE
    """The key that is False in a refusal; empty when no key is."""
    enveloped: bool = True
    """Every result has to be a dict with `success`, as those of environments made here."""
    carries: bool = True
    """A success has `data` or `message`, as at least three in four of those in the source have."""
    explains: bool = True
    """A refusal has `error`, as at least three in four of those in the source have."""
    raises: frozenset[int] = frozenset()
    """Lines of `raise` statements that refuse a call, where a class refuses in that way."""
    word: tuple[str, frozenset[Word]] = ("", frozenset())
    """A key, and its words in a refusal, as in `{"status": "error"}`; numbers as 404 are words."""
    alone: frozenset[str] = frozenset()
    """Keys that refuse where they are all that is returned, as in `{"problem": "no such book"}`."""
    prefixes: tuple[str, ...] = ()
    """How sentences begin that refuse, such as `error:`; nothing where none is returned."""
    in_json: bool = False
    """Some results are JSON in a text."""
    pairs: frozenset[Word] = frozenset()
    """What stands first in pairs that refuse: False as in `(False, reason)`, or a word."""
    errors_second: bool = False
    """Results are pairs, `(value, None)` and `(None, reason)`."""
    by_none: bool = False
    """None is a refusal: most methods return it beside what they make or find."""
    returned: frozenset[str] = frozenset()
    """Names of classes that methods are annotated to return, in a class without an envelope."""

    def read(self, value: JsonValue) -> JsonValue:
        """Return what a result says, taken out of its text where it is JSON."""
        if not self.in_json or not isinstance(value, str) or not value.startswith(("{", "[")):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value

    def refuses(self, value: JsonValue) -> bool:
        """Say whether a returned value tells that nothing was done."""
        match value:
            case str():
                return value.lower().startswith(self.prefixes)
            case {"$tuple": [first, *rest]}:
                return self._refuses_pair(first, rest)
            case dict():
                return self._refuses_dict(value)
            case _:
                return self.by_none and value is None

    def _refuses_dict(self, value: JsonObject) -> bool:
        key, words = self.word
        if self.flag and self.flag in value:
            return value[self.flag] is False
        if key in value:
            return value[key] in [*words]
        alone = len(value) == 1 and bool(self.alone & value.keys())
        return alone or (not self.enveloped and _has_error(value))

    def _refuses_pair(self, first: JsonValue, rest: Sequence[JsonValue]) -> bool:
        if self.errors_second and first is None:
            return any(rest)
        return isinstance(first, bool | str) and first in self.pairs

    def refuses_by(self, observation: Observation) -> bool:
        """Say whether a call ended in a refusal: what it returned, or what it meant to raise."""
        if observation.kind is ObservationKind.EXCEPTION:
            value = observation.value
            return isinstance(value, dict) and value.get("line") in self.raises
        return observation.kind is ObservationKind.OK and self.refuses(observation.value)

    def succeeded(self, observation: Observation) -> bool:
        """Say whether a call returned, and did not refuse."""
        return observation.kind is ObservationKind.OK and not self.refuses(observation.value)


def _has_error(value: JsonObject) -> bool:
    return any(value.get(name) for name in ERRORS)


def convention_of(
    methods: Mapping[str, FunctionNode], helpers: Sequence[FunctionNode] = ()
) -> Convention:
    """Find out how a class refuses.

    Args:
        methods: Of the class, by name.
        helpers: Functions of its module; where the class refuses by raising, so do they.

    A key that is literally False in some returned dict and True in another is the flag. The
    envelope is asked for when `success` is that key in most of the public methods. A class in
    which more methods raise than say an error refuses by raising.
    """
    flags = {name: [*_flags(method)] for name, method in methods.items()}
    public = {name: method for name, method in methods.items() if not name.startswith("_")}
    enveloping = {name for name, keys in flags.items() if ENVELOPE in dict(keys)}
    if enveloping and 2 * _share(enveloping, public) >= len(public):
        carries, explains = _usual(methods, {"data", "message"}, {"error"})
        return Convention(carries=carries, explains=explains)
    everything = [*methods.values(), *helpers]
    return Convention(
        ENVELOPE if enveloping else _flag_in(everything),
        enveloped=False,
        raises=_refusing_lines(methods, public, helpers),
        word=word_in(everything),
        alone=keys_alone(everything),
        prefixes=prefixes_in(everything),
        in_json=any(writes_json(one) for one in everything),
        pairs=refusing_firsts(everything),
        errors_second=has_errors_second(everything),
        by_none=refuse_by_none([*public.values()], everything),
        returned=frozenset(name for one in public.values() for name in _annotated(one)),
    )


def _annotated(method: FunctionNode) -> Iterator[str]:
    """Yield the names in the annotation of what a method returns, written as text or not."""
    if method.returns is None:
        return
    for node in ast.walk(method.returns):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


def _flag_in(functions: Sequence[FunctionNode]) -> str:
    """Return the key that is most often False, and True elsewhere; empty when there is none.

    A key of another name than flags have, such as `closed`, has a reason beside it when False.
    """
    written = [*flags_written(functions)]
    falses = Counter(
        name for name, truth, reasons in written if not truth and (name in _FLAGS or reasons)
    )
    trues = {name for name, truth, _ in written if truth}
    return next((name for name, _ in falses.most_common() if name in trues), "")


def _refusing_lines(
    methods: Mapping[str, FunctionNode],
    public: Mapping[str, FunctionNode],
    helpers: Sequence[FunctionNode],
) -> frozenset[int]:
    """Return the lines that refuse by raising, in a class where that is the usual way."""
    raising = {name for name, method in methods.items() if _raises(method)}
    saying = {name for name, method in methods.items() if _says_error(method)}
    if _share(raising, public) <= _share(saying, public):
        return frozenset()
    return frozenset(
        line
        for method in (*methods.values(), *helpers)
        for line in (*_raises(method), *_parses(methods, method))
    )


def _share(names: set[str], public: Mapping[str, FunctionNode]) -> int:
    """Count the public methods that are named, or use one that is."""
    return sum(bool(names & {name, *_used(method)}) for name, method in public.items())


def _usual(
    methods: Mapping[str, FunctionNode], successes: set[str], refusals: set[str]
) -> tuple[bool, bool]:
    """Say whether written successes, and written refusals, usually have one of some keys."""
    written = [result for method in methods.values() for result in _written_results(method)]
    shares = [
        [bool(keys & wanted) for keys, truth in written if truth is success]
        for success, wanted in ((True, successes), (False, refusals))
    ]
    carries, explains = (4 * sum(share) >= 3 * len(share) for share in shares)
    return carries, explains


def _written_results(method: FunctionNode) -> Iterator[tuple[set[object], bool]]:
    """Yield the keys of the results that a method writes out, and whether each is a success."""
    for node in ast.walk(method):
        if isinstance(node, ast.Dict):
            flags = dict(_flags_of(node))
            if ENVELOPE in flags:
                keys: set[object] = {
                    key.value for key in node.keys if isinstance(key, ast.Constant)
                }
                yield keys, flags[ENVELOPE]


def _used(method: FunctionNode) -> set[str]:
    return {node.attr for node in ast.walk(method) if isinstance(node, ast.Attribute)}


def _raises(method: FunctionNode) -> set[int]:
    return {
        node.lineno
        for node in ast.walk(method)
        if isinstance(node, ast.Raise) and node.exc is not None
    }


def _parses(methods: Mapping[str, FunctionNode], method: FunctionNode) -> set[int]:
    """Return the lines that read a date, in a class that refuses by nothing but `ValueError`.

    What is no date raises just that there, so for the caller it is a refusal like the others.
    """
    raised = {
        ast.unparse(node.exc).partition("(")[0]
        for one in methods.values()
        for node in ast.walk(one)
        if isinstance(node, ast.Raise) and node.exc is not None
    }
    if raised != {"ValueError"}:
        return set()
    return {
        node.lineno
        for node in ast.walk(method)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _READ_DATES
    }


def _says_error(method: FunctionNode) -> bool:
    return any(key in ERRORS for node in ast.walk(method) for key, _ in members_of(node))


def _flags(method: FunctionNode) -> Iterator[tuple[str, bool]]:
    """Yield the keys of dicts that a method writes out with True or False as their value."""
    for node in ast.walk(method):
        yield from _flags_of(node)


def _flags_of(node: ast.AST) -> Iterator[tuple[str, bool]]:
    for name, value in members_of(node):
        match value:
            case ast.Constant(value=bool(truth)):
                yield name, truth
            case _:
                pass
