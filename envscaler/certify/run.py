"""`envscaler certify`: test every scenario of a run, and write what came of it."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import envscaler
from envscaler.certify.alone import Part, rewards_elsewhere
from envscaler.certify.outcomes import BARS, Certificate, Criterion, Outcome
from envscaler.certify.page import page
from envscaler.certify.scenario import Subject
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.pipeline.lock import only_one
from envscaler.prompts import own_prompts
from envscaler.records import Environment, JsonObject, Scenario, Trajectory
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.verify import read_pairs
from envscaler.train.rl import environment_row, rl_row

FILES = ("envs.jsonl", "scenarios.jsonl", "rollouts.jsonl")
_ORDER = list(Criterion)


@dataclass(frozen=True, slots=True)
class _Here:
    """What plays are worth in this process, and all that it takes to play them in another."""

    scores: tuple[float | None, ...]
    part: Part


def certify(folder: Path, settings: Settings, overrides: Sequence[str] = ()) -> Certificate:
    """Test the scenarios of a run that have checks; write `certificate.json` and `.md`.

    Args:
        folder: The run, with `envs.jsonl`, `scenarios.jsonl` and perhaps `rollouts.jsonl`.
        settings: The sandbox, the reward in use, and the limits of an episode.
        overrides: What of the settings differs from the defaults, for the process of its own.

    Raises:
        ArtifactError: A file is missing or damaged, or no scenario has checks.
        IsolationError: This machine cannot isolate generated code.
    """
    with only_one(folder, make=False):
        certificate = measure(folder, settings, overrides)
        text = certificate.model_dump_json(indent=1)
        (folder / "certificate.json").write_text(f"{text}\n", encoding="utf-8")
        (folder / "certificate.md").write_text(page(certificate), encoding="utf-8")
    return certificate


def measure(folder: Path, settings: Settings, overrides: Sequence[str] = ()) -> Certificate:
    """Test the scenarios of a run, and write nothing.

    Every figure comes from executing what the files hold; nothing that is recorded is believed.
    Arguments and errors are those of `certify`.
    """
    with own_prompts(settings.prompts):
        outcomes, scenarios = asyncio.run(_test_all(folder, settings, overrides))
    return Certificate(
        envscaler=envscaler.__version__,
        files={name: _digest(folder / name) for name in FILES if (folder / name).is_file()},
        reward=settings.interact.reward,
        scenarios=scenarios,
        bars={one.value: bar for one, bar in BARS.items()},
        outcomes=tuple(outcomes),
    )


async def _test_all(
    folder: Path, settings: Settings, overrides: Sequence[str]
) -> tuple[list[Outcome], int]:
    pairs = [pair for pair in read_pairs(folder) if pair[1].checks]
    if not pairs:
        raise ArtifactError(f"{folder / 'scenarios.jsonl'} has no scenario with checks to certify")
    episodes = _episodes(folder)
    room = asyncio.Semaphore(settings.runner.workers)

    async def one(environment: Environment, scenario: Scenario) -> tuple[list[Outcome], _Here]:
        async with room:
            subject = Subject(environment, scenario, sandbox, settings)
            outcomes = await subject.test(episodes.get(scenario.id, ()))
            plays = ((), tuple(subject.reference))
            scores = await subject.scores(plays)
        row = environment_row(environment) | rl_row(scenario, environment, settings)
        return outcomes, _Here(scores, Part(row=row, plays=plays))

    async with Sandbox.start(settings.sandbox) as sandbox, asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*pair)) for pair in pairs]
    done = [task.result() for task in tasks]
    there = rewards_elsewhere([here.part for _, here in done], overrides)
    found: list[Outcome] = []
    for (_, scenario), (outcomes, here), elsewhere in zip(pairs, done, there, strict=True):
        found += sorted([*outcomes, _portable(scenario, here.scores, elsewhere)], key=_place)
    return found, len(pairs)


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
