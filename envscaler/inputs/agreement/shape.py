"""Which records there are, and under which keys: lines of a whole, results of what is done."""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import cast

from pydantic import JsonValue

from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import items_of, stem_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.scenes import is_place_of
from envscaler.inputs.agreement.standing import statuses
from envscaler.records import JsonObject

_LINES = frozenset(["charge", "line", "item", "payment"])
"""Words for records of which there are more than of what they are about; so are scenes."""
_MORE = 0.75
"""How many more of them there are, as a share."""
_RESULTS = frozenset(["result", "results", "repository", "output", "outcome"])
_DONE = frozenset(("completed", "complete", "done", "finished"))
_MADE_UP = re.compile(r"([a-z_]+)-(\d+)")
_NOT_YET_KNOWN = re.compile(r"^(next|current|last)_\w*id$")


def with_more_lines(state: JsonObject, hints: Hints) -> JsonObject:
    """Return an invented state with more lines than wholes, and all fields that the class writes.

    Args:
        state: With the ids of `invent_state`, such as `charge-1`.
        hints: What the class tells about its records.
    """
    found = {name: value for name, value in state.items() if not _is_unknown(name, value)}
    kinds = {singular(name): name for name in found}
    for name, value in found.items():
        if isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()):
            records = _under_own_keys(cast("dict[str, JsonObject]", value), name)
            found[name] = _longer(_whole(records, hints, kinds, found), name, kinds, found)
    return found


def _under_own_keys(records: dict[str, JsonObject], name: str) -> dict[str, JsonObject]:
    """Return lines of an order under their own ids, where they lie under those of orders."""
    kind = singular(name)
    own = f"{kind.rpartition('_')[2]}_id"
    owners = {*records} & {str(one.get(field)) for one in records.values() for field in one}
    if own == f"{kind}_id" or not owners or not all(own in one for one in records.values()):
        return records
    ids = (f"{kind}-{turn + 1}" for turn in range(len(records)))
    return {key: {**one, own: key} for key, one in zip(ids, records.values(), strict=True)}


def _is_unknown(name: str, value: JsonValue) -> bool:
    """Say whether an attribute is the id of a record that the class itself puts there."""
    return isinstance(value, str) and _NOT_YET_KNOWN.match(name) is not None


def _whole(
    records: Mapping[str, JsonObject], hints: Hints, kinds: Mapping[str, str], state: JsonObject
) -> dict[str, JsonObject]:
    """Return records with those references that the class writes, though it declares none."""
    ids = _undeclared({*next(iter(records.values()), JsonObject())}, hints, kinds, state)
    found: dict[str, JsonObject] = {}
    for turn, (key, record) in enumerate(records.items()):
        known = {name: keys[(3 * turn + 1) % len(keys)] for name, keys in ids.items()}
        found[key] = {**record, **known}
    return found


def _undeclared(
    fields: set[str], hints: Hints, kinds: Mapping[str, str], state: JsonObject
) -> dict[str, list[str]]:
    """Return the references that the class writes beside some fields, with the ids there are."""
    written = next((one for one in hints.examples if fields and fields <= one.keys()), None)
    homes = {
        name: state[kinds.get(stem_of(name) or "", "")]
        for name in written or ()
        if name not in fields and stem_of(name) in kinds
    }
    return {name: [*home] for name, home in homes.items() if isinstance(home, dict) and home}


def _longer(
    records: dict[str, JsonObject], name: str, kinds: Mapping[str, str], state: JsonObject
) -> JsonObject:
    """Return records with more of them, where they are lines of something."""
    found: JsonObject = {**records}
    keys = [key for key in records if _MADE_UP.fullmatch(key)]
    is_line = bool(_LINES & {*singular(name).split("_")}) or _are_scenes(name, kinds)
    for turn, key in enumerate(keys[: round(len(keys) * _MORE)] if is_line else ()):
        new = f"{singular(name)}-{len(found) + 1}"
        found[new] = {
            field: new if value == key else _another(value, 3 * turn + 2, kinds, state)
            for field, value in records[key].items()
        }
    return found


def _are_scenes(name: str, kinds: Iterable[str]) -> bool:
    """Say whether accidents happen at what an attribute holds, beside which some are quiet."""
    last = singular(name).split("_")[-1]
    return any(is_place_of(kind.split("_"), last) for kind in kinds)


def _another(value: JsonValue, turn: int, kinds: Mapping[str, str], state: JsonObject) -> JsonValue:
    """Return a reference to another record of the same kind; anything else as it is."""
    made_up = _MADE_UP.fullmatch(value) if isinstance(value, str) else None
    home = state.get(kinds.get(made_up[1], "")) if made_up else None
    if isinstance(home, dict) and value in home:
        return [*home][turn % len(home)]
    return deepcopy(value)


def settle_shape(records: Records) -> None:
    """Keep results of what is done only, and put records under the keys that they are sought by."""
    for table in records.tables:
        _drop_results(records, table)
        _put_under_owner(records, table)
        _key_by_fields(records, table)


def _drop_results(records: Records, table: Table) -> None:
    """Leave results of what is done, and let them say what the record itself says."""
    value = records.state[table.name]
    if not _RESULTS & {*table.words} or not isinstance(value, dict):
        return
    for key, record in zip(table.keys, table.records, strict=True):
        home = records.home_of(key)
        if home is None or home is table:
            continue
        owner = records.record(key)
        if statuses(home, owner) and not statuses(home, owner) & _DONE:
            value.pop(cast("str", key), None)
        _repeat_result(owner, record)


def _repeat_result(owner: JsonObject, record: JsonObject) -> None:
    """Let a result say what the record itself says that it is of."""
    texts = [one for name, one in owner.items() if name.startswith("result") and one]
    record.update({name: texts[0] for name in record if texts and "text" in name.split("_")})


def _put_under_owner(records: Records, table: Table) -> None:
    """Put records without an id of their own under that by which the class looks them up."""
    value, references = records.state[table.name], records.references(table)
    sought = [name for name in references if table.name in records.hints.holders.get(name, ())]
    has_id = any(
        key in record.values() for key, record in zip(table.keys, table.records, strict=True)
    )
    if (
        has_id
        or len(sought) != 1
        or not isinstance(value, dict)
        or any(map(items_of, value.values()))
    ):
        return
    records.state[table.name] = {str(record[sought[0]]): record for record in table.records}


def _key_by_fields(records: Records, table: Table) -> None:
    """Let a key of several parts be those of its record, each of them once."""
    value = records.state[table.name]
    pairs = value.get("$dict") if isinstance(value, dict) else None
    found: dict[str, list[JsonValue]] = {}
    for pair in pairs if isinstance(pairs, list) else ():
        key, record = cast("tuple[JsonValue, JsonObject]", pair)
        parts = items_of(key) or []
        texts = [one for one in record.values() if isinstance(one, str)][: len(parts)]
        own: JsonValue = {"$tuple": [*texts]} if parts and len(texts) == len(parts) else key
        found.setdefault(repr(own), [own, record])
    if found:
        records.state[table.name] = {"$dict": [*found.values()]}
