"""`envscaler certify`: test every scenario of a run, and write what came of it.

Scenarios are tested one by one, as a stage that writes `certified.jsonl`. What looks at the set as
a whole comes behind it: exported rows are played in a process of their own, and the certificate is
put together.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import envscaler
from envscaler.certify.alone import Part, rewards_elsewhere
from envscaler.certify.outcomes import BARS, Certificate, Criterion, Outcome
from envscaler.certify.page import page
from envscaler.certify.scenario import Subject
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.pipeline.measure import Found, Measured, measure, open_measuring
from envscaler.pipeline.part import Step
from envscaler.pipeline.run import Run
from envscaler.prompts import own_prompts
from envscaler.records import Call, Environment, JsonObject, Scenario, Trajectory
from envscaler.scen_generator.proof.verify import Pairs, read_pairs, solutions_of, texts_of
from envscaler.train.rl import environment_row, rl_row

FILES = ("envs.jsonl", "scenarios.jsonl", "rollouts.jsonl")
_ORDER = list(Criterion)
_AT_ONCE = 500
"""Rows that one process of its own plays."""

Case = tuple[Environment, Scenario, tuple[Trajectory, ...]]
"""A scenario with its environment and its recorded episodes."""


class Certified(Measured):
    """`certified.jsonl`: how a scenario, whose id it has, did in all tests but portability."""

    outcomes: tuple[Outcome, ...]
    scores: tuple[float | None, ...]
    """Of the no-op and of the reference."""


def certify(folder: Path, settings: Settings) -> Certificate:
    """Test the scenarios of a run that have checks; write `certificate.json` and `.md`.

    Args:
        folder: The run, with `envs.jsonl`, `scenarios.jsonl` and perhaps `rollouts.jsonl`.
        settings: The sandbox, the reward in use, and the limits of an episode.

    Raises:
        ArtifactError: A file is missing or damaged, or no scenario has checks.
        IsolationError: This machine cannot isolate generated code.
    """

    async def whole() -> Certificate:
        async with open_measuring(folder, settings, "certify") as run:
            return write_certificate(folder, settings, await examine_all(run, folder))

    return asyncio.run(whole())


def only_certify(folder: Path, settings: Settings) -> Certificate:
    """Test the scenarios of a run, and write nothing.

    Every figure comes from executing what the files hold; nothing that is recorded is believed.
    Arguments and errors are those of `certify`.
    """

    async def whole(elsewhere: Path) -> Certificate:
        async with open_measuring(elsewhere, settings, "certify") as run:
            return certificate_of(folder, settings, await examine_all(run, folder))

    with TemporaryDirectory() as name:
        return asyncio.run(whole(Path(name)))


async def examine_all(run: Run, rows: Path) -> Found[Certified]:
    """Test scenarios, as a stage that writes `certified.jsonl`.

    Args:
        run: Where to; a shard of it tests its share.
        rows: The folder that holds the scenarios.

    Raises:
        ArtifactError: A file is missing or damaged, or no scenario has checks.
        EnvScalerError: What stopped the stage.
    """
    pairs = _checked(rows)
    settings = run.settings

    def basis(case: Case) -> Sequence[str]:
        limits = (settings.interact.reward, str(settings.interact.max_steps))
        return (*texts_of(case[:2]), *limits, *(row.model_dump_json() for row in case[2]))

    with own_prompts(settings.prompts):
        return await measure(
            run,
            _Cases(pairs, _episodes(rows)),
            run.step(_tester),
            name="certify",
            out="certified",
            kind=Certified,
            id_of=lambda case: case[1].id,
            basis=basis,
        )


def _tester(run: Run) -> Step[Case, Certified]:
    async def step(case: Case) -> Certified:
        environment, scenario, episodes = case
        subject = Subject(environment, scenario, run.sandbox, run.settings)
        outcomes = await subject.test(episodes)
        scores = await subject.scores(_plays(scenario))
        return Certified(id=scenario.id, outcomes=tuple(outcomes), scores=scores)

    return step


def write_certificate(folder: Path, settings: Settings, found: Iterable[Certified]) -> Certificate:
    """Put the certificate of a run together, and write it."""
    certificate = certificate_of(folder, settings, found)
    text = certificate.model_dump_json(indent=1)
    (folder / "certificate.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "certificate.md").write_text(page(certificate), encoding="utf-8")
    return certificate


def certificate_of(folder: Path, settings: Settings, found: Iterable[Certified]) -> Certificate:
    """Put the certificate of the scenarios in a folder together, and play their exported rows."""
    pairs = _checked(folder)
    tested = {row.id: row for row in found}
    with own_prompts(settings.prompts):
        there = _rewards_elsewhere(pairs, settings)
        outcomes = [
            outcome
            for (_, scenario), rewards in zip(pairs, there, strict=True)
            for outcome in _outcomes(scenario, tested.get(scenario.id), rewards)
        ]
    return Certificate(
        envscaler=envscaler.__version__,
        files={name: _digest(folder / name) for name in FILES if (folder / name).is_file()},
        reward=settings.interact.reward,
        scenarios=len(pairs),
        bars={one.value: bar for one, bar in BARS.items()},
        outcomes=tuple(outcomes),
    )


class _Cases:
    """Scenarios with environments and episodes; scenarios are read one by one."""

    def __init__(self, pairs: Pairs, episodes: Mapping[str, Sequence[Trajectory]]) -> None:
        self._pairs = pairs
        self._episodes = episodes

    def __iter__(self) -> Iterator[Case]:
        return ((*pair, tuple(self._episodes.get(pair[1].id, ()))) for pair in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def _checked(folder: Path) -> Pairs:
    pairs = read_pairs(folder, checked=True)
    if next(iter(pairs), None) is None:
        raise ArtifactError(f"{folder / 'scenarios.jsonl'} has no scenario with checks to certify")
    return pairs


def _plays(scenario: Scenario) -> tuple[Sequence[Call], ...]:
    solutions = solutions_of(scenario)
    return ((), tuple(solutions[0]) if solutions else ())


def _rewards_elsewhere(pairs: Pairs, settings: Settings) -> Iterator[tuple[float | None, ...]]:
    """Play the rows that `export-rl` would write, some at once, where nothing else of a run is."""
    parts = (
        Part(
            row=environment_row(environment) | rl_row(scenario, environment, settings),
            plays=tuple(map(tuple, _plays(scenario))),
        )
        for environment, scenario in pairs
    )
    chosen = [*_named(settings)]
    while some := [*islice(parts, _AT_ONCE)]:
        yield from rewards_elsewhere(some, chosen)


def _named(settings: Settings) -> Iterator[str]:
    """Write the settings that a reward depends on as `--set` takes them."""
    yield f"interact.reward={settings.interact.reward}"
    for name, value in settings.sandbox.model_dump(mode="json").items():
        yield f"sandbox.{name}={json.dumps(value)}"


def _outcomes(
    scenario: Scenario, tested: Certified | None, there: Sequence[float | None]
) -> list[Outcome]:
    """Return how a scenario did in every test; one that could not be tested has failed in all."""
    if tested is None:
        why = ("it could not be tested; dropped.jsonl says why",)
        return [
            Outcome(scenario_id=scenario.id, criterion=one, passed=False, evidence=why)
            for one in Criterion
        ]
    portable = _portable(scenario, tested.scores, there)
    return sorted([*tested.outcomes, portable], key=_place)


def _place(outcome: Outcome) -> int:
    return _ORDER.index(outcome.criterion)


def _portable(
    scenario: Scenario, here: Sequence[float | None], there: Sequence[float | None]
) -> Outcome:
    wrong = [
        f"{name} scores {was} in the run and {now} from the exported row"
        for name, was, now in zip(("the no-op", "the reference"), here, there, strict=True)
        if was != now
    ]
    measured: JsonObject = {"here": [*here], "elsewhere": [*there]}
    return Outcome(
        scenario_id=scenario.id,
        criterion=Criterion.VERIFIER_PORTABILITY,
        passed=not wrong,
        measured=measured,
        evidence=tuple(wrong),
    )


def _episodes(folder: Path) -> dict[str, list[Trajectory]]:
    path = folder / "rollouts.jsonl"
    found: dict[str, list[Trajectory]] = {}
    for row in read_rows(path, Trajectory) if path.is_file() else ():
        found.setdefault(row.scenario_id, []).append(row)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
