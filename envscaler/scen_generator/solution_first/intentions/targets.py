"""The parameters of tools that take ids, and the collections that these are of."""

from collections.abc import Iterable, Sequence

from envscaler.environment.state.collections import Collection, stem_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.nouns import (
    is_human,
    own_collections,
)
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating


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


def target_collection(tool: Tool, name: str, context: SearchContext) -> Collection | None:
    """Find the collection whose ids a parameter takes, also where only the source tells."""
    schema = tool.properties.get(name, {})
    if schema.get("type") not in ("string", "integer"):
        return None
    collections, stem = own_collections(context.collections), stem_of(name)
    found = target_of(name, collections) if stem is not None else None
    if found is None:
        found = _looked_up_in(name, collections, context)
    if found is None and stem:
        found = _only([one for one in collections if singular(one.name).endswith(f"_{stem}")])
    if found is None:
        found = _holding(context.pool(tool, name).values, collections)
    return found


def _holding(values: Iterable[object], collections: Sequence[Collection]) -> Collection | None:
    """Find the collection that has all texts among some values as ids."""
    texts = {value for value in values if isinstance(value, str)}
    return _only([one for one in collections if texts and texts <= set(one.ids)])


def _looked_up_in(
    name: str, collections: Sequence[Collection], context: SearchContext
) -> Collection | None:
    """Find the collection in which the source looks a name up; the last of several counts."""
    by_path = {one.path: one for one in reversed(collections)}
    found: Collection | None = None
    for holder in context.hints.holders.get(name, ()):
        found = by_path.get(holder)
    return found


def _only(found: Sequence[Collection]) -> Collection | None:
    return found[0] if len(found) == 1 else None
