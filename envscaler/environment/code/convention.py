"""How the methods of a class tell success from refusal, learnt from what they return."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.environment.code.syntax import FunctionNode
from envscaler.records import Observation, ObservationKind

ENVELOPE = "success"
"""The key that environments made here use."""
_READ_DATES = frozenset(("fromisoformat", "strptime"))
_ERRORS = ("error", "errors", "error_message", "exception")
_REFUSING = re.compile(
    r"\W*(errors?|err|fail|failed|failure|invalid|ko|denied|refused|rejected|not ok|nok|no)\b",
    re.I,
)
"""How a word or a sentence begins that says that nothing was done."""
_WENT_WELL = frozenset(("ok", "okay", "success", "succeeded", "done"))
_FLAGS = frozenset(("success", "succeeded", "successful", "ok", "okay", "done", "accepted"))
"""Keys that say how a call went by themselves."""
_REASONS = frozenset((*_ERRORS, "reason", "message", "msg", "detail", "details", "why", "problem"))
"""Keys that stand beside another flag where it says that a call was refused."""
_STATES = ("status", "result", "outcome", "state", "code")
"""Keys under which a result may say in a word how it went."""


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
    word: tuple[str, frozenset[str]] = ("", frozenset())
    """A key, and its words in a refusal, as in `{"status": "error"}`."""
    prefix: str = ""
    """How a sentence begins that refuses, such as `error:`; empty where none is returned."""
    in_json: bool = False
    """Some results are JSON in a text."""
    pairs: bool = False
    """Results are pairs, `(True, value)` and `(False, reason)`."""

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
                return bool(self.prefix) and value.lower().startswith(self.prefix)
            case {"$tuple": [first, *_]}:
                return self.pairs and first is False
            case dict() if self.flag and self.flag in value:
                return value[self.flag] is False
            case dict() if self.word[0] in value:
                return value[self.word[0]] in self.word[1]
            case _:
                return not self.enveloped and _has_error(value)

    def refuses_by(self, observation: Observation) -> bool:
        """Say whether a call ended in a refusal: what it returned, or what it meant to raise."""
        if observation.kind is ObservationKind.EXCEPTION:
            value = observation.value
            return isinstance(value, dict) and value.get("line") in self.raises
        return observation.kind is ObservationKind.OK and self.refuses(observation.value)

    def succeeded(self, observation: Observation) -> bool:
        """Say whether a call returned, and did not refuse."""
        return observation.kind is ObservationKind.OK and not self.refuses(observation.value)


def _has_error(value: JsonValue) -> bool:
    return isinstance(value, dict) and any(value.get(name) for name in _ERRORS)


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
        word=_word_in(everything),
        prefix=_prefix_in(everything),
        in_json=any(_writes_json(one) for one in everything),
        pairs=_pairs_in(everything),
    )


def _pairs_in(functions: Sequence[FunctionNode]) -> bool:
    """Say whether pairs are returned of which the first part says how a call went."""
    firsts = {
        first.value
        for node in _returns_in(functions)
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1
        if isinstance(first := node.value.elts[0], ast.Constant)
    }
    return {True, False} <= firsts


def _word_in(functions: Sequence[FunctionNode]) -> tuple[str, frozenset[str]]:
    """Return the key that says in a word how a call went, and its words for a refusal.

    Only what is returned as it is written counts: the status of a record may be `failed`, too.
    """
    found = _words_by_key(functions)
    for key in (key for key in _STATES if key in found):
        refusing = {word for word in found[key] if _REFUSING.fullmatch(word)}
        if refusing and any(word.lower() in _WENT_WELL for word in found[key]):
            return key, frozenset(refusing)
    return "", frozenset()


def _words_by_key(functions: Sequence[FunctionNode]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for returned in _returns_in(functions):
        for key, word in _words_in(returned):
            found.setdefault(key, set()).add(word)
    return found


def _returns_in(functions: Sequence[FunctionNode]) -> Iterator[ast.Return]:
    for one in functions:
        yield from (node for node in ast.walk(one) if isinstance(node, ast.Return))


def _words_in(returned: ast.Return) -> Iterator[tuple[str, str]]:
    """Yield the keys of what is returned that may say how a call went, with their words."""
    for key, value in _members_of(returned.value):
        match value:
            case ast.Constant(value=str(word)) if key in _STATES:
                yield key, word
            case _:
                pass


def _prefix_in(functions: Sequence[FunctionNode]) -> str:
    """Return how most sentences begin that refuse; empty where none is returned."""
    texts = [text for node in _returns_in(functions) for text in _texts_of(node.value)]
    # `ERR no such zone` is one word beside `OK`; else the word has to be set off.
    is_word_enough = any(text.lower().startswith(("ok", "done")) for text in texts)
    begins = Counter(
        prefix
        for text in texts
        if (prefix := _refusing_prefix(text, is_word_enough=is_word_enough))
    )
    return next((prefix for prefix, _ in begins.most_common(1)), "")


def _refusing_prefix(text: str, *, is_word_enough: bool) -> str:
    """Return how a sentence begins that refuses, up to `:` or a space; empty where it does not."""
    found = _REFUSING.match(text)
    if found is None:
        return ""
    if text[found.end() :].startswith(":"):
        return found[0].lower() + ":"
    return found[0].lower() + " " if is_word_enough and found[0].isupper() else ""


def _texts_of(node: ast.expr | None) -> Iterator[str]:
    """Yield the texts with which what is returned may begin."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.BinOp(left=left):
            yield from _texts_of(left)
        case ast.IfExp(body=body, orelse=other):
            yield from _texts_of(body)
            yield from _texts_of(other)
        case _:
            pass


def _writes_json(function: FunctionNode) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.dumps", "dumps"}
        for node in ast.walk(function)
    )


def _flag_in(functions: Sequence[FunctionNode]) -> str:
    """Return the key that is most often False, and True elsewhere; empty when there is none.

    A key of another name than flags have, such as `closed`, has a reason beside it when False.
    """
    written = [
        (name, truth, _REASONS & {key for key, _ in _members_of(node)})
        for one in functions
        for node in ast.walk(one)
        for name, truth in _flags_of(node)
    ]
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
    return any(key in _ERRORS for node in ast.walk(method) for key, _ in _members_of(node))


def _flags(method: FunctionNode) -> Iterator[tuple[str, bool]]:
    """Yield the keys of dicts that a method writes out with True or False as their value."""
    for node in ast.walk(method):
        yield from _flags_of(node)


def _flags_of(node: ast.AST) -> Iterator[tuple[str, bool]]:
    for name, value in _members_of(node):
        match value:
            case ast.Constant(value=bool(truth)):
                yield name, truth
            case _:
                pass


def _members_of(node: ast.AST | None) -> Iterator[tuple[str, ast.expr]]:
    """Yield the keys and values that a dict is written with: `{"ok": True}`, `dict(ok=True)`."""
    match node:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            yield from ((each.arg, each.value) for each in keywords if each.arg)
        case _:
            pass
