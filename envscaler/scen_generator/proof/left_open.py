"""What a task leaves to whoever carries it out: ids, times and words that it does not give."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from pydantic import JsonValue

from envscaler.records import Call, JsonObject, Tool
from envscaler.scen_generator.proof.changes import Says

Kind = Literal["id", "time", "text"]

_DATE = re.compile(r"\d{4}-\d\d-\d\d($|[T ])|\d{1,2}:\d\d(:\d\d)?$")
_ID_NAME = re.compile(r"(^|_)(ids?|keys?|codes?|numbers?|refs?|references?|slugs?)$")
_NOTE_NAME = re.compile(r"(^|_)(notes?|comments?|remarks?|memo|message|reason)$")
_SPEAKS_OF_TIME = re.compile(
    r"\d{4}-\d\d|\d{1,2}:\d\d|\b(\d{1,2}(am|pm|th|st|nd|rd)|mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b\d{1,2}\s*(am|pm|th|st|nd|rd)\b|o'clock"
    r"|\b(january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(today|tomorrow|tonight|yesterday|noon|midnight|morning|afternoon|evening|now)\b"
    r"|\b(day|week|month|year|hour|minute)s?\b|\b(date|time|deadline|due)\b",
    re.IGNORECASE,
)

_EMPTY = frozenset(
    ("a", "an", "and", "as", "at", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on",
     "or", "that", "the", "their", "them", "there", "this", "to", "was", "with")
)  # fmt: skip
_STEM = 6
"""Letters from which on a word is taken without its ending."""
_KNOWN = 64
"""Sources that are read once."""
_SHORT = 4
"""Words up to which a text is a description rather than a sentence."""


@dataclass(frozen=True, slots=True)
class OpenValue:
    """An argument of a solution that another right solution may have otherwise."""

    value: str
    """Empty where the solution gives none, and another one may."""
    kind: Kind
    parameter: str
    """Of which it is the argument, or a part."""
    call: str
    """The tool."""

    def __str__(self) -> str:
        what = "asks for none" if not self.value else f"gives no such {self.kind}"
        return f"{self.call}({self.parameter}={self.value!r}): the task {what}"


def open_values(
    calls: Sequence[Call], task: str, fixed: Set[object], tools: Sequence[Tool]
) -> tuple[OpenValue, ...]:
    """List the texts in the arguments of a solution that the task does not determine.

    Args:
        calls: The solution.
        task: As the agent is told it.
        fixed: Values that the data holds at the start or that the code of the class writes: such a
            text was looked up or chosen from what there is, not made up.
        tools: Their optional notes may be given where the solution gives none.
    """
    found: dict[str, OpenValue] = {}
    for call in calls:
        for name, value in _texts(call.arguments):
            kind = _kind_of(name, value)
            told = value in fixed or is_mentioned(value, task, exactly=kind == "id")
            if not told and (kind != "time" or not _SPEAKS_OF_TIME.search(task)):
                found[value] = OpenValue(value, kind, name, call.name)
    return (*found.values(), *_optional_notes(calls, tools))


def _optional_notes(calls: Sequence[Call], tools: Sequence[Tool]) -> tuple[OpenValue, ...]:
    schemas = {tool.name: tool.properties for tool in tools}
    found = {
        (call.name, name): OpenValue("", "text", name, call.name)
        for call in calls
        for name, schema in schemas.get(call.name, {}).items()
        if name not in call.arguments and _is_note(name, schema)
    }
    return tuple(found.values())


def _is_note(name: str, schema: JsonObject) -> bool:
    is_text = schema.get("type") == "string" and "enum" not in schema
    return is_text and _NOTE_NAME.search(name) is not None


def is_mentioned(value: object, task: str, *, exactly: bool = False) -> bool:
    """Tell whether a task has a value, as it is or nearly so.

    Args:
        value: A text or a number.
        task: As the agent is told it.
        exactly: Letters have to be of the same case: `data` is no word of "Data Team".
    """
    if exactly:
        return re.search(rf"(?<![\w-]){re.escape(str(value))}(?![\w-])", task) is not None
    words = _plain(str(value))
    return not words or f" {words} " in f" {_plain(task)} "


def words_of(text: str) -> list[str]:
    """Return the words of a text, their endings cut off, but for those that say nothing."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return [word if len(word) < _STEM else word[:-2] for word in words if word not in _EMPTY]


def said_by(value: OpenValue, task: str) -> Says:
    """Return what a text has to say: of the words that it shares with the task, most or some.

    A short text, such as a description, has to have them all; the phrasing of a long one is free.
    """
    told = set(words_of(task))
    words = [*dict.fromkeys(re.findall(r"[^\W_]+", value.value.casefold()))]
    shared = [word for word in words if told.intersection(words_of(word))]
    is_short = len(words) <= _SHORT
    return Says(tuple(shared), len(shared) if is_short else -(-len(shared) // 3))


@lru_cache(_KNOWN)
def names_in(source: str) -> frozenset[str]:
    """Return what a source calls things: attributes, parameters, and the keys of its records."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(text)
            case _:
                pass
    return frozenset(found)


@lru_cache(_KNOWN)
def choices_in(source: str) -> frozenset[str]:
    """Return the texts that a source compares with, stores or lists, but not the keys it uses."""
    tree = ast.parse(source)
    keys = {id(key) for node in ast.walk(tree) for key in _keys_of(node)}
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys
    )


def _keys_of(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Dict(keys=keys):
            yield from (key for key in keys if key is not None)
        case ast.Subscript(slice=key):
            yield key
        case ast.Call(func=ast.Attribute(attr="get" | "setdefault" | "pop"), args=[key, *_]):
            yield key
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()]):
            yield key
        case _:
            pass


def with_others(
    calls: Sequence[Call], values: Sequence[OpenValue], taken: Set[object]
) -> tuple[Call, ...]:
    """Return the calls with another value in the place of each that is left open."""
    others = {each.value: _other(each, taken) for each in values if each.value}
    notes: dict[str, JsonObject] = {}
    for each in values:
        if not each.value:
            notes.setdefault(each.call, {})[each.parameter] = "Left open"
    return tuple(_with(call, others, notes.get(call.name, {})) for call in calls)


def _with(call: Call, others: Mapping[str, str], notes: JsonObject) -> Call:
    new = replaced(call, others)
    return new.model_copy(update={"arguments": {**notes, **new.arguments}})


def replaced(call: Call, others: Mapping[str, str]) -> Call:
    """Return a call with other texts in its arguments."""
    given = {name: _replaced(item, others) for name, item in call.arguments.items()}
    return call.model_copy(update={"arguments": given})


def _texts(arguments: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for name, value in arguments.items():
        yield from _texts_in(name, value)


def _texts_in(name: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield name, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(name, item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts_in(key, item)


def _kind_of(name: str, value: str) -> Kind:
    if _DATE.match(value):
        return "time"
    return "id" if _ID_NAME.search(name) and " " not in value else "text"


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _replaced(value: JsonValue, others: Mapping[str, str]) -> JsonValue:
    if isinstance(value, str):
        return others.get(value, value)
    if isinstance(value, list):
        return [_replaced(item, others) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, others) for key, item in value.items()}
    return value


def _other(value: OpenValue, taken: Set[object]) -> str:
    match value.kind:
        case "time":
            return _later(value.value)
        case "id":
            return next(each for each in _similar(value.value) if each not in taken)
        case _:
            return f"x{value.value}" if "@" in value.value else f"{value.value} again"


def _similar(text: str) -> Iterator[str]:
    """Yield texts of the same form, without end."""
    for number in range(10):
        digits = re.sub(r"\d(?=\D*$)", str(number), text)
        if digits != text:
            yield digits
    number = 0
    while True:
        number += 1
        yield f"{text}{number}"


def _later(text: str) -> str:
    try:
        following = date.fromisoformat(text[:10]) + timedelta(days=1)
    except (ValueError, OverflowError):
        digit = str((int(text[-1]) + 1) % 10) if text[-1].isdigit() else "1"
        return text[:-1] + digit
    return following.isoformat() + text[10:]
