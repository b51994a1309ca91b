"""What each record adds to a total, found by leaving it out.

A total of amounts, or of amounts times counts, falls by what a record holds when that record is
taken out of the state. Where it does so for most records and not for a few, it is wrong for those.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from math import prod

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.listings import answer_in, records_of
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.reduced import reduced
from envscaler.environment.state.relation import is_number
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_MOST_RECORDS = 12
_MOST_ASKED = 3
_LEAST = 2
_EQUAL = 1e-6
_SUMS = re.compile(r"\b(sum|total|how many|how much|number of|altogether|in all|add\w* up|all)\b")
_MORE = re.compile(
    r"\b(discount\w*|percent|tax\w*|fees?|late|minus|less|above|below|over|beyond|rounded|begun|"
    r"at least|at most|cap|capped|average|mean|median|maximum|minimum|highest|lowest|unique|"
    r"distinct|different)\b|%"
)
Slot = str
"""Where in an answer a number stands; empty when it is the answer."""


async def per_record(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a total leaves out, or counts twice, what a few records hold."""
    for name, tool in explorer.stage.subject.tools.items():
        said = " ".join(tool.description.lower().split())
        asked = explorer.ledger.answers(name)
        if explorer.ledger.changing.get(name) or not _SUMS.search(said) or _MORE.search(said):
            continue
        by_start = {one.start: one for one in asked if numbers_in(one.value)}
        some = [*by_start.values()][:_MOST_ASKED]
        claim = await first_claim(_uneven(explorer, seen, said) for seen in some)
        if claim is not None:
            yield claim


def numbers_in(value: JsonValue) -> dict[Slot, float]:
    """Return the numbers of an answer that is one, or a dict that has some."""
    answer = answer_in(value)
    pairs = answer.items() if isinstance(answer, dict) else [("", answer)]
    return {name: float(one) for name, one in pairs if is_number(one)}


async def _uneven(explorer: Explorer, seen: CallRecord, said: str) -> CandidateFinding | None:
    for path, records in records_of(seen.before).items():
        fields = stated_amounts(said, [*records.values()])
        if path not in seen.before or not fields or not _LEAST < len(records) <= _MOST_RECORDS:
            continue
        claim = await _odd_record(explorer, seen, path, fields)
        if claim is not None:
            return claim
    return None


async def _odd_record(
    explorer: Explorer, seen: CallRecord, path: str, fields: tuple[str, ...]
) -> CandidateFinding | None:
    """Claim that a record adds something else to a total than it holds."""
    records = records_of(seen.before)[path]
    found: dict[str, dict[Slot, float]] = {}
    for key in records:
        less = await _without(explorer, seen, path, key)
        found[key] = numbers_in(less.value) if less else {}
    for slot, whole in numbers_in(seen.value).items():
        drops = {key: whole - one[slot] for key, one in found.items() if slot in one}
        key = odd_one(drops, {one: _product(records[one], fields) for one in drops})
        if key is not None:
            return _claim(explorer, seen, (path, key, slot, fields), drops[key])
    return None


def stated_amounts(said: str, records: Sequence[JsonObject]) -> tuple[str, ...]:
    """Return the one or two fields with numbers that a description names; none if it names more."""
    names = [
        name
        for name in (records[0] if records else ())
        if all(is_number(one.get(name)) for one in records)
        and re.search(rf"\b{re.escape(singular(name).replace('_', ' '))}", said)
    ]
    return tuple(names) if 1 <= len(names) <= 2 else ()


def _product(record: JsonObject, fields: Sequence[str]) -> float:
    return prod(float(str(record[name])) for name in fields)


def odd_one(drops: Mapping[str, float], held: Mapping[str, float]) -> str | None:
    """Return a record that adds something else than it holds, where most add just that.

    Args:
        drops: By how much the total falls without each record; 0 for those that do not count.
        held: What each has.
    """
    counted = {key: drop for key, drop in drops.items() if abs(drop) > _EQUAL}
    right = [key for key, drop in counted.items() if abs(drop - held[key]) < _EQUAL]
    wrong = [key for key in counted if key not in right]
    varied = len({held[key] for key in right}) >= _LEAST
    return wrong[0] if wrong and varied and len(right) >= len(wrong) else None


async def _without(explorer: Explorer, seen: CallRecord, path: str, key: str) -> CallRecord | None:
    """Ask in the state without one record; None when that fails."""
    stage = explorer.stage
    gone = records_of(seen.before)[path][key]
    whole = stage.with_parts(seen.start, seen.before, {path: seen.before[path]})

    def stays(name: str, record: JsonObject) -> bool:
        return name != key if name else record != gone

    again = await stage.repeat(reduced(whole, path, stays), seen.call)
    return again if again is not None and again.succeeded and not again.changed else None


def _claim(
    explorer: Explorer, seen: CallRecord, what: tuple[str, str, Slot, tuple[str, ...]], drop: float
) -> CandidateFinding:
    path, key, slot, fields = what

    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        record = records_of(last.before).get(path, {}).get(key)
        less = await _without(explorer, last, path, key) if record else None
        if less is None or record is None or not last.succeeded:
            return False
        fell = numbers_in(last.value).get(slot, 0.0) - numbers_in(less.value).get(slot, 0.0)
        return abs(fell - _product(record, fields)) >= _EQUAL

    should = _product(records_of(seen.before)[path][key], fields)
    said = (
        f"{path}[{key!r}] adds {drop:g} to the {slot or 'answer'}, and its "
        f"{' times '.join(fields)} is {should:g}; most others add what they hold"
    )
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, (seen.call,), shows, severity="possible")
