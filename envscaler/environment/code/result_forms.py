"""Forms of results that tell a success from a refusal, as the returns of a class have them."""

import ast
import re
from collections.abc import Iterator, Sequence

from envscaler.environment.code.syntax import FunctionNode

ERRORS = ("error", "errors", "error_message", "exception")
REASONS = frozenset((*ERRORS, "reason", "message", "msg", "detail", "details", "why", "problem"))
"""Keys that stand beside another flag where it says that a call was refused."""
_REFUSING = re.compile(
    r"\W*(errors?|err|fail|failed|failure|invalid|ko|denied|refused|rejected|not ok|nok|no)\b",
    re.I,
)
"""How a word or a sentence begins that says that nothing was done."""
_AGREEING = re.compile(r"\W*(yes|ok|okay|done|fine)\b", re.I)
"""How a sentence begins that says that something was done."""
_WENT_WELL = frozenset(("ok", "okay", "success", "succeeded", "done"))
_ALONE = frozenset((*ERRORS, "problem", "reason", "why", "refused", "refusal", "denied"))
"""Keys that say by themselves, where nothing else is returned, that a call was refused."""
_STATES = ("status", "result", "outcome", "state", "code", "status_code")
"""Keys under which a result may say in a word, or a number, how it went."""
_FINE, _REFUSED = range(200, 300), range(400, 600)
"""Numbers of HTTP for what went well, and for what did not."""
_PLAIN = re.compile(
    r"(cannot|can't|can not|could not|couldn't|unable to|sorry|not allowed)\b", re.IGNORECASE
)
"""How a sentence begins that refuses without any sign after it."""

Word = str | int


def refusing_firsts(functions: Sequence[FunctionNode]) -> frozenset[Word]:
    """Return what stands first in the pairs that refuse: False, or a word such as `error`.

    Nothing where no pairs are returned, or none of which the first part says how a call went.
    """
    firsts: set[Word] = set()
    for one in functions:
        for node in _returned_by(one):
            if isinstance(node, ast.Tuple) and len(node.elts) > 1:
                firsts.update(_constants(functions, one, node.elts[0]))
    flags = {first for first in firsts if isinstance(first, bool)}
    if flags == {True, False}:
        return frozenset((False,))
    return _refusing_of({first for first in firsts if isinstance(first, str)})


def has_errors_second(functions: Sequence[FunctionNode]) -> bool:
    """Say whether pairs are returned as `(value, None)` and `(None, reason)`."""
    pairs = [
        node.elts
        for one in functions
        for node in _returned_by(one)
        if isinstance(node, ast.Tuple) and len(node.elts) == len(("value", "error"))
    ]
    without = {_is_none(second) for first, second in pairs if not _is_none(first)}
    return True in without and any(_is_reason(first, second) for first, second in pairs)


def _is_reason(first: ast.expr, second: ast.expr) -> bool:
    return _is_none(first) and any(texts_of(second))


def word_in(functions: Sequence[FunctionNode]) -> tuple[str, frozenset[Word]]:
    """Return the key that says in a word how a call went, and its words for a refusal.

    Only what is returned as it is written counts: the status of a record may be `failed`, too.
    A helper that returns what it is given counts with what it is given.
    """
    found: dict[str, set[Word]] = {}
    for one in functions:
        for returned in _returned_by(one):
            for key, value in members_of(returned):
                if key in _STATES:
                    found.setdefault(key, set()).update(_constants(functions, one, value))
    for key in (key for key in _STATES if key in found):
        if refusing := _refusing_of(found[key]):
            return key, refusing
    return "", frozenset()


def _refusing_of(words: set[Word]) -> frozenset[Word]:
    """Return the words that refuse, where others among them say that a call went well."""
    texts = [word for word in words if isinstance(word, str)]
    refusing = frozenset(word for word in texts if _REFUSING.fullmatch(word))
    if refusing and any(word.lower() in _WENT_WELL for word in texts):
        return refusing
    numbers = frozenset(word for word in words if isinstance(word, int))
    return numbers & {*_REFUSED} if numbers & {*_FINE} else frozenset()


def refuse_by_none(functions: Sequence[FunctionNode], helpers: Sequence[FunctionNode] = ()) -> bool:
    """Say whether most functions that return something return None, written out, as well.

    Args:
        functions: The tools.
        helpers: What they may call. One that always returns None says it for them.
    """
    silent = {one.name for one in helpers if _returns_none(one)}
    returned = [[*_returned_by(one)] for one in functions]
    telling = [cases for cases in returned if any(not _is_nothing(case, silent) for case in cases)]
    both = [cases for cases in telling if any(_is_nothing(case, silent) for case in cases)]
    return 2 * len(both) > len(telling)


def _returns_none(helper: FunctionNode) -> bool:
    cases = [*_returned_by(helper)]
    return bool(cases) and all(map(_is_none, cases))


def _is_nothing(node: ast.expr, silent: set[str]) -> bool:
    return _is_none(node) or (isinstance(node, ast.Call) and _called(node) in silent)


def keys_alone(functions: Sequence[FunctionNode]) -> frozenset[str]:
    """Return the keys that are returned alone and say that a call was refused."""
    alone: set[str] = set()
    for one in functions:
        for returned in _returned_by(one):
            keys = [key for key, _ in members_of(returned)]
            alone.update(keys if len(keys) == 1 else ())
    return frozenset(alone & _ALONE)


def prefixes_in(functions: Sequence[FunctionNode]) -> tuple[str, ...]:
    """Return how sentences begin that refuse; nothing where none is returned."""
    texts = [text for one in functions for node in _returned_by(one) for text in texts_of(node)]
    # `ERR no such zone` is one word beside `OK`; else the word has to be set off.
    is_word_enough = any(text.lower().startswith(("ok", "done")) for text in texts)
    # `No, the mark is in use` answers as `Yes, entered` does.
    ends = ":," if any(_AGREEING.match(text) for text in texts) else ":"
    found = {_refusing_prefix(text, ends, is_word_enough=is_word_enough) for text in texts}
    return tuple(sorted(found - {""}))


def _refusing_prefix(text: str, ends: str, *, is_word_enough: bool) -> str:
    """Return how a sentence begins that refuses; empty where it does not.

    Args:
        text: The sentence.
        ends: What may stand behind its first word, and belongs to the beginning.
        is_word_enough: A space may, too, behind capitals.
    """
    plain = _PLAIN.match(text)
    if plain is not None:
        return plain[0].lower()
    found = _REFUSING.match(text)
    if found is None:
        return ""
    if text[found.end() :].startswith((*ends,)):
        return found[0].lower() + text[found.end()]
    return found[0].lower() + " " if is_word_enough and found[0].isupper() else ""


def texts_of(node: ast.expr | None) -> Iterator[str]:
    """Yield the texts with which what is returned may begin."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.BinOp(left=left):
            yield from texts_of(left)
        case ast.IfExp(body=body, orelse=other):
            yield from texts_of(body)
            yield from texts_of(other)
        case _:
            pass


def writes_json(function: FunctionNode) -> bool:
    """Say whether a function makes a text of JSON."""
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.dumps", "dumps"}
        for node in ast.walk(function)
    )


def flags_written(
    functions: Sequence[FunctionNode],
) -> Iterator[tuple[str, bool, frozenset[str]]]:
    """Yield the keys that are True or False in a dict, each with the reasons that stand beside it.

    A helper that puts an argument there counts with what it is given.
    """
    for one in functions:
        for node in ast.walk(one):
            reasons = REASONS & {key for key, _ in members_of(node)}
            for key, value in members_of(node):
                words = _constants(functions, one, value)
                yield from ((key, word, reasons) for word in words if isinstance(word, bool))


def _returned_by(function: FunctionNode) -> Iterator[ast.expr]:
    """Yield what a function returns, both cases of a choice."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _cases_of(node.value)


def _cases_of(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _cases_of(node.body)
        yield from _cases_of(node.orelse)
    else:
        yield node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constants(
    functions: Sequence[FunctionNode], owner: FunctionNode, node: ast.expr
) -> Iterator[Word]:
    """Yield the words that an expression may be: itself, or what its parameter is given."""
    match node:
        case ast.Constant(value=bool() | str() | int() as held):
            yield held
        case ast.Name(id=name):
            yield from _given(functions, owner, name)
        case _:
            pass


def _given(functions: Sequence[FunctionNode], helper: FunctionNode, name: str) -> Iterator[Word]:
    """Yield the words that calls of a helper give to a parameter."""
    names = [one.arg for one in (*helper.args.posonlyargs, *helper.args.args)]
    if name not in names or not helper.name.startswith("_"):
        return
    place = names.index(name) - (names[0] in {"self", "cls"})
    for call in _calls_of(functions, helper.name):
        match _argument_of(call, name, place):
            case ast.Constant(value=bool() | str() | int() as word):
                yield word
            case _:
                pass


def _calls_of(functions: Sequence[FunctionNode], name: str) -> Iterator[ast.Call]:
    for node in (node for one in functions for node in ast.walk(one)):
        if isinstance(node, ast.Call) and _called(node) == name:
            yield node


def _argument_of(call: ast.Call, name: str, place: int) -> ast.expr | None:
    """Return what a call gives to a parameter, by its name or by its place."""
    named = {each.arg: each.value for each in call.keywords}
    placed = call.args[place] if place < len(call.args) else None
    return named.get(name, placed)


def _called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def members_of(node: ast.AST | None) -> Iterator[tuple[str, ast.expr]]:
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
