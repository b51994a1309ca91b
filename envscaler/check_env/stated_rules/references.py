"""Sentences that say that what is named exists: `bookings name only members that exist`."""

import re
from collections.abc import Iterator

from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Reference, Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import ITEMS, KEY, Tables, shown
from envscaler.check_env.stated_rules.words import names

_CUE = re.compile(
    r"\b(exists?|existing|valid|known|reference[sd]?|refers?|associated|linked)\b"
    r"|\b(is|are|be) in the\b",
    re.IGNORECASE,
)


def references(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that references lead somewhere."""
    if one.tool or not _CUE.search(one.text):
        return
    for link in schema.references:
        target = schema.is_named(link.target, one.said)
        whole = link.name in {KEY, ITEMS} or schema.tables[link.path].kind == "pairs"
        source = schema.is_named(link.path, one.meant)
        if target and (source or (not whole and names(link.name, one.said))):
            yield _rule(one, link)


def _rule(one: Statement, link: Reference) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        known = tables.keys(link.target)
        return frozenset(
            f"{row.key}: {value}"
            for row in tables.rows(link.path)
            for value in row.values(link.name)
            if value not in known
        )

    said = f"{shown(link.path, link.name)} holds keys of {link.target}"
    return StatedRule(said, one, frozenset((link.path, link.target)), broken)
