"""Texts that a request gives, beside those that there are."""

import re

from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn

_TEXT = re.compile(r"title|caption|description|content|comment|note|text|subject|details|summary")
"""Names of texts that stand in one record only."""

_LINE = re.compile(r"_(charge|line|item|fee|position)(_|$)")
"""Names of tools for parts of a bill: two bills may have the same."""


def is_given_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether a record of the kind that a request is about has a text that it gives."""
    if _LINE.search(drawn.tool.name):
        return False
    given = {value for name, value in drawn.values.items() if _TEXT.search(name)}
    concerned = {noun for noun, _ in drawn.records.values()}
    kinds = {
        noun
        for noun in nouns.links
        if noun in concerned or f"_{singular(noun.rpartition('.')[2])}" in f"_{drawn.tool.name}"
    }
    return any(
        not given.isdisjoint(value for value in record.values() if isinstance(value, str))
        for noun in (kinds if given else ())
        for record in world.records(noun).values()
    )
