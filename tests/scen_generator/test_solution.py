"""What a solution is asked to bring about, and what is left out of it."""

from random import Random

import pytest

from envscaler.config import load_settings
from envscaler.environment.dataflow.structure import structure_of
from envscaler.errors import RejectedError
from envscaler.records import Environment, Operation
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.proof.changes import Mark
from envscaler.scen_generator.proof.checked_state import scalars_in
from envscaler.scen_generator.proof.outcomes import fresh_state
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.solution import Bounds, Solution, SolutionFinder
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

ONE = Bounds(writes=(1, 1), records=(1, 9), changes=20)
WIDE = Bounds(writes=(2, 2), records=(1, 9), changes=20)


def variant(*changes: tuple[str, str]) -> Environment:
    """The harbour with other lines in its source."""
    source = ENVIRONMENT.source
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    structure = structure_of(source, "HarbourOffice")
    return ENVIRONMENT.model_copy(update={"source": source, "structure": structure})


def only(*writers: str, environment: Environment = ENVIRONMENT) -> Environment:
    structure = environment.structure.model_copy(update={"changes": writers})
    return environment.model_copy(update={"structure": structure})


def find(environment: Environment, seed: int = 1, bounds: Bounds = WIDE) -> Solution:
    async def use(sandbox: Sandbox) -> Solution:
        whole = await fresh_state(environment, Start(initial_state=STATE), sandbox)
        start = Start(initial_state=whole)
        context = SearchContext(environment, await sandbox.fresh(environment, start))
        return await SolutionFinder(context, sandbox, bounds).find(start, Random(seed), [])

    return in_sandbox(load_settings(None, ()), use)


def wanted_in(solution: Solution) -> set[object]:
    return {value for change in solution.changes for value in scalars_in(change.wanted)}


def values_of(field: str, solution: Solution) -> set[object]:
    """Return what is wanted of a field of new records."""
    wanted = [change.wanted for change in solution.changes]
    return {record[field] for record in wanted if isinstance(record, dict) and field in record}


def test_what_is_taken_from_the_clock_is_left_open() -> None:
    solution = find(only("issue_invoice"))

    assert "booking_id" in wanted_in(solution)
    assert values_of("issued_on", solution) == {str}


def test_what_is_left_to_chance_is_left_open() -> None:
    environment = variant(
        ("from datetime import date", "import random\nfrom datetime import date"),
        ('"length_m": length_m}', '"length_m": length_m, "sticker": random.random()}'),
    )

    solution = find(only("register_boat", environment=environment))

    assert "length_m" in wanted_in(solution)
    assert values_of("sticker", solution) == {Mark.ANY}


def test_what_looking_changes_is_no_part_of_it() -> None:
    environment = variant(
        (
            "self.boats: dict[str, Boat] = {}",
            "self.boats: dict[str, Boat] = {}\n        self.seen = []",
        ),
        ("needle = text.lower()", "needle = text.lower()\n        self.seen.append(needle)"),
        ('booking["note"] = note', 'booking["note"] = note\n        self.seen.append(note)'),
    )
    looks = Operation(name="find_boats", description="", kind="query")
    environment = environment.model_copy(update={"operations": (looks,)})
    assert "find_boats" in environment.structure.changes

    solution = find(only("cancel_booking", "find_boats", environment=environment), bounds=ONE)

    assert {change.path[0] for change in solution.changes} == {"bookings"}
    assert solution.outcome.spared["seen"] == (0, True)
    assert solution.left_open == ("seen: changed by queries, which may be called freely",)


def test_queries_come_first_and_writes_after() -> None:
    solution = find(only("issue_invoice"))

    names = [call.name for call in solution.calls]
    assert names[-2:] == ["issue_invoice"] * 2
    assert set(names[:-2]) <= set(ENVIRONMENT.structure.queries)
    assert len(names) > 2


@pytest.mark.parametrize(
    ("bounds", "kind"),
    [
        (Bounds(writes=(3, 3), records=(1, 9), changes=20), "no_sequence"),
        (Bounds(writes=(2, 2), records=(9, 9), changes=20), "records"),
        (Bounds(writes=(2, 2), records=(1, 9), changes=0), "changes"),
    ],
)
def test_a_sequence_outside_the_bounds_is_rejected(bounds: Bounds, kind: str) -> None:
    with pytest.raises(RejectedError) as caught:
        find(only("issue_invoice"), bounds=bounds)

    assert caught.value.kind == kind


def test_what_no_query_was_seen_to_change_has_to_stay() -> None:
    environment = variant(
        ("needle = text.lower()", "needle = text.lower()\n        below = {}\n        below[1] = 2")
    )

    solution = find(only("cancel_booking", environment=environment), bounds=ONE)

    assert solution.outcome.spared.keys() == {"bookings"}
    assert solution.left_open == ()
