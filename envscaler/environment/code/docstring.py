"""Docstrings as generated code writes them: mostly Google style, sometimes Sphinx or NumPy."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from docstring_parser import ParseError, google, numpydoc, rest

_ARGUMENTS = {"args", "arguments", "parameters", "params", "attributes", "fields"}
_HEADER = re.compile(
    r"(?P<name>args|arguments|parameters|params|attributes|fields|returns?|raises|yields"
    r"|constraints?\b[\w /,]*"
    r"|notes?|examples?|side effects)\s*:[ \t]*(?P<rest>.*)",
    re.IGNORECASE,
)
_NUMPY = numpydoc.NumpydocParser()
_NUMPY.add_section(numpydoc.Section("Constraints", "constraints"))
_ENTRY = re.compile(
    r"(?:[-*]\s+)?[`*]*(?P<names>\w+(?:\s*,\s*\w+)*)[`*]*\s*"
    r"(?:\((?P<type>.*?)\)(?=\s*(?::|--?\s|–|—|$)))?\s*(?::|--?\s|–|—|$)\s*(?P<text>.*)"
)


@dataclass(frozen=True, slots=True)
class Argument:
    """What a docstring says about one argument."""

    type: str
    """As written in parentheses; empty when it is not there."""
    description: str


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring in its parts."""

    arguments: dict[str, Argument]
    sections: frozenset[str]
    """Any of `args`, `returns`, `constraints`."""
    rest: str
    """All but the section on the arguments."""


def read_docstring(text: str, parameters: Collection[str]) -> Docstring:
    """Take a cleaned docstring apart.

    Args:
        text: As `ast.get_docstring` gives it.
        parameters: Names that may be described; a line such as `Examples: ...` among the
            arguments then continues the description above it.
    """
    rest: list[str] = []
    entries: list[str] = []
    sections: set[str] = set()
    current = ""
    for line in _google_style(text).splitlines():
        header = _HEADER.fullmatch(line)
        if header:
            current = _section(header["name"])
            sections.add(current)
            line = f"    {header['rest']}" if current == "args" else line
        elif current == "args" and _is_at_margin(line) and not _entry(line, parameters):
            current = ""
        (entries if current == "args" else rest).append(line)
    return Docstring(
        arguments=_arguments(entries, parameters),
        sections=frozenset(sections),
        rest=re.sub(r"\n{3,}", "\n\n", "\n".join(rest)).strip(),
    )


def _is_at_margin(line: str) -> bool:
    """Say whether a line is no item of a list, and is not indented: it may end a section."""
    return bool(line) and not line[0].isspace() and line[0] not in "-*"


def _section(header: str) -> str:
    name = header.lower()
    if name in _ARGUMENTS:
        return "args"
    if name.startswith("return"):
        return "returns"
    return "constraints" if name.startswith("constraint") else name


def _google_style(text: str) -> str:
    """Rewrite NumPy sections and Sphinx fields as Google sections; leave all else as it is."""
    for parse in (_NUMPY.parse, rest.parse):
        try:
            parsed = parse(text)
        except ParseError:
            continue
        if parsed.meta:
            for each in parsed.params:
                each.is_optional = False
            return google.compose(parsed)
    return text


def _entry(line: str, parameters: Collection[str]) -> re.Match[str] | None:
    found = _ENTRY.fullmatch(line.strip())
    known = found and all(name.strip() in parameters for name in found["names"].split(","))
    return found if known else None


def _arguments(lines: list[str], parameters: Collection[str]) -> dict[str, Argument]:
    found: dict[str, Argument] = {}
    names: list[str] = []
    for line in lines:
        entry = _entry(line, [name for name in parameters if name not in found])
        if entry:
            names = [name.strip() for name in entry["names"].split(",")]
            argument = Argument(type=(entry["type"] or "").strip(), description=entry["text"])
            found |= dict.fromkeys(names, argument)
        elif line.strip():
            for name in names:
                found[name] = _continued(found[name], line.strip())
    return found


def _continued(argument: Argument, line: str) -> Argument:
    glue = "\n" if line.startswith(("- ", "* ")) else " "
    return Argument(argument.type, f"{argument.description}{glue}{line}".strip())
