"""The parameters of tools that take ids, and the collections that these are of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import inflection

from envscaler.environment.state.collections import Collection, id_field, stem_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.nouns import (
    is_human,
    own_collections,
)
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating
from envscaler.scen_generator.solution_first.looked_up import holders_of

_CODES = frozenset(("no", "nr", "number", "code", "ref", "id", "key"))
"""What the id of a record is called, whatever the record is."""


def targets_of(tool: Tool, context: SearchContext, *, as_new: bool = False) -> tuple[Target, ...]:
    """Return the parameters of a tool that take ids, with the word for such a record.

    Args:
        tool: The tool.
        context: Knows the collections.
        as_new: The id of what the tool is named after is one that nobody has yet.
    """
    found: list[Target] = []
    for name in tool.properties:
        collection = target_collection(tool, name, context)
        if collection is not None:
            noun = singular(collection.name)
            made = as_new and is_creating(tool) and noun.split("_")[-1] == _head(tool)
            found.append(Target(name, noun, made, is_human(noun)))
    return tuple(found)


def _head(tool: Tool) -> str:
    """Return the last word of a name before the first preposition: what is made is called so.

    To add a dispute resolution detail makes a detail, and no dispute.
    """
    words = tool.name.split("_")[1:]
    ends = [at for at, word in enumerate(words) if word in ("to", "for", "from", "of", "in")]
    named = words[: ends[0]] if ends else words
    return named[-1] if named else ""  # to add to a cart makes nothing that the name tells


@dataclass(frozen=True, slots=True)
class _Asked:
    """A parameter of which the collection is looked for."""

    tool: Tool
    name: str
    kind: str
    """Its type."""
    collections: Sequence[Collection]
    context: SearchContext


def target_collection(tool: Tool, name: str, context: SearchContext) -> Collection | None:
    """Find the collection whose ids a parameter takes, also where only the source tells."""
    kind = tool.properties.get(name, {}).get("type")
    if kind not in ("string", "integer"):
        return None
    asked = _Asked(tool, name, kind, own_collections(context.collections), context)
    return next((found for way in _WAYS if (found := way(asked)) is not None), None)


def _with_id(asked: _Asked) -> Collection | None:
    """Find the collection of which a parameter says that it takes an id."""
    return target_of(asked.name, asked.collections) if stem_of(asked.name) else None


def _named_after(asked: _Asked) -> Collection | None:
    """Find the collection that a parameter is named after: `plot`, `new_plot` and `plot_b`."""
    words = asked.name.removeprefix("new_").split("_")
    words = words[:-1] if len(words) > 1 and len(words[-1]) == 1 else words
    return _only([one for one in _taking(asked) if _word_of(one) == "_".join(words)])


def _held_in(asked: _Asked) -> Collection | None:
    """Find the one collection in which the method of a tool looks a parameter up."""
    holders = holders_of(asked.context.environment.source)
    known = holders.get((asked.tool.name, asked.name), ())
    return _only([one for one in _taking(asked) if one.name in known])


def _ending_so(asked: _Asked) -> Collection | None:
    """Find the collection whose name ends in what a parameter says that it takes an id of."""
    end = f"_{stem_of(asked.name)}"
    if len(end) == 1 or stem_of(asked.name) is None:
        return None
    return _only([one for one in asked.collections if singular(one.name).endswith(end)])


def _going_by(asked: _Asked) -> Collection | None:
    """Find the collection whose records go by what a parameter is called: `tag`, `code` or `no`.

    A code is that of what the tool is named after, in this tool or in another one.
    """
    name, fitting = asked.name, [*_taking(asked)]
    own = [one for one in fitting if id_field(one) == name or _is_name_of(name, one)]
    if len(own) == 1:
        return own[0]
    if name not in _CODES and not own:
        return None
    tools = asked.context.tools.values()
    every = [each for each in tools if name in each.properties]
    here = _spoken_of([asked.tool], own or fitting)
    return _only(here or _spoken_of(every, own or fitting))


def _spoken_of(tools: Iterable[Tool], collections: Iterable[Collection]) -> list[Collection]:
    """List the collections of which the names of tools speak."""
    said = "".join(f"_{inflection.underscore(each.name)}_" for each in tools)
    return [one for one in collections if f"_{_word_of(one)}_" in said]


def _is_name_of(name: str, one: Collection) -> bool:
    """Tell whether records are kept under what they are called, however it is written."""
    pairs = zip(one.ids, one.records, strict=True)
    return name == "name" and all(
        str(record.get(name)).casefold() == str(key).casefold() for key, record in pairs
    )


def _taking(asked: _Asked) -> Iterator[Collection]:
    """Yield the collections whose ids are of the type asked for, and which are one whole."""
    wanted = str if asked.kind == "string" else int
    for one in asked.collections:
        if "*" not in one.path and all(type(key) is wanted for key in one.ids):
            yield one


def _word_of(one: Collection) -> str:
    return singular(one.name.strip("_"))


def _holding(asked: _Asked) -> Collection | None:
    """Find the collection that has all texts in the pool of a parameter as ids."""
    values = asked.context.pool(asked.tool, asked.name).values
    texts = {value for value in values if isinstance(value, str)}
    return _only([one for one in asked.collections if texts and texts <= set(one.ids)])


def _looked_up_in(asked: _Asked) -> Collection | None:
    """Find the collection in which the source looks a name up; the last of several counts."""
    by_path = {one.path: one for one in reversed(asked.collections)}
    found: Collection | None = None
    for holder in asked.context.hints.holders.get(asked.name, ()):
        found = by_path.get(holder)
    return found


def _only(found: Sequence[Collection]) -> Collection | None:
    return found[0] if len(found) == 1 else None


_WAYS = (_with_id, _named_after, _held_in, _looked_up_in, _ending_so, _holding, _going_by)
"""The surest first."""
