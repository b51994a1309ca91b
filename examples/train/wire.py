"""Requests and replies as OpenAI's chat completions have them."""

import json
from collections.abc import Mapping, Sequence


def messages_of(body: Mapping) -> list[dict]:
    """Read the messages of a request as a chat template takes them.

    On the wire the arguments of a call are a text; a template writes an object.
    """
    return [_message(wire) for wire in body["messages"]]


def _message(wire: Mapping) -> dict:
    calls = [one["function"] for one in wire.get("tool_calls") or ()]
    functions = [{**call, "arguments": json.loads(call["arguments"])} for call in calls]
    return {
        "role": wire["role"],
        "content": wire.get("content") or "",
        "tool_calls": [{"type": "function", "function": each} for each in functions],
    }


def reply_of(text: str, parsed: Mapping) -> dict:
    """Write what a model said: the calls that were found in it, or else its bare text."""
    calls = [_function(one) for one in parsed.get("tool_calls") or ()]
    if not calls or None in calls:
        return {"role": "assistant", "content": text}
    numbered = [
        {"id": f"call_{number}", "type": "function", "function": call}
        for number, call in enumerate(calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": numbered}


def _function(call: object) -> dict | None:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        return None
    return {"name": function["name"], "arguments": json.dumps(function.get("arguments"))}


def completion(model: str, message: Mapping, prompt: int, made: Sequence[int], end: int) -> dict:
    """Write the response.

    Args:
        model: Its name.
        message: What it said.
        prompt: Tokens that it read.
        made: Tokens that it wrote.
        end: The token that ends a message.
    """
    reason = "stop" if end in made else "length"
    usage = {"prompt_tokens": prompt, "completion_tokens": len(made)}
    return {
        "object": "chat.completion",
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls" if message.get("tool_calls") else reason,
                "message": dict(message),
            }
        ],
        "usage": usage | {"total_tokens": prompt + len(made)},
    }
