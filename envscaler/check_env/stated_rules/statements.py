"""The sentences of an environment that may state rules, each with the place where it stands."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from envscaler.check_env.stated_rules.answers import tells_answer
from envscaler.check_env.stated_rules.words import names, stems_of_sentence
from envscaler.environment.code.assemble import read_class
from envscaler.environment.code.syntax import FunctionNode, parse
from envscaler.inputs.subject import Subject

_LONGEST = 240
"""Characters of a sentence that states one rule."""
_SHORTEST = 10
_ARGUMENT = re.compile(r"^\s*(?::param\s+)?(\w+)\s*(?:\([^)]*\))?\s*:\s*(.+)$")
_RETURNS = re.compile(r"(?s)\n\s*(Returns|Return|Raises|Yields)\s*:?\s*\n.*?(?=\n\s*\w+:\n|\Z)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|;\s*|\n\s*(?:[-*]|\d+\.)\s|\n\n|(?:(?<=\s)|^)\d\.\s")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
"""The comma in 1,000,000."""
_CLAUSE = re.compile(r",\s+(?:and|but|or)\s+|,\s+(?=\w+ (?:is|are|must|never|cannot)\b)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or a part of one."""

    text: str
    place: str
    """Where it stands, as a reader is told."""
    tool: str = ""
    """The tool whose docstring it is of; empty when it is about all."""
    parameter: str = ""
    """The parameter that it describes."""
    context: str = ""
    """The whole sentence of a part."""
    following: str = ""
    """The sentence after it."""
    of_answer: bool = False
    """It says what a query answers, and no rule of the state."""

    @property
    def said(self) -> frozenset[str]:
        """Its stems."""
        return stems_of_sentence(self.text)

    @property
    def meant(self) -> frozenset[str]:
        """The stems of the whole sentence."""
        return stems_of_sentence(self.context or self.text)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its words as they stand, in small letters."""
        return tuple(re.findall(r"[a-z_][\w-]*|\d+", self.text.lower()))

    def tells(self, name: str) -> bool:
        """Say whether it has a name as it stands, or all its words."""
        return name in self.tokens or names(name, self.said)


def statements_of(subject: Subject) -> tuple[Statement, ...]:
    """List the sentences of the rules, of the class and of its tools, and the parts of them."""
    found: dict[tuple[str, str], Statement] = {}
    names = frozenset(re.findall(r"[\"']([A-Za-z_]\w*)[\"']", subject.skeleton.source))
    for one in (_marked(each, names) for each in _whole(subject)):
        parts = [part.strip() for part in _CLAUSE.split(one.text)]
        parts = [part for part in parts if len(part) >= _SHORTEST] if len(parts) > 1 else []
        found.setdefault((one.text.lower(), one.tool), one)
        for part in parts:
            smaller = replace(one, text=part, context=one.text, following="")
            found.setdefault((part.lower(), one.tool), smaller)
    return tuple(found.values())


def _marked(one: Statement, names: frozenset[str]) -> Statement:
    return replace(one, of_answer=True) if tells_answer(one.text, names) else one


def parts_of(text: str) -> list[str]:
    """Return the sentences of a text that may state rules."""
    return [one.text for one in _of_text(text, "")]


def _whole(subject: Subject) -> Iterator[Statement]:
    skeleton = subject.skeleton
    for rule in skeleton.rules:
        yield from _of_text(rule, "the rules")
    yield from _of_text(skeleton.introduction, "the introduction")
    for node in read_class(skeleton.source, skeleton.class_name).lineage:
        yield from _of_text(ast.get_docstring(node) or "", "the docstring of the class")
    start = subject.methods.get("__init__")
    if start is not None:
        yield from _of_text(ast.get_docstring(start) or "", "the docstring of the class")
    for line in _comments(skeleton.source):
        yield from _of_text(line.lstrip("- "), "a comment of the class")
    for name in subject.tools:
        yield from _of_tool(ast.get_docstring(subject.methods[name]) or "", name)


def _comments(source: str) -> Iterator[str]:
    """Yield the comments of the class and of how it begins; those in its tools tell of steps."""
    inside = {
        line
        for node in ast.walk(parse(source))
        if isinstance(node, FunctionNode) and node.name != "__init__"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number, line in enumerate(source.splitlines(), start=1):
        found = re.match(r"\s*#\s*(.+)", line)
        if found and number not in inside:
            yield found[1]


def _of_tool(docstring: str, tool: str) -> Iterator[Statement]:
    place = f"the docstring of {tool}"
    lines: list[str] = []
    for line in _RETURNS.sub("\n", f"{docstring}\n").splitlines():
        argument = _ARGUMENT.match(line)
        if argument and argument[1].lower() not in {"returns", "raises", "constraints", "note"}:
            for one in _of_text(argument[2], place):
                yield replace(one, tool=tool, parameter=argument[1])
        else:
            lines.append(line)
    for one in _of_text("\n".join(lines), place):
        yield replace(one, tool=tool)


def _of_text(text: str, place: str) -> Iterator[Statement]:
    text = _GROUPED.sub("", text)
    parts = [" ".join((part or "").split()).lstrip("-* ") for part in _SENTENCE.split(text)]
    for sentence, following in zip_longest(parts, parts[1:], fillvalue=""):
        if _SHORTEST <= len(sentence) <= _LONGEST:
            yield Statement(sentence, place, following=following)
