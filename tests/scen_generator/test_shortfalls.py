"""What is missing of a tier, and whether it is said truly why."""

from pathlib import Path

from envscaler.config import ScenGeneratorSettings, Settings
from envscaler.jsonl import write_rows
from envscaler.pipeline.run import Run
from envscaler.records import Dropped, Scenario, Shape
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.shortfalls import (
    FILLED_UP,
    ROUNDS,
    Shortfall,
    round_of,
    shortfalls,
    still_wanted,
)
from envscaler.scen_generator.spec import spec_for
from tests.scen_generator.running import ENVIRONMENT, in_sandbox, make_scenario

SHAPE = Shape(tier=1, calls=2, writes=1, look_ups=1, dependent=0, hops=1, branches=0, distractors=3)


def _settings(settings: Settings) -> Settings:
    changed: ScenGeneratorSettings = settings.scen_generator.model_copy(
        update={
            "strategy": "solution_first",
            "phrasing": "template",
            "tiers": (1, 2),
            "per_tier": 2,
        }
    )
    return settings.model_copy(update={"scen_generator": changed})


def _found(
    folder: Path, settings: Settings, kinds: dict[int, str], made: int = 1
) -> list[Shortfall]:
    """Return what is missing where one of tier 1 is kept, `made` were made, and rows were dropped.

    Args:
        folder: Of the run.
        settings: Two of each of the first two tiers are wanted.
        kinds: Index of a row → why it was dropped.
        made: How many of tier 1.
    """
    settings = _settings(settings)
    rows = [
        make_scenario().model_copy(update={"id": f"s{at}", "index": at, "shape": SHAPE})
        for at in range(made)
    ]
    write_rows(folder / "envs.jsonl", [ENVIRONMENT])
    write_rows(folder / "scenario_candidates.jsonl", rows)
    write_rows(folder / "scenarios.jsonl", rows[:1])
    clock = settings.scen_generator.clock
    write_rows(
        folder / "dropped.jsonl",
        [
            Dropped(
                id=spec_for(ENVIRONMENT, at, clock, settings.seed).id,
                stage="gen-scen",
                kind=kind,
                reason="-",
            )
            for at, kind in kinds.items()
        ],
    )

    async def use(sandbox: Sandbox) -> list[Shortfall]:
        return shortfalls(Run(folder, settings, {}, sandbox))

    return in_sandbox(settings, use)


def test_a_search_that_ended_is_not_called_exhausted(tmp_path: Path, settings: Settings) -> None:
    first, second = _found(tmp_path, settings, {0: "budget", 1: "budget", 3: "exhausted"})

    assert (first.tier, first.kept, first.spent) == (1, 1, "budget")
    assert second.spent == "budget"
    assert "exhausted" not in f"{first}{second}"
    assert "the budget of the search was spent" in str(first)


def test_a_class_in_which_nothing_can_be_asked_for_is_exhausted(
    tmp_path: Path, settings: Settings
) -> None:
    first, second = _found(tmp_path, settings, {1: "exhausted", 3: "exhausted"})

    assert first.spent == "budget"  # nothing says that there are no more
    assert str(second) == (
        "HarbourOffice is exhausted: 0 of 2 scenarios of tier 2; nothing can be asked for in it"
    )


def test_a_class_without_a_state_to_begin_in_is_told_of_in_one_line(
    tmp_path: Path, settings: Settings
) -> None:
    kinds = dict.fromkeys(range(4), "no_state")

    first, second = _found(tmp_path, settings, kinds)

    assert "import FILE.py --states STATES.json" in str(first)
    assert str(first) == str(second)


def test_what_was_left_out_as_too_close_is_told(tmp_path: Path, settings: Settings) -> None:
    first, _ = _found(tmp_path, settings, {}, made=4)

    assert first.duplicates == 3
    assert "3 more were too close to others" in str(first)


def test_without_a_number_nothing_is_missing(tmp_path: Path, settings: Settings) -> None:
    write_rows(tmp_path / "scenarios.jsonl", list[Scenario]())

    async def use(sandbox: Sandbox) -> list[Shortfall]:
        return shortfalls(Run(tmp_path, settings, {}, sandbox))

    assert in_sandbox(settings, use) == []


def test_no_more_are_looked_for_where_nearly_all_were_in_vain() -> None:
    first_refill = FILLED_UP + 1

    assert still_wanted(100, 40, first_refill) == 40
    assert still_wanted(100, 2, first_refill) == 0
    assert still_wanted(5, 0, first_refill) == 5


def test_the_last_rounds_look_for_twice_what_the_round_before_has_brought() -> None:
    last = ROUNDS - 1

    assert still_wanted(100, 40, last, latest=12) == 24
    assert still_wanted(100, 90, last, latest=12) == 10
    assert still_wanted(100, 40, last, latest=0) == 0


def test_of_many_that_are_wanted_a_few_are_looked_for_at_first() -> None:
    assert still_wanted(100, 0, 0) < 50
    assert still_wanted(5, 0, 0) == 5


def test_no_more_new_chains_are_looked_for_than_were_found() -> None:
    assert still_wanted(100, 20, FILLED_UP) == 20
    assert still_wanted(100, 70, FILLED_UP) == 30
    assert still_wanted(20, 3, FILLED_UP) == 5


def test_a_scenario_is_of_the_round_in_which_its_place_was_looked_for(settings: Settings) -> None:
    tiered = _settings(settings).scen_generator
    row = make_scenario()

    rounds = [round_of(tiered, row.model_copy(update={"index": at})) for at in (0, 3, 4, 9)]

    assert rounds == [0, 0, 1, 2]
    assert round_of(settings.scen_generator, row.model_copy(update={"index": 9})) == 0
