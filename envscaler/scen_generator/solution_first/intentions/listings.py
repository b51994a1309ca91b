"""Queries that may list records: what they can be given, and what their answers leave open."""

from collections.abc import Iterable, Iterator, Sequence

from envscaler.records import Call, JsonObject, Tool
from envscaler.scen_generator.solution_first.context import parameters_of
from envscaler.scen_generator.solution_first.intentions.intention import Group

_OPEN_WORDS = frozenset(("query", "keyword", "keywords", "text", "term", "search", "value"))


def takes_value(name: str, group: Group) -> bool:
    """Tell whether a parameter may take the value that makes a group: by its name, or any text."""
    field, value = group.field, group.value
    if field is None or value is None:
        return False
    if name == field or name.endswith(f"_{field}") or field.endswith(f"_{name}"):
        return True
    return isinstance(value, str) and not _OPEN_WORDS.isdisjoint(name.split("_"))


def parameter_sets(tool: Tool) -> Iterator[list[str]]:
    """Yield the parameters that a query may be given: what it needs, or one of what it takes."""
    required, optional = parameters_of(tool)
    yield required
    if not required:
        yield from ([name] for name in optional)


def only(record: JsonObject, names: Sequence[str]) -> JsonObject:
    """Return some fields of a record."""
    return {name: record.get(name) for name in names}


def unsettled(
    group: Group, owner: object, call: Call, listed: Iterable[JsonObject], *, is_exact: bool
) -> Iterator[str]:
    """Yield the fields that tell who is in a group, where the call that lists it does not.

    Args:
        group: The group.
        owner: The id of what its members belong to.
        call: The query.
        listed: The records that its answer mentions.
        is_exact: These are the members, and no others.
    """
    if group.link and not (
        owner in call.arguments.values()
        and all(record.get(group.link) == owner for record in listed)
    ):
        yield group.link
    if group.field and not (_is_given(group.value, call) and is_exact):
        yield group.field
    if group.limit:
        yield group.limit.by


def _is_given(value: object, call: Call) -> bool:
    return value is not None and value in call.arguments.values()
