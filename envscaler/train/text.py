"""Messages as the text that Hermes and Qwen models read and write."""

import json

from envscaler.records import Message, ToolCall

EMPTY_THOUGHT = "<think>\n\n</think>\n\n"
"""How a reasoning model writes that it has not thought."""


def heard_text(message: Message) -> str:
    """Write what an agent hears: the user as he is, a result in a block."""
    if message.role == "tool":
        return f"<tool_response>\n{message.content}\n</tool_response>"
    return message.content


def thought(reply: Message) -> str:
    """Write the reasoning of a reply; nothing when it has none."""
    return f"<think>\n{reply.reasoning}\n</think>\n\n" if reply.reasoning else ""


def said(reply: Message) -> str:
    """Write the words of a reply, then its calls."""
    return "\n".join(filter(None, [reply.content, *map(_call_text, reply.tool_calls)]))


def _call_text(call: ToolCall) -> str:
    body = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"
