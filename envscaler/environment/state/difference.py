"""What differs between two tagged states, by the path to it."""

import json
import re
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.encoding import TAGS, canonical
from envscaler.records import Record

_PLAIN_KEY = re.compile(r"[\w\-:@/#+ ]+")


class StateDiff(Record):
    """What differs between two states. Falsy when nothing does.

    A path names keys and list places from the outside in: `orders.O1.status`, `items[2]`. A key
    with other than ordinary characters is written as JSON in brackets: `prices["a.b"]`; a key
    that is not a string likewise: `seats[12]`.
    """

    added: dict[str, JsonValue]
    removed: dict[str, JsonValue]
    changed: dict[str, tuple[JsonValue, JsonValue]]
    """Path → value before and after."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff(before: JsonValue, after: JsonValue) -> StateDiff:
    """Compare two tagged states. Sets, tuples and the like change as a whole."""
    added: dict[str, JsonValue] = {}
    removed: dict[str, JsonValue] = {}
    changed: dict[str, tuple[JsonValue, JsonValue]] = {}
    pending: list[tuple[str, JsonValue, JsonValue]] = [("", before, after)]
    while pending:
        path, old, new = pending.pop()
        if _same(old, new):
            continue
        parts = _parts_of_both(old, new)
        if parts is None:
            changed[path] = (old, new)
            continue
        olds, news = parts
        added |= {_join(path, step): news[step] for step in news.keys() - olds.keys()}
        removed |= {_join(path, step): olds[step] for step in olds.keys() - news.keys()}
        pending += [
            (_join(path, step), olds[step], news[step]) for step in olds.keys() & news.keys()
        ]
    return StateDiff(
        added=dict(sorted(added.items())),
        removed=dict(sorted(removed.items())),
        changed=dict(sorted(changed.items())),
    )


def _parts_of_both(
    old: JsonValue, new: JsonValue
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]] | None:
    """Return the parts of two values of one kind; None for others."""
    old_parts, new_parts = _parts(old), _parts(new)
    if old_parts is None or new_parts is None or old_parts[0] != new_parts[0]:
        return None
    return old_parts[1], new_parts[1]


def _same(old: JsonValue, new: JsonValue) -> bool:
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    # Equal bytes tell 1 from 1.0 and True inside, which `==` does not.
    return old == new and (not isinstance(old, dict | list) or canonical(old) == canonical(new))


def _parts(value: JsonValue) -> tuple[str, dict[str, JsonValue]] | None:
    """Cut a value into its kind and its parts by path step; None for what has no parts."""
    if isinstance(value, list):
        return "list", {f"[{place}]": item for place, item in enumerate(value)}
    if not isinstance(value, dict):
        return None
    name = next(iter(value), "") if len(value) == 1 else ""
    if name in TAGS:
        return _parts_of_tag(name, value[name])
    return "dict", {_step(key): item for key, item in value.items()}


def _parts_of_tag(name: str, content: JsonValue) -> tuple[str, dict[str, JsonValue]] | None:
    if name == "$dict":
        pairs = cast("list[list[JsonValue]]", content)
        return name, {f"[{canonical(key).decode()}]": item for key, item in pairs}
    if name == "$dataclass":
        class_name, fields = cast("tuple[str, dict[str, JsonValue]]", content)
        return f"{name} {class_name}", {_step(field): item for field, item in fields.items()}
    return None


def _step(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path and not step.startswith("[") else path + step
