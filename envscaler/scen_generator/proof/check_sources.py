"""Values, look-ups and functions of checks, written as Python that a person can read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import cast
from uuid import UUID

from envscaler.scen_generator.proof.changes import ById, Made, Mark, Path, Says
from envscaler.scen_generator.proof.check_helpers import with_parts

_MODULES = {
    date: "datetime",
    datetime: "datetime",
    time: "datetime",
    timedelta: "datetime",
    Decimal: "decimal",
    UUID: "uuid",
}
Parts = dict[object, object] | list[object] | tuple[object, ...]
_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Own:
    """Stands in a pattern for the key of the record that the pattern is of."""


def write(wanted: object, names: Mapping[Made, str] | None = None, indent: str = "") -> str:
    """Write a value as Python.

    Args:
        wanted: May hold marks, which a check writes as `...`, and `Made` values.
        names: Variables that hold the keys which a made-up value may be; others are left open.
        indent: What the line that it begins on is indented by.
    """
    match wanted:
        case Made():
            text = _write_made(wanted, names)
        case Own():
            text = "own_key"
        case Says():
            text = f"{{says: {(wanted.least, *wanted.words)!r}}}"
        case dict() | list() | tuple():
            text = _write_parts(cast("Parts", wanted), names, indent)
        case Mark():
            text = "..."
        case _:
            text = _write_single(wanted)
    return text


def _write_made(wanted: Made, names: Mapping[Made, str] | None) -> str:
    return f"set({names[wanted]})" if names and wanted in names else "..."


def _write_single(wanted: object) -> str:
    """Write what has no parts; a number for which Python has no literal is left open."""
    if isinstance(wanted, float) and not isfinite(wanted):
        return "..."
    return "str" if wanted is str else repr(wanted)


def _write_parts(wanted: Parts, names: Mapping[Made, str] | None, indent: str) -> str:
    inner = f"{indent}    "
    if isinstance(wanted, dict):
        members = wanted.items()
        parts = [f"{write(key)}: {write(item, names, inner)}" for key, item in members]
        return enclosed("{", parts, "}", indent)
    parts = [write(item, names, inner) for item in wanted]
    if isinstance(wanted, list):
        return enclosed("[", parts, "]", indent)
    return enclosed("(", parts, ",)" if len(parts) == 1 else ")", indent)


def enclosed(start: str, parts: Sequence[str], end: str, indent: str) -> str:
    """Write parts between brackets, one on a line where they are long."""
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"{indent}    {part},\n" for part in parts)
    return f"{start}\n{inner}{indent}{end.removeprefix(',')}"


def function(lines: Sequence[str]) -> str:
    """Write a check with the given body."""
    return module(define("check_func", lines))


def define(name: str, lines: Sequence[str]) -> str:
    """Write a function of the final state."""
    body = "".join(f"    {line}\n" for text in lines for line in text.splitlines())
    return f"def {name}(final_state):\n{body}"


def module(body: str) -> str:
    """Write the imports and helpers that a body needs in front of it."""
    modules = {module for kind, module in _MODULES.items() if f"{_name_of(kind)}(" in body}
    imports = "".join(f"import {module}\n" for module in sorted(modules - {"decimal", "uuid"}))
    if "decimal" in modules:
        imports += "from decimal import Decimal\n"
    if "uuid" in modules:
        imports += "from uuid import UUID\n"
    gap = "\n\n" if imports else ""
    return imports + gap + with_parts(body)


def _name_of(kind: type) -> str:
    return f"datetime.{kind.__name__}" if _MODULES[kind] == "datetime" else kind.__name__


def look_up(when: str, path: Path) -> str:
    """Write what finds the value at a place before or after."""
    steps = [tuple(step) if isinstance(step, ById) else step for step in path]
    return f"look_up({when}_state, {', '.join(map(repr, steps))})"


def added_to(path: Path, wanted: str) -> str:
    """Write what finds the new items at a place that are as wanted."""
    return f"added({look_up('initial', path)}, {look_up('final', path)}, {wanted})"
