"""Tools in the two shapes that training rows need: function objects, and a part of the system text.

Both tool formats leave the same messages in a trajectory, except that with *text* the system
message describes the tools. A format that has a column for tools must not say them twice, and
one that has none must say them.
"""

import json
import re
from collections.abc import Mapping, Sequence

from envscaler.prompt_text import function_line
from envscaler.prompts import render
from envscaler.records import Tool
from envscaler.resources import package_text

# The paragraph that opens `<tools>`, from the heading `# Tools` where there is one, down to the
# paragraph that closes an example of `<tool_call>`: our prompts, and those of Hermes and Qwen.
_SECTION = re.compile(
    r"^(?:# Tools\n(?:(?!<tools>$)[^\n]*\n)*|(?:(?!<tools>$)[^\n]+\n)*)"
    r"<tools>\n.*?^</tools>\n.*?^</tool_call>$(?:\n[^\n]+)*\n*",
    re.M | re.S,
)

_QWEN = package_text("train/tools_qwen.txt").rstrip()
"""Word for word what the chat templates of Qwen2.5 and Qwen3 write."""


def tools_column(tools: tuple[Tool, ...]) -> str:
    """Write tools as a JSON string.

    A string survives column-wise formats, which would give every schema the keys of all others.
    """
    return json.dumps([tool.as_function() for tool in tools], ensure_ascii=False)


def with_tools(system: str, tools: tuple[Tool, ...]) -> str:
    """Describe the tools in a system text, unless it does so already."""
    if not tools or _SECTION.search(system):
        return system
    lines = [function_line(tool) for tool in tools]
    section = render("train/tools", tools=lines).messages[0].get("content") or ""
    return f"{system}\n\n{section}".lstrip()


def without_tools(system: str) -> str:
    """Take the description of the tools out of a system text."""
    return _SECTION.sub("", system).strip()


def with_qwen_tools(system: str, tools: tuple[Tool, ...]) -> str:
    """Describe the tools in a system text as the chat templates of Qwen do."""
    system = without_tools(system)
    if not tools:
        return system
    section = qwen_section([tool.as_function() for tool in tools])
    return f"{system}\n\n{section}".lstrip()


def qwen_section(functions: Sequence[Mapping[str, object]]) -> str:
    """Describe function objects as the chat templates of Qwen do."""
    lines = (json.dumps(function, ensure_ascii=False) for function in functions)
    return _QWEN.format(lines="\n".join(lines))
