"""How the methods of a class tell success from refusal, learnt from what they return."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pydantic import JsonValue

from envscaler.environment.code.syntax import FunctionNode
from envscaler.records import Observation, ObservationKind

ENVELOPE = "success"
"""The key that environments made here use."""
_READ_DATES = frozenset(("fromisoformat", "strptime"))
_ERRORS = ("error", "errors", "error_message", "exception")


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

    def refuses(self, value: JsonValue) -> bool:
        """Say whether a returned value tells that nothing was done."""
        if not isinstance(value, dict):
            return False
        if self.flag and self.flag in value:
            return value[self.flag] is False
        if self.enveloped:
            return False
        return any(value.get(name) for name in _ERRORS)

    def refuses_by(self, observation: Observation) -> bool:
        """Say whether a call ended in a refusal: what it returned, or what it meant to raise."""
        if observation.kind is ObservationKind.EXCEPTION:
            value = observation.value
            return isinstance(value, dict) and value.get("line") in self.raises
        return observation.kind is ObservationKind.OK and self.refuses(observation.value)

    def succeeded(self, observation: Observation) -> bool:
        """Say whether a call returned, and did not refuse."""
        return observation.kind is ObservationKind.OK and not self.refuses(observation.value)


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
    flag = ENVELOPE if enveloping else _flag_in([*chain.from_iterable(flags.values())])
    return Convention(flag, enveloped=False, raises=_refusing_lines(methods, public, helpers))


def _flag_in(pairs: Sequence[tuple[str, bool]]) -> str:
    """Return the key that is most often False, and True elsewhere; empty when there is none."""
    falses = Counter(key for key, truth in pairs if not truth)
    trues = {key for key, truth in pairs if truth}
    return next((key for key, _ in falses.most_common() if key in trues), "")


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
    return any(
        isinstance(key, ast.Constant) and key.value in _ERRORS
        for node in ast.walk(method)
        if isinstance(node, ast.Dict)
        for key in node.keys
    )


def _flags(method: FunctionNode) -> Iterator[tuple[str, bool]]:
    """Yield the keys of dicts that a method writes out with True or False as their value."""
    for node in ast.walk(method):
        if isinstance(node, ast.Dict):
            yield from _flags_of(node)


def _flags_of(node: ast.Dict) -> Iterator[tuple[str, bool]]:
    for key, value in zip(node.keys, node.values, strict=True):
        match key, value:
            case ast.Constant(value=str(name)), ast.Constant(value=bool(truth)):
                yield name, truth
            case _:
                pass
