"""Notice a server that drops tools in silence, because its chat template has no place for them."""

import orjson

from envscaler.llm.requests import Request
from envscaler.records import Usage

_CHARACTERS = 8
"""A token of tool schemas is some 3 to 5 characters; one of 8 on average is none of them."""


def dropped_tools(request: Request, usage: Usage) -> str | None:
    """Say that a prompt had too few tokens to hold the tools that were sent with it.

    Nothing is said where the messages are longer than the tools: the count could be of either.
    """
    content = request.content
    if isinstance(content, orjson.Fragment) or not content.get("tools") or not usage.prompt_tokens:
        return None
    tools, messages = (len(orjson.dumps(content[name])) for name in ("tools", "messages"))
    if tools < messages or usage.prompt_tokens * _CHARACTERS > tools + messages:
        return None
    return (
        f"counted {usage.prompt_tokens:,} prompt tokens for {tools + messages:,} characters, "
        f"{tools:,} of them tools: its chat template seems to drop them, and the agent cannot act; "
        "`envscaler doctor --ask` says more, interact.tool_format=[text] needs no template"
    )
