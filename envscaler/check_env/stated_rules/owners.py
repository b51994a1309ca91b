"""Sentences that keep a tool to the owner of a record: `only its seller withdraws it`."""

import re
from collections.abc import Iterator, Mapping

from envscaler.check_env.stated_rules.conditions import Links
from envscaler.check_env.stated_rules.rule import Broken, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.spoken import speaks_of, words_in
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import shown
from envscaler.check_env.stated_rules.words import stem

_ONLY = re.compile(
    r"\b(?:only|no one but|nobody but|none but) (?:by )?(?:its|the|his|her|their) (?:own )?"
    r"(?P<who>\w+)\b|\bonly by (?:its|the|their) (?P<by>\w+)",
    re.IGNORECASE,
)
_OTHER = re.compile(r"^(new|to|target|other|next|receiver|recipient)_")


def owners(one: Statement, schema: Schema, links: Links) -> Iterator[StatedRule]:
    """Read a sentence as saying that only whom a field names may do something."""
    match = _ONLY.search(one.text)
    if match is None:
        return
    who = match["who"] or match["by"]
    about = {tool: given for tool, given in links.items() if _is_about(one, tool)}
    for tool, parameters in about.items():
        for parameter, path in parameters.items():
            for name in schema.fields.get(path, ()):
                actor = _actor(schema, parameters, (parameter, path, name), who)
                if actor is not None:
                    yield _rule(one, tool, (parameter, path), (actor, name))


def _is_about(one: Statement, tool: str) -> bool:
    """Say whether a sentence is a tool's own, or a general one that has its verb."""
    return one.tool == tool if one.tool else speaks_of(one.text, tool.split("_")[0])


def _actor(
    schema: Schema, parameters: Mapping[str, str], where: tuple[str, str, str], who: str
) -> str | None:
    """Return the parameter with who acts, if a field is what the sentence calls the owner."""
    parameter, path, name = where
    if stem(who) not in words_in(name.replace("_", " ")) or name in schema.words.get(path, {}):
        return None
    held = {value for row in schema.rows(path) for value in row.values(name)}
    for other, table in _others(parameters, parameter, path):
        if held <= {row.key for row in schema.rows(table)}:
            return other
    return None


def _others(parameters: Mapping[str, str], parameter: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters that may be who acts: not the record, nor who is to have it."""
    for other, table in parameters.items():
        if other != parameter and table != path and not _OTHER.match(other):
            yield other, table


def _rule(one: Statement, tool: str, record: tuple[str, str], owner: tuple[str, str]) -> StatedRule:
    (parameter, path), (actor, name) = record, owner

    def broken(step: Step) -> Broken:
        call = step.seen.call
        if call.tool != tool or not step.seen.succeeded:
            return frozenset()
        given = str(call.arguments.get(actor))
        return frozenset(
            f"{row.key}: {given}"
            for row in step.before.rows(path)
            if row.key == str(call.arguments.get(parameter)) and given not in row.values(name)
        )

    said = f"{tool} succeeds only where {actor} is {shown(path, name)}"
    return StatedRule(said, one, frozenset((path,)), in_step=broken)
