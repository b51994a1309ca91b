"""What endpoints answer: from the JSON of a response to a `Reply`."""

from collections.abc import Iterable
from typing import cast

import orjson
from pydantic import JsonValue

from envscaler.chat import Reply
from envscaler.errors import ProviderError
from envscaler.records import JsonObject, ToolCall, Usage
from envscaler.replies import split_reasoning

_VOLATILE = ("id", "created", "system_fingerprint")


class MalformedError(Exception):
    """A response is not what the API promises. Never leaves `llm`."""


def normalise(raw: bytes) -> bytes:
    """Return a response as it is stored: canonical JSON without what differs from run to run.

    Raises:
        MalformedError: It is not a JSON object.
    """
    try:
        response = cast("JsonValue", orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"not JSON: {raw[:80]!r}") from error
    if not isinstance(response, dict):
        raise MalformedError(f"not a JSON object: {raw[:80]!r}")
    for name in _VOLATILE:
        response.pop(name, None)
    return orjson.dumps(response, option=orjson.OPT_SORT_KEYS)


def read_reply(stored: bytes, model: str, *, cached: bool = False) -> Reply:
    """Read a chat completion.

    Args:
        stored: The response's JSON.
        model: The model that was asked, for responses that name none.
        cached: It cost nothing now.

    Raises:
        MalformedError: It has no message, or an empty one.
        ProviderError: Of kind `max_tokens`: the reply was cut off before anything was said.
    """
    response = _object(orjson.loads(stored), "response")
    choices = response.get("choices")
    if not isinstance(choices, list) or not choices:
        raise MalformedError(f"no choices: {stored[:80]!r}")
    choice = _object(choices[0], "choice")
    message = _object(choice.get("message"), "message")
    reasoning, content = _texts(message)
    reply = Reply(
        content=content,
        reasoning=reasoning,
        tool_calls=tuple(_tool_calls(message.get("tool_calls"))),
        finish_reason=str(choice.get("finish_reason") or "stop"),
        model=str(response.get("model") or model),
        usage=_usage(response),
        cached=cached,
    )
    if not reply.content.strip() and not reply.tool_calls:
        raise _empty(reply)
    return reply


def read_embeddings(stored: bytes, count: int) -> list[list[float]]:
    """Read the vectors of an embeddings response, in the order of the texts.

    Raises:
        MalformedError: There is not one vector of numbers for each text.
    """
    data = _object(orjson.loads(stored), "response").get("data")
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
    return _usage(_object(orjson.loads(stored), "response"))


def _usage(response: JsonObject) -> Usage:
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return Usage(calls=1)
    details = usage.get("completion_tokens_details")
    return Usage.model_construct(
        calls=1,
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        reasoning_tokens=_count(details, "reasoning_tokens") if isinstance(details, dict) else 0,
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
    content = _text(message.get("content"))
    for name in ("reasoning_content", "reasoning"):
        if reasoning := _text(message.get(name)):
            return reasoning, content
    if content.lstrip().startswith("<think>") and "</think>" not in content:
        return content.lstrip().removeprefix("<think>").strip() or None, ""  # cut off in thought
    return split_reasoning(content)


def _text(content: JsonValue) -> str:
    """Return a content, which some endpoints send as a list of parts, as text."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _tool_calls(calls: JsonValue) -> Iterable[ToolCall]:
    if not isinstance(calls, list):
        return
    for index, item in enumerate(calls):
        call = _object(item, "tool call")
        function = _object(call.get("function"), "function of a tool call")
        yield ToolCall(
            id=str(call.get("id") or f"call_{index}"),
            name=str(function.get("name") or ""),
            arguments=_arguments(function.get("arguments")),
        )


def _arguments(written: JsonValue) -> JsonObject | str:
    if isinstance(written, dict):
        return written
    text = written if isinstance(written, str) else ""
    try:
        parsed = cast("JsonValue", orjson.loads(text.strip() or "{}"))
    except orjson.JSONDecodeError:
        return text
    return parsed if isinstance(parsed, dict) else text


def _empty(reply: Reply) -> MalformedError | ProviderError:
    if reply.finish_reason != "length":
        return MalformedError(f"an empty reply (finish_reason {reply.finish_reason!r})")
    return ProviderError(  # asking again would cost as much and most likely end the same way
        f"{reply.model} used up its tokens before it answered; raise models.<role>.max_tokens",
        "max_tokens",
    )
