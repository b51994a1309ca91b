"""Limits that are fields of the records themselves: `stock at the reorder level or under it`.

The source tells which two fields are compared. One of them is put just below the other, on it and
just above; what is listed has to turn where the description says that it does.
"""

import ast
from collections.abc import AsyncIterator, Iterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.bounds import Bound, bound_in
from envscaler.check_env.detectors.listings import Question, listed_ids, question_of
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.reader import words_of
from envscaler.check_env.stated_rules.spoken import speaks_of
from envscaler.check_env.stated_rules.statements import parts_of
from envscaler.check_env.stated_rules.tables import Row, Tables, row_addresses
from envscaler.environment.code.syntax import FunctionNode
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_MOST_ASKED = 3
_MOST_ROWS = 4
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
Pair = tuple[str, str]


async def fields_as_limits(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that what lies exactly on a limit of its own is treated against what is said."""
    subject = explorer.stage.subject
    for name, tool in subject.tools.items():
        pairs = [*dict.fromkeys(compared_fields(subject.methods[name]))]
        question = question_of(explorer, name) if pairs else None
        for pair in pairs if question else ():
            bound = bound_on(tool.description, pair)
            claim = bound and question and await _claimed(explorer, question, pair, bound)
            if claim:
                yield claim
                break


def compared_fields(method: FunctionNode) -> Iterator[Pair]:
    """Yield the names of two fields of one record that a method compares by size."""
    for node in ast.walk(method):
        if (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and isinstance(node.ops[0], _ORDERS)
        ):
            left, right = _field(node.left), _field(node.comparators[0])
            if left and right and left[0] == right[0]:
                yield left[1], right[1]


def _field(node: ast.expr) -> Pair | None:
    """Return the variable and the name of a field: `drug["stock"]`, `drug.stock`."""
    match node:
        case ast.Subscript(value=ast.Name(id=base), slice=ast.Constant(value=str() as name)):
            return base, name
        case ast.Attribute(value=ast.Name(id=base), attr=name) if base != "self":
            return base, name
        case _:
            return None


def bound_on(description: str, pair: Pair) -> Bound | None:
    """Return what is said of the limit in the sentences that speak of one of two fields."""
    said = [
        one for one in parts_of(description) if any(speaks_of(one.lower(), name) for name in pair)
    ]
    return bound_in(" ".join(said)) if said else None


async def _claimed(
    explorer: Explorer, question: Question, pair: Pair, bound: Bound
) -> CandidateFinding | None:
    words = words_of(explorer.stage.subject)
    for seen in question.asked[:_MOST_ASKED]:
        tables = Tables(seen.before, words)
        for address, row in [*row_addresses(tables, question.path)][:_MOST_ROWS]:
            states = _around(seen.before, question.path, address, row, pair)
            listed = [
                await _is_listed(explorer, question, seen, state, row.key) for state in states
            ]
            turns = len(listed) == 3 and None not in listed and listed[0] != listed[2]
            if turns and listed[1] != bound.included:
                return _claim(explorer, question, seen, (states[1], row, pair), bound)
    return None


def _around(
    state: JsonObject, path: str, address: tuple[str, ...], row: Row, pair: Pair
) -> list[JsonObject]:
    one, limit = (row.fields.get(name) for name in pair)
    numbers = [each for each in (one, limit) if isinstance(each, int | float)]
    if len(numbers) < 2 or any(isinstance(each, bool) for each in numbers):
        return []
    made = [with_field(state, path, address, pair[0], numbers[1] + step) for step in (-1, 0, 1)]
    return [each for each in made if each is not None]


async def _is_listed(
    explorer: Explorer, question: Question, seen: CallRecord, state: JsonObject, key: str
) -> bool | None:
    again = await explorer.stage.repeat(state, seen.call)
    ids = listed_ids(again, question.path) if again is not None and again.succeeded else None
    return None if ids is None else key in ids


def _claim(
    explorer: Explorer,
    question: Question,
    seen: CallRecord,
    made: tuple[JsonObject, Row, Pair],
    bound: Bound,
) -> CandidateFinding:
    state, row, (name, limit) = made
    path, key = question.path, row.key
    start = explorer.stage.add(state)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        ids = listed_ids(replay[-1], path) if replay[-1].succeeded else None
        return ids is not None and (key in ids) != bound.included

    does = "leaves out" if bound.included else "lists"
    said = (
        f"It {does} {path}[{key!r}], whose {name} is exactly its {limit}; "
        f"its description says {bound.words!r}"
    )
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, start, (seen.call,), shows, severity="possible")
