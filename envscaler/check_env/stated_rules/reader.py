"""From the sentences of an environment to rules that a state or a change can break."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.check_env.stated_rules.apart import disjoint, overlaps, pairs_apart
from envscaler.check_env.stated_rules.bounds import bounds
from envscaler.check_env.stated_rules.changes import fixed, grows, has_arrows, transitions
from envscaler.check_env.stated_rules.conditions import Links, conditions
from envscaler.check_env.stated_rules.effects import becomes, swaps
from envscaler.check_env.stated_rules.limits import limits
from envscaler.check_env.stated_rules.limits_by_kind import limits_by_kind
from envscaler.check_env.stated_rules.owners import owners
from envscaler.check_env.stated_rules.references import references
from envscaler.check_env.stated_rules.related import related
from envscaler.check_env.stated_rules.rule import StatedRule
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement, statements_of
from envscaler.check_env.stated_rules.sums import sums
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.check_env.stated_rules.times import ends_after, gaps, one_of_two
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, ToolKind
from envscaler.records import JsonObject

_READERS: tuple[Callable[[Statement, Schema], Iterator[StatedRule]], ...] = (
    limits,
    limits_by_kind,
    references,
    sums,
    overlaps,
    pairs_apart,
    disjoint,
    bounds,
    transitions,
    grows,
    fixed,
    gaps,
    ends_after,
    one_of_two,
    swaps,
)
_LINKED_READERS: tuple[Callable[[Statement, Schema, Links], Iterator[StatedRule]], ...] = (
    conditions,
    becomes,
    owners,
)


_CONDITIONAL = re.compile(
    r"\b(unless|except|if|when|whenever|while|until|as long as|such|otherwise|may)\b", re.IGNORECASE
)
"""Under a condition a rule is another one than without it."""


def _is_general(one: Statement, kinds: Mapping[str, ToolKind]) -> bool:
    """Say whether a sentence can be about all states: not about a parameter, or a question."""
    if one.parameter or (one.tool and kinds[one.tool] == "query"):
        return False
    return not _CONDITIONAL.search(one.text) or bool(has_arrows(one))


@dataclass(frozen=True)
class Reading:
    """What was understood, and what was not."""

    schema: Schema | None = None
    links: Links = field(default_factory=dict[str, dict[str, str]])
    """Tool → parameter → table in which its values are looked up."""
    rules: list[StatedRule] = field(default_factory=list[StatedRule])
    dropped: list[tuple[StatedRule, str]] = field(default_factory=list[tuple[StatedRule, str]])
    silent: list[Statement] = field(default_factory=list[Statement])


def words_of(subject: Subject) -> frozenset[str]:
    """Return the names that the source has for fields: what it quotes, and what it annotates."""
    source = subject.skeleton.source
    quoted = re.findall(r"[\"']([A-Za-z_]\w*)[\"']", source)
    annotated = re.findall(r"(?m)^\s+([A-Za-z_]\w*)\s*:\s*\w", source)
    return frozenset((*quoted, *annotated))


def schema_of(subject: Subject, states: Sequence[JsonObject]) -> Schema:
    """Return what lawful states of an environment have in common."""
    words = words_of(subject)
    return Schema(tuple(Tables(state, words) for state in states), words, subject.hints)


def read_rules(subject: Subject, schema: Schema, links: Links) -> Reading:
    """Read the sentences of an environment as rules that hold in its states."""
    read = Reading(schema, links)
    told: set[str] = set()
    for one, found in _readings(subject, schema, links):
        if not found:
            read.silent.append(one)
        for rule in found:
            if rule.text in told:
                continue
            told.add(rule.text)
            if any(rule.broken_in(state) for state in schema.states):
                read.dropped.append((rule, "does not hold in a given state"))
            else:
                read.rules.append(rule)
    read.rules.extend(rule for rule in related(statements_of(subject), schema))
    return read


def links_of(steps: Sequence[CallRecord], schema: Schema) -> Links:
    """Return in which tables the parameters of each tool are looked up, by its successes."""
    found: dict[str, dict[str, set[str]]] = {}
    for seen in steps:
        tables = Tables(seen.before, schema.words_of_source)
        for name, value in seen.call.arguments.items():
            paths = _tables_with(tables, value)
            known = found.setdefault(seen.call.tool, {})
            known[name] = known[name] & paths if name in known else paths
    return {
        tool: {
            name: chosen
            for name, paths in parameters.items()
            for chosen in schema.choose(name, paths)
        }
        for tool, parameters in found.items()
    }


def _tables_with(tables: Tables, value: JsonValue) -> set[str]:
    """Return the tables that have a key, or all of a list of keys."""
    inner = value if isinstance(value, list) else [value]
    given = {str(one) for one in inner if isinstance(one, str | int)}
    return {path for path in tables.tables if given and given <= tables.keys(path)}


def _readings(
    subject: Subject, schema: Schema, links: Links
) -> Iterator[tuple[Statement, list[StatedRule]]]:
    """Read every sentence, and its parts."""
    statements, kinds = statements_of(subject), subject.kinds
    parts: dict[tuple[str, str], list[Statement]] = {}
    for one in statements:
        if one.context:
            parts.setdefault((one.context, one.tool), []).append(one)
    for one in statements:
        if not one.context:
            own = parts.get((one.text, one.tool), [])
            found = [*_of_states(one, own, schema)] if _is_general(one, kinds) else []
            found = [*found, *_of_tools(one, own, schema, links)]
            yield one, [] if one.of_answer else found


def _of_states(one: Statement, parts: Sequence[Statement], schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as a rule about states: by its parts where they say something themselves."""
    for reader in _READERS:
        by_parts = [rule for part in parts for rule in reader(part, schema)]
        yield from by_parts or reader(one, schema)


def _of_tools(
    one: Statement, parts: Sequence[Statement], schema: Schema, links: Links
) -> Iterator[StatedRule]:
    """Read a sentence as a rule about what tools take: by its parts where it says nothing whole."""
    for reader in _LINKED_READERS:
        whole = [*reader(one, schema, links)]
        yield from whole or (rule for part in parts for rule in reader(part, schema, links))
