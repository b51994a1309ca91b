"""Refusals that come after the change, in states made so that a call that succeeded is refused.

The records that a call is about are given a number that is too small, one field at a time: a hall
without seats, an account without money. A call that is refused then must have left all as it was.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from envscaler.check_env.anomalies import is_told
from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.reader import words_of
from envscaler.check_env.stated_rules.tables import Row, Tables, row_addresses
from envscaler.environment.state.relation import is_number
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_MOST_CALLS = 3
_MOST_STATES = 24


async def late_refusals(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a call changes something before it is refused."""
    words = words_of(explorer.stage.subject)
    for seen in explorer.ledger.changing.values():
        alone = [one for one in seen if not one.history and one.start < explorer.given]
        some = _different(alone)[:_MOST_CALLS]
        claim = await first_claim(_refused_late(explorer, one, words) for one in some)
        if claim is not None:
            yield claim


def _different(seen: Sequence[CallRecord]) -> list[CallRecord]:
    return [*{one.call.model_dump_json(): one for one in reversed(seen)}.values()][::-1]


async def _refused_late(
    explorer: Explorer, seen: CallRecord, words: frozenset[str]
) -> CandidateFinding | None:
    for state, field in islice(_poorer(seen, words), _MOST_STATES):
        again = await explorer.stage.repeat(state, seen.call)
        if again is None or is_told(again, explorer.stage.subject):
            continue
        if again.refused and again.changed:
            explorer.stage.add(state)
            return _claim(again, field)
    return None


def _poorer(seen: CallRecord, words: frozenset[str]) -> Iterator[tuple[JsonObject, str]]:
    """Yield states in which a number of a record that a call is about is 0."""
    tables = Tables(seen.before, words)
    given = {str(one) for one in seen.call.arguments.values() if isinstance(one, str | int)}
    for path in tables.tables:
        for address, row in row_addresses(tables, path):
            for name in _amounts(row) if row.key in given else ():
                state = with_field(seen.before, path, address, name, 0)
                if state is not None:
                    yield state, f"{path}[{row.key!r}].{name}"


def _amounts(row: Row) -> list[str]:
    """Name the fields of a record that are numbers other than 0, and do not name it."""
    return [
        name
        for name, value in row.fields.items()
        if is_number(value)
        and value != 0
        and not (name == "id" or name.endswith(("_id", "number", "_no")))
    ]


def _claim(seen: CallRecord, field: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].refused and replay[-1].changed

    where = ", ".join(seen.changed_paths[:3])
    said = f"Where {field} is 0, the call was refused and changed {where}"
    kind = FindingKind.REFUSED_CALL_CHANGED_STATE
    return CandidateFinding(kind, said, seen.start, (seen.call,), shows)
