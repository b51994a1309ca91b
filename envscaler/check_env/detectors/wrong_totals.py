"""Totals that are no sum of what they count, and answers that should contain others."""

from collections.abc import AsyncIterator, Iterator, Sequence, Set

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.wrong_answers import answer_of
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import field_names, items_of
from envscaler.environment.state.relation import View, is_number
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_TOTALS = frozenset(("total", "count", "sum", "totals", "counts", "revenue", "turnover", "stock"))
_MOST_WORDS = 6
_CASES = 12
_EQUAL = 1e-6
Case = tuple[CallRecord, str, float]
"""An answer, the group it is about, and the number in it."""
Lists = dict[tuple[str, str], tuple[CallRecord, frozenset[str]]]
"""What a tool listed, by the name and the value of its argument."""


async def wrong_totals(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a total is right for most groups and wrong for few."""
    for tool in explorer.stage.subject.tools:
        asked = explorer.ledger.answers(tool)
        if asked and _TOTALS & set(tool.split("_")):
            cases = [case for seen in asked[:_CASES] for case in _cases(seen)]
            claim = _wrong_sum(cases)
            if claim is not None:
                yield claim


def _cases(seen: CallRecord) -> Iterator[Case]:
    """Yield the numbers of an answer, each with the id or word that it is told for."""
    answer = answer_of(seen)
    given = [one for one in seen.call.arguments.values() if isinstance(one, str)]
    if isinstance(answer, dict):
        for key, value in answer.items():
            if is_number(value):
                yield seen, given[0] if len(given) == 1 else key, float(value)


def _wrong_sum(cases: Sequence[Case]) -> CandidateFinding | None:
    for path, group, field in _ways(cases):
        known = _added_up(cases, path, group, field)
        right = [case[1] for case, found in known if abs(found - case[2]) < _EQUAL]
        wrong = [(case, found) for case, found in known if abs(found - case[2]) >= _EQUAL]
        if not wrong or len({*right}) < 2 or len(wrong) > len(right):
            continue
        if _explained(known, path, group, field):
            return None
        return _claim(wrong[0], (path, group, field), len(right))
    return None


def _added_up(cases: Sequence[Case], path: str, group: str, field: str) -> list[tuple[Case, float]]:
    """Return the cases for which there is something to add up, each with its sum."""
    sums = ((case, total(case[0].before, path, group, field, case[1])) for case in cases)
    return [(case, found) for case, found in sums if found]


def _claim(wrong: tuple[Case, float], way: tuple[str, str, str], right: int) -> CandidateFinding:
    (seen, name, number), should = wrong
    path, group, field = way

    async def shows(replay: Sequence[CallRecord]) -> bool:
        now = {case[1]: case[2] for case in _cases(replay[-1])}
        expected = total(replay[-1].before, path, group, field, name)
        return name in now and expected is not None and abs(now[name] - expected) >= _EQUAL

    what = f"{field} of {path}" if field else f"the number of {path}"
    said = f"{name!r} is told as {number:g}, and {what} adds up to {should:g} there"
    said += f", as it does for {right} others"
    return CandidateFinding(FindingKind.WRONG_ANSWER, said, seen.start, seen.sequence, shows)


def _ways(cases: Sequence[Case]) -> Iterator[tuple[str, str, str]]:
    """Yield collections, fields that tell the group, and fields that may be summed; "" counts."""
    if not cases:
        return
    groups = {case[1] for case in cases}
    for path, records in View(cases[0][0].before).by_id.items():
        for group, field in _groupings([*records.values()], groups):
            yield path, group, field


def _groupings(records: Sequence[JsonObject], groups: Set[str]) -> Iterator[tuple[str, str]]:
    """Yield the fields of some records that tell the group, each with those to be summed."""
    fields = field_names(records)
    summed = [name for name in fields if all(is_number(one.get(name)) for one in records)]
    for group in fields:
        if groups & {str(record.get(group)) for record in records}:
            yield from ((group, field) for field in (*summed, ""))


def total(
    state: JsonObject,
    path: str,
    group: str,
    field: str,
    name: str,
    only: tuple[str, JsonValue] | None = None,
) -> float | None:
    """Add up a field of the records of a group, or count them; None when there are none."""
    numbers = [
        float(value) if isinstance(value, int | float) else 0.0
        for _, record in View(state).records(path)
        if str(record.get(group)) == name and (only is None or record.get(only[0]) == only[1])
        for value in [record.get(field) if field else 1]
    ]
    return sum(numbers) if numbers else None


def _explained(known: Sequence[tuple[Case, float]], path: str, group: str, field: str) -> bool:
    """Say whether leaving out the records with some word explains every number."""
    records = [record for (seen, _, _), _ in known for _, record in View(seen.before).records(path)]
    for only in _few_words(records):
        if all(
            abs((total(seen.before, path, group, field, case, only) or 0.0) - number) < _EQUAL
            for (seen, case, number), _ in known
        ):
            return True
    return False


def _few_words(records: Sequence[JsonObject]) -> Iterator[tuple[str, JsonValue]]:
    """Yield the values of the fields that have few of them."""
    for name in field_names(records):
        held = [record.get(name) for record in records]
        if len({*map(str, held)}) <= _MOST_WORDS:
            plain = (value for value in held if not isinstance(value, dict | list))
            yield from ((name, word) for word in dict.fromkeys(plain))


async def missing_members(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim as possible that one list should contain another, as it does for most arguments."""
    answers = _lists_by_argument(explorer)
    for one, inner in answers.items():
        for two, outer in answers.items():
            claim = _not_contained(inner, outer, one) if one != two else None
            if claim is not None and _related(one, two):
                yield claim


def _lists_by_argument(explorer: Explorer) -> dict[str, Lists]:
    """Return the lists of texts that tools of one argument gave, by tool, argument and state."""
    answers: dict[str, Lists] = {}
    for tool in explorer.stage.subject.tools:
        for seen in explorer.ledger.idle.get(tool, ()):
            items = items_of(answer_of(seen))
            if items is None or len(seen.call.arguments) != 1 or seen.history:
                continue
            [(name, value)] = seen.call.arguments.items()
            if all(isinstance(one, str) for one in items):
                found = answers.setdefault(f"{tool}|{name}|{seen.start}", {})
                found[name, str(value)] = seen, frozenset(map(str, items))
    return answers


def _related(one: str, two: str) -> bool:
    return one.split("|")[1:] == two.split("|")[1:]


def _not_contained(
    inner: dict[tuple[str, str], tuple[CallRecord, frozenset[str]]],
    outer: dict[tuple[str, str], tuple[CallRecord, frozenset[str]]],
    name: str,
) -> CandidateFinding | None:
    both = [(inner[key][1], outer[key]) for key in inner.keys() & outer.keys() if inner[key][1]]
    wrong = [(small, seen) for small, (seen, large) in both if not small <= large]
    right = [small for small, (_, large) in both if small <= large]
    if not wrong or len(right) < 3 or len(wrong) * 3 > len(right):
        return None
    small, seen = wrong[0]
    said = f"It leaves out {', '.join(sorted(small)[:3])}, which {name.partition('|')[0]} lists"

    async def shows(replay: Sequence[CallRecord]) -> bool:
        items = items_of(answer_of(replay[-1])) or []
        return not small <= {str(one) for one in items}

    return CandidateFinding(
        FindingKind.WRONG_ANSWER,
        f"{said}; elsewhere it has all of those",
        seen.start,
        seen.sequence,
        shows,
        severity="possible",
    )
