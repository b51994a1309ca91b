"""The one reader of model replies: JSON, code, inline reasoning. `dialects` reads tool calls.

Every reader is pure, takes time in proportion to the text, and raises nothing but `ReplyError`,
whose message is written for the model: it is sent back with the reply so that the model can mend
it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from envscaler.errors import ReplyError
from envscaler.model_json import loads
from envscaler.records import JsonObject, Record

RecordT = TypeVar("RecordT", bound=Record)

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}+|~{3,}+)[ \t]*+(?P<tag>[\w.+-]*+)[^`]*+$")
_PYTHON_TAGS = frozenset({"python", "py", "python3", "py3", ""})

THOUGHTS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|START_THINKING|>": "<|END_THINKING|>",
}
"""What models put around a thought that the server has left in the text."""
_OPEN_THOUGHT = re.compile("|".join(map(re.escape, THOUGHTS)))
_FIRST_OF_THOUGHTS = {mark[0] for pair in THOUGHTS.items() for mark in pair}
_CLOSED_THOUGHT = re.compile("|".join(map(re.escape, THOUGHTS.values())))


@dataclass(frozen=True, slots=True)
class _Block:
    tag: str
    """Lower case; empty when the fence has none."""
    body: str
    closed: bool


def read_json(reply: str, kind: type[RecordT]) -> RecordT:
    """Read the JSON object of a reply as a record.

    The last fenced block that holds an object counts, since sketches come before answers; a reply
    without a fence may be the bare object.

    Raises:
        ReplyError: There is no object, or it is not a `kind`; the message says where.
    """
    value = _json_object(reply)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'object'}: {problem['msg']}"
            for problem in error.errors()[:5]
        )
        raise ReplyError(f"The JSON object is not as asked: {problems}") from error


def read_code(reply: str) -> str:
    """Return the one Python block of a reply, with a final newline.

    Raises:
        ReplyError: There is no block, or more than one.
    """
    found = list(_blocks(reply))
    blocks = [block.body for block in found if block.closed and block.tag in _PYTHON_TAGS]
    if len(blocks) > 1:
        raise ReplyError(f"Expected one ```python block, got {len(blocks)}; put all code in one")
    if not blocks:
        if found and not found[-1].closed:
            raise ReplyError("The ```python block is not closed; the reply seems to be cut off")
        raise ReplyError(f"Expected a ```python block, got {_excerpt(reply)}")
    code = blocks[0].strip("\n")
    if not code.strip():
        raise ReplyError("The ```python block is empty")
    return code + "\n"


def split_reasoning(text: str) -> tuple[str | None, str]:
    """Set inline reasoning apart from the answer.

    Returns:
        All thoughts or None, and the visible text. A closing mark without its opening one counts,
        since chat templates may put the opening into the prompt; a thought that is not closed was
        cut off, and goes on to the end.
    """
    if not any(first in text for first in _FIRST_OF_THOUGHTS):
        return None, text
    thoughts, visible, position = _headless_thought(text)
    while opening := _OPEN_THOUGHT.search(text, position):
        visible.append(text[position : opening.start()])
        closing = THOUGHTS[opening.group()]
        end = text.find(closing, opening.end())
        thoughts.append(text[opening.end() : end if end >= 0 else len(text)])
        position = end + len(closing) if end >= 0 else len(text)
    visible.append(text[position:])
    said = "\n\n".join(thought.strip() for thought in thoughts if thought.strip())
    return said or None, "".join(visible).strip() if thoughts else text


def cut_blocks(text: str, opening: str, closing: str) -> tuple[str, list[str], bool]:
    """Take out what stands between two marks.

    Returns:
        The text around the blocks, what is in each of them, and whether the last block is open:
        it then goes on to the end of the text.
    """
    kept: list[str] = []
    bodies: list[str] = []
    position, still_open = 0, False
    while (start := text.find(opening, position)) >= 0:
        kept.append(text[position:start])
        start += len(opening)
        end = text.find(closing, start)
        still_open = end < 0
        bodies.append(text[start:] if still_open else text[start:end])
        position = len(text) if still_open else end + len(closing)
    return "".join([*kept, text[position:]]), bodies, still_open


def _headless_thought(text: str) -> tuple[list[str], list[str], int]:
    closing = _CLOSED_THOUGHT.search(text)
    opening = _OPEN_THOUGHT.search(text)
    if closing is None or (opening is not None and opening.start() < closing.start()):
        return [], [], 0
    return [text[: closing.start()]], [], closing.end()


def _blocks(reply: str) -> Iterator[_Block]:
    """Yield the fenced blocks of a reply.

    A fence closes on a line of its own, so that a ``` inside a string does not end the block.
    """
    opened: re.Match[str] | None = None
    body: list[str] = []
    for line in reply.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.match(line)
        if opened is None:
            opened, body = fence, []
        elif fence and _closes(opened, fence, line):
            yield _Block(opened["tag"].lower(), _outdented(body, opened), closed=True)
            opened = None
        else:
            body.append(line)
    if opened is not None:
        yield _Block(opened["tag"].lower(), _outdented(body, opened), closed=False)


def _closes(opened: re.Match[str], fence: re.Match[str], line: str) -> bool:
    """Say whether a line is a fence like the one that opened, and nothing else."""
    alike = fence["marks"].startswith(opened["marks"])
    further_in = fence.start("marks") > opened.start("marks")
    return alike and not further_in and not line[fence.end("marks") :].strip()


def _outdented(body: list[str], opened: re.Match[str]) -> str:
    """Join lines that stand as far to the right as the fence that opened them."""
    indent = " " * opened.start("marks")
    return "\n".join(line.removeprefix(indent) for line in body)


def _json_object(reply: str) -> JsonObject:
    found = _blocks(reply)
    blocks = [each.body for each in found if each.closed and each.tag != "python"]
    problem = ""
    for text in [*reversed(blocks), _outermost(reply)]:
        if text.strip():
            try:
                return _object_of(text)
            except ReplyError as error:
                problem = problem or str(error)
    raise ReplyError(problem or f"Expected a ```json block with an object, got {_excerpt(reply)}")


def _object_of(text: str) -> JsonObject:
    try:
        value = loads(text)
    except ValueError as error:
        raise ReplyError(f"The JSON does not parse: {error}") from error
    if not isinstance(value, dict):
        raise ReplyError(f"Expected a JSON object, got {type(value).__name__}")
    return value


def _outermost(reply: str) -> str:
    return reply[reply.find("{") : reply.rfind("}") + 1] if "{" in reply else ""


def _excerpt(text: str) -> str:
    return repr(text[:80]) if text.strip() else "an empty reply"
