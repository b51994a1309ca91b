"""Who may do what with a thing: its owner all of it, others some, and only those change it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.records import Records, Table
from envscaler.records import JsonObject

_LADDER = ("view", "read", "comment", "write", "edit", "share", "delete", "manage", "admin")
"""Rights, each of which nobody has without a smaller one."""
_LISTED = re.compile(r"['\"]read,\s?write['\"]")
"""Tells in a comment that a text holds several rights."""
_CHANGING = frozenset(("write", "edit", "manage", "admin"))


def share_rights(records: Records) -> None:
    """Let each thing be open to some people, its owner among them, not all to the same two."""
    names = {table.name for table in records.tables}
    for name, value in records.state.items():
        home = _whose_rights(records, value) if name not in names else None
        shares = cast("dict[str, JsonObject]", value) if home else {}
        known = _rights_in(shares.values())
        for key, inner in shares.items():
            if home is not None:
                shares[key] = _granted(records, _shared(records, key, inner, home), known)
        if known:
            _let_those_change_who_may(records, shares)
            _repeat_rights(records, shares)


def _whose_rights(records: Records, value: JsonValue) -> Table | None:
    """Return the table of the people under whose ids something lies within each of some things."""
    inner = (
        [one for one in value.values() if isinstance(one, dict)] if isinstance(value, dict) else []
    )
    homes = [records.home_of(key) for one in inner for key in one]
    home = homes[0] if homes else None
    is_one = all(one is home for one in homes)
    return home if home is not None and home.is_of_people and is_one else None


def _shared(records: Records, key: str, inner: JsonObject, home: Table) -> JsonObject:
    """Return what lies under the ids of people under those of others, the owner's first."""
    thing = records.record(key) if records.home_of(key) else {}
    owner = [
        value for one, value in thing.items() if one.startswith("owner") and value in home.keys
    ]
    others = records.chance.sample([one for one in home.keys if one not in owner], len(inner))
    people = [*owner, *others][: len(inner)]
    return {str(one): item for one, item in zip(people, inner.values(), strict=True)}


def _rights_in(shares: Iterable[JsonObject]) -> list[str]:
    """Return the rights that somebody has, the smallest first; none where they are no rights."""
    told = (one for inner in shares for one in inner.values())
    held = {str(right) for one in told for right in items_of(one) or [one]}
    return [one for one in _LADDER if one in held] if held and held <= {*_LADDER} else []


def _granted(records: Records, inner: JsonObject, known: Sequence[str]) -> JsonObject:
    """Return the people with all rights for the first, and for each other one some from the least.

    Args:
        records: All.
        inner: Id of a person → rights, those of the owner first.
        known: All rights, the least first; none where something else lies there.
    """
    found = {**inner}
    for place, (person, rights) in enumerate(inner.items()):
        if known and isinstance(rights, list):
            steps = records.chance.randint(1, len(known)) if place else len(known)
            found[person] = [*known[:steps]]
    return found


def _let_those_change_who_may(records: Records, shares: Mapping[str, JsonObject]) -> None:
    """Let what says who changed a thing name somebody who may, at first its owner."""
    for table in records.tables:
        references = records.references(table)
        people = [name for name, one in references.items() if one.is_of_people]
        who = [name for name in people if name.endswith("_by")]
        seen: set[str] = set()
        for record in table.records:
            thing = next((one for one in _texts(record, references) if one in shares), "")
            may = [one for one, rights in shares.get(thing, {}).items() if _may_change(rights)]
            for name in who if may else ():
                record[name] = records.chance.choice(may) if thing in seen else may[0]
            seen.add(thing)


def _repeat_rights(records: Records, shares: Mapping[str, JsonObject]) -> None:
    """Let a thing itself tell the rights of its owner, where the class writes them in one text."""
    for key, inner in shares.items():
        thing, rights = records.record(key) if records.home_of(key) else {}, [*inner.values()]
        for name in thing if rights else ():
            if _LISTED.search(records.hints.notes.get(name, "")):
                thing[name] = ",".join(str(one) for one in items_of(rights[0]) or ())


def _texts(record: JsonObject, names: Iterable[str]) -> list[str]:
    return [str(record[name]) for name in names if name in record]


def _may_change(rights: JsonValue) -> bool:
    return bool(_CHANGING & {str(one) for one in items_of(rights) or ()})
