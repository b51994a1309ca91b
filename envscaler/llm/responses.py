"""What endpoints answer: from the JSON of a response to a `Reply`."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

import orjson
from pydantic import JsonValue

from envscaler.chat import Reply
from envscaler.model_json import MOST_DIGITS, arguments_of, check_levels, whole_characters
from envscaler.records import JsonObject, ToolCall, Usage, trusted
from envscaler.replies import split_reasoning

_VOLATILE = ("id", "created", "system_fingerprint")
_REASONING = ("reasoning_content", "reasoning", "thinking")
_STATED = frozenset(_REASONING)
_READ = frozenset({"role", "content", "tool_calls", "function_call", *_REASONING})
_NOT_SENT = frozenset({"refusal", "annotations", "audio", "name", "index"})
"""Fields of a reply that endpoints refuse in a request."""
_ZEROS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
"""Every digit becomes a zero."""
_BEYOND_64_BIT = b"0" * 19


class MalformedError(Exception):
    """A response is not what the API promises. Never leaves `llm`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and the reply in it where somebody has read it already."""

    stored: bytes
    """JSON in the form in which it is stored."""
    reply: Reply | None = None


def normalise(raw: bytes) -> bytes:
    """Return a response as it is stored: canonical JSON without what differs from run to run.

    Raises:
        MalformedError: It is not a JSON object.
    """
    response = _parsed(raw)
    if not isinstance(response, dict):
        raise MalformedError(f"not a JSON object: {raw[:80]!r}")
    for name in _VOLATILE:
        response.pop(name, None)
    try:
        return orjson.dumps(response, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # integers beyond 64 bits, more than 254 levels, half a surrogate pair
        return _dumped(response)


def parse_stored(stored: bytes) -> JsonObject:
    """Parse a response in the form in which it is stored.

    Raises:
        MalformedError: It is not a JSON object.
    """
    return _object(_parsed(stored), "response")


def _parsed(raw: bytes) -> JsonValue:
    """Read a response exactly: orjson takes large integers for floats, and refuses half a pair.

    Raises:
        MalformedError: It is not JSON, or nested so deep that nobody can read it.
    """
    try:
        if _BEYOND_64_BIT not in raw.translate(_ZEROS):
            return cast("JsonValue", orjson.loads(raw))
    except orjson.JSONDecodeError:
        pass
    try:
        return cast("JsonValue", _LENIENT.decode(raw.decode(errors="replace")))
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not JSON: {raw[:80]!r}") from error


def _dumped(response: JsonObject) -> bytes:
    try:
        text = json.dumps(response, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise MalformedError("JSON that is nested too deep") from error
    return whole_characters(text).encode()


def _null(_: str) -> None:
    """Read what is no JSON, such as NaN among log probabilities, as nothing."""


def _integer(digits: str) -> int | str:
    """Leave an integer that nobody can use as it was written."""
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _float(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


_LENIENT = json.JSONDecoder(
    parse_constant=_null, parse_int=_integer, parse_float=_float, strict=False
)


def read_reply(stored: bytes, model: str, *, cached: bool = False) -> Reply:
    """Read a chat completion. One that says nothing is a reply too.

    Args:
        stored: The response's JSON.
        model: The model that was asked, for responses that name none.
        cached: It cost nothing now.

    Raises:
        MalformedError: It has no message.
    """
    return reply_of(parse_stored(stored), model, cached=cached)


def reply_of(response: JsonObject, model: str, *, cached: bool = False) -> Reply:
    """Read a chat completion that is parsed already, as `read_reply` does.

    Raises:
        MalformedError: It has no message.
    """
    choices = response.get("choices")
    if not isinstance(choices, list) or not choices:
        raise MalformedError(f"no choices: {str(response)[:80]!r}")
    choice = _object(choices[0], "choice")
    message = _object(choice.get("message"), "message")
    reasoning, content = _texts(message)
    return Reply(
        content=content,
        reasoning=reasoning,
        tool_calls=tuple(_tool_calls(message)),
        extra=_extra(message, _READ | _NOT_SENT),
        finish_reason=str(choice.get("finish_reason") or "stop"),
        model=str(response.get("model") or model),
        usage=usage_in(response),
        cached=cached,
    )


def read_embeddings(stored: bytes, count: int) -> list[list[float]]:
    """Read the vectors of an embeddings response, in the order of the texts.

    Raises:
        MalformedError: There is not one vector of numbers for each text.
    """
    data = _object(_parsed(stored), "response").get("data")
    if not isinstance(data, list) or len(data) != count:
        raise MalformedError(f"expected {count} embeddings: {stored[:80]!r}")
    vectors: dict[int, list[float]] = {}
    for position, item in enumerate(data):
        row = _object(item, "embedding")
        vector, index = row.get("embedding"), row.get("index", position)
        if not isinstance(vector, list) or not isinstance(index, int):
            raise MalformedError(f"not an embedding: {str(item)[:80]}")
        vectors[index] = [_number(x) for x in vector]
    return [vector for _, vector in sorted(vectors.items())]


def usage_of(stored: bytes) -> Usage:
    """Read the token counts of a stored response; what is missing counts as 0."""
    return usage_in(parse_stored(stored))


def usage_in(response: JsonObject) -> Usage:
    """Read the token counts of a response that is parsed already."""
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return Usage(calls=1)
    details = usage.get("completion_tokens_details")
    thought = _count(details, "reasoning_tokens") if isinstance(details, dict) else 0
    return trusted(
        Usage,
        calls=1,
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        reasoning_tokens=thought,
        cached_tokens=_cached(usage),
    )


def _cached(usage: JsonObject) -> int:
    details = usage.get("prompt_tokens_details")
    if isinstance(details, dict):
        return _count(details, "cached_tokens")
    return _count(usage, "prompt_cache_hit_tokens")  # DeepSeek's own name


def _count(usage: JsonObject, name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0


def _number(value: JsonValue) -> float:
    if not isinstance(value, int | float):
        raise MalformedError(f"not a number in an embedding: {str(value)[:80]}")
    return float(value)


def _object(value: JsonValue, what: str) -> JsonObject:
    if not isinstance(value, dict):
        raise MalformedError(f"the {what} is not an object: {str(value)[:80]!r}")
    return value


def _texts(message: JsonObject) -> tuple[str | None, str]:
    """Return reasoning and visible text, from wherever the endpoint puts them."""
    plain = message.get("content")
    inline, content = split_reasoning(_text(plain))
    if content and isinstance(plain, str) and _STATED.isdisjoint(message):
        return inline, content
    stated = next(filter(None, (_text(message.get(name)) for name in _REASONING)), None)
    thoughts = _text(message.get("content"), "thinking")
    said = "\n\n".join(filter(None, (stated, thoughts, inline)))
    return said or None, content or _text(message.get("refusal"))


def _text(content: JsonValue, kind: Literal["text", "thinking"] = "text") -> str:
    """Return a content, which some endpoints send as a list of parts, as text.

    Args:
        content: A text, or parts of it.
        kind: Which parts; a thought may be in parts itself.
    """
    if isinstance(content, list):
        parts = (part.get(kind) for part in content if isinstance(part, dict))
        return "".join(_text(part) for part in parts)
    return whole_characters(content) if isinstance(content, str) and kind == "text" else ""


def _extra(found: JsonObject, known: frozenset[str]) -> JsonObject:
    """Return the fields that are not known, those without a value left out."""
    extra: JsonObject = {
        name: value for name, value in found.items() if name not in known and value
    }
    if not extra:
        return extra
    try:
        check_levels(extra)
    except ValueError:  # a row with them could not be read again
        return {}
    return extra


def _tool_calls(message: JsonObject) -> Iterable[ToolCall]:
    calls = message.get("tool_calls") or message.get("function_call")
    if not calls:
        return
    for index, item in enumerate(calls if isinstance(calls, list) else [calls]):
        yield _tool_call(index, item)


def _tool_call(index: int, item: JsonValue) -> ToolCall:
    """Read one call, its function inside or, as some gateways have it, beside the id."""
    call: JsonObject = item if isinstance(item, dict) else {"arguments": _shown(item)}
    inner = call.get("function")
    function = inner if isinstance(inner, dict) else call
    return ToolCall(
        id=_label(call.get("id")) or f"call_{index}",
        name=_label(function.get("name")),
        arguments=_arguments(function),
        extra=_extra(call, _OF_A_CALL),
    )


_OF_A_CALL = frozenset({"id", "type", "function", "index", "name", "arguments", "parameters"})


def _label(value: JsonValue) -> str:
    return whole_characters(value) if isinstance(value, str) else str(value or "")


def _arguments(function: JsonObject) -> JsonObject | str:
    """Read arguments; what cannot be read stays as it was written."""
    written = function.get("arguments", function.get("parameters"))
    try:
        return arguments_of(written)
    except ValueError:
        return whole_characters(written if isinstance(written, str) else _shown(written))


def _shown(value: JsonValue) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deep)"
