"""Put the shards of a run together, command by command, into the artifacts of one run.

Before anything is written, all notes of the shards are compared: each shard once, none missing,
each at its end, one version, one set of settings, the same inputs.
"""

import logging
import shutil
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from envscaler import __version__
from envscaler.certify.run import Certified, write_certificate
from envscaler.check_env.stage import Examined
from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.interact.replay import Replay
from envscaler.interact.rollout import rollout
from envscaler.jsonl import read_rows
from envscaler.llm.models import STORE
from envscaler.llm.store import Store
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.measure import Found, Measured, keep_unfinished, open_measured
from envscaler.pipeline.merged import MergedPart
from envscaler.pipeline.opening import open_merge
from envscaler.pipeline.run import Run
from envscaler.pipeline.shards import (
    INPUTS,
    LOOKING,
    Planned,
    Shard,
    ShardNote,
    fingerprint,
    merge_mark,
    note_path,
    plan_path,
    refuse_others,
    shard_folders,
    write_note,
)
from envscaler.records import Row, Task, Trajectory
from envscaler.scen_generator.distinct import distinct_chains
from envscaler.scen_generator.generate import gen_scen
from envscaler.scen_generator.proof.floor import Floor
from envscaler.scen_generator.proof.verify import Verified
from envscaler.scen_generator.shortfalls import shortfalls
from envscaler.skel_builder.build import build_from

_LOG = logging.getLogger(__name__)
_GIVEN = "given.jsonl"


@dataclass(frozen=True, slots=True)
class _Found:
    """A shard of one command."""

    folder: Path
    note: ShardNote

    def __str__(self) -> str:
        return f"shard {self.note.shard} ({self.folder})"


@dataclass(frozen=True, slots=True)
class Merge:
    """The merge of one command."""

    command: str
    into: Path
    whole: tuple[_Found, ...]
    """Every shard of one number."""
    others: tuple[_Found, ...]
    """Shards of other numbers, which count where they made something."""

    def opened(self) -> AbstractAsyncContextManager[Run]:
        """Open the run for it."""
        stages = {name for each in self.whole for name in each.note.stages}
        part = MergedPart(self.into, self._folders(), stages)
        if self.command in LOOKING:
            return open_measured(part, self.settings, self.command)
        return open_merge(part, self.settings, self.command)

    async def work(self, run: Run) -> None:
        """Make the artifacts."""
        await _WORK[self.command](run, self.whole[0].folder)

    def finished(self) -> str:
        """Take over the replies, and note that these shards are merged.

        Returns:
            What to do next.
        """
        stores = [each.folder / STORE for each in (*self.whole, *self.others)]
        if any(path.is_file() for path in stores):
            with Store(self.into / STORE) as store:
                for path in stores:
                    _take_replies(path, store)
        if (self.whole[0].folder / _GIVEN).is_file():
            shutil.copyfile(self.whole[0].folder / _GIVEN, self.into / _GIVEN)
        for each in (*self.whole, *self.others):
            write_note(each.folder, each.note.model_copy(update={"state": "merged"}))
        return self._next()

    @property
    def settings(self) -> Settings:
        """With what all shards were made; in order, without limits."""
        kept = Settings.model_validate(self.whole[0].note.settings)
        runner = kept.runner.model_copy(update={"ordered": True, "stop_window": 0})
        return kept.model_copy(update={"runner": runner})

    def _folders(self) -> list[Path]:
        """Return where rows are taken from.

        Shards of a planned command have taken over what holds of those of other numbers.
        """
        planned = "planned" in INPUTS[self.command]
        return [each.folder for each in (*self.whole, *(() if planned else self.others))]

    def _next(self) -> str:
        if self.command == "eval":
            return (
                f"{len(self.whole)} shards of eval are merged in {self.into}; the same command "
                "without --shard prints the table, and plays nothing"
            )
        if self.command == "build-skel" and "write" not in self.whole[0].note.stages:
            return (
                f"Topics are selected among all candidates in {self.into}; run the same commands "
                "again, and each shard builds its part of them"
            )
        return f"{len(self.whole)} shards of {self.command} are merged in {self.into}"


@contextmanager
def merging(runs: Sequence[Path], into: Path) -> Generator[list[Merge]]:
    """Find what is to be merged, and keep others out of the run meanwhile.

    Args:
        runs: Folders in which shards have worked.
        into: Where to; begun as a copy of the first of `runs` where there is nothing.

    Raises:
        ConfigError: Shards are missing, not at their end, twice there, or do not go together;
            or somebody works in one of the folders.
        ArtifactError: A file is not what it should be.
    """
    notes = [note for run in dict.fromkeys(runs) for note in _notes(run)]
    open_ones = {name: [each for each in notes if each.note.command == name] for name in INPUTS}
    wanted = [name for name, found in open_ones.items() if _is_open(found)]
    if not wanted:
        raise ConfigError(f"{', '.join(map(str, runs))}: {_nothing(notes)}")
    merges = [_checked(name, open_ones[name], into) for name in wanted]
    with ExitStack() as stack:
        for folder in dict.fromkeys(path.absolute() for path in (*runs, into)):
            stack.enter_context(only_one(folder))
        _begin(runs[0], into)
        _check_inputs(into, merges[0])
        mark = merge_mark(into)
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        yield merges
        mark.unlink()


def _notes(run: Path) -> Iterator[_Found]:
    if not run.is_dir():
        raise ConfigError(f"{run} is no folder; give run folders in which shards have worked")
    for folder in shard_folders(run):
        for command in INPUTS:
            path = note_path(folder, command)
            if path.is_file():
                yield _Found(folder, next(read_rows(path, ShardNote)))


def _is_open(found: Sequence[_Found]) -> bool:
    return any(each.note.state != "merged" for each in found)


def _nothing(notes: Sequence[_Found]) -> str:
    if notes:
        return "all shards are merged already"
    return "no shard has worked there; make some with `--shard i/n`"


def _checked(command: str, found: Sequence[_Found], into: Path) -> Merge:
    whole = _whole(command, found)
    others = tuple(each for each in found if each not in whole and each.note.state != "merged")
    if whole[0].note.version != __version__:
        raise ConfigError(
            f"{command}: {whole[0]} was made by envscaler {whole[0].note.version}, this is "
            f"{__version__}; merge with the version that made it"
        )
    for each in (*whole, *others):
        _check_alike(whole[0], each)
    return Merge(command, into, whole, others)


def _whole(command: str, found: Sequence[_Found]) -> tuple[_Found, ...]:
    """Return the shards of the one number of which there is each, at its end, once."""
    by_shard = _by_shard(command, found)
    problems: list[str] = []
    for count in sorted({shard.count for shard in by_shard}):
        shards = [Shard(index, count) for index in range(count)]
        there = [by_shard[each] for each in shards if each in by_shard]
        if not _is_open(there):
            continue
        lacking = [f"shard {each} is missing" for each in shards if each not in by_shard]
        lacking += _unended(there)
        if not lacking:
            return tuple(there)
        problems += lacking
    raise ConfigError(f"{command}: {', '.join(problems)}; run what is missing, then merge")


def _by_shard(command: str, found: Sequence[_Found]) -> dict[Shard, _Found]:
    by_shard: dict[Shard, _Found] = {}
    for each in found:
        if (other := by_shard.setdefault(each.note.shard, each)) is not each:
            raise ConfigError(f"{command}: {other} is given twice, also as {each.folder}")
    return by_shard


def _unended(shards: Sequence[_Found]) -> list[str]:
    begun = (each.note.shard for each in shards if not _is_ended(each, shards))
    return [f"shard {each} has not come to its end" for each in begun]


def _is_ended(shard: _Found, all_of_them: Sequence[_Found]) -> bool:
    """Say whether a shard is done, and not only with what was merged before."""
    note = shard.note
    now = [each.note for each in all_of_them if each.note.state == "done"]
    if note.state != "merged":
        return note.state == "done"
    return all((note.inputs, note.settings) == (each.inputs, each.settings) for each in now)


def _check_alike(one: _Found, other: _Found) -> None:
    refuse_others(one.note, other.note, str(other.folder.parents[1]))
    if other.note.state != "begun" and one.note.inputs != other.note.inputs:
        raise ConfigError(
            f"{one.note.command}: {one} and {other} were not given the same rows; give both the "
            "same input and run them again"
        )


def _begin(first: Path, into: Path) -> None:
    """Give a new run what the shards were given."""
    if any(into.glob("*.jsonl")) or first == into:
        return
    for path in first.glob("*.jsonl"):
        shutil.copyfile(path, into / path.name)
    if (first / "settings").is_dir():
        shutil.copytree(first / "settings", into / "settings", dirs_exist_ok=True)
    if (first / STORE).is_file():
        with Store(into / STORE) as store:
            _take_replies(first / STORE, store)


def _check_inputs(into: Path, first: Merge) -> None:
    """Make sure that the run holds what the shards of the first command were given."""
    note = first.whole[0].note
    for name, known in note.inputs.items():
        merged_later = name in {"given", "planned"} or "mine" in note.stages
        if not merged_later and fingerprint(into / f"{name}.jsonl") != known:
            raise ConfigError(
                f"{into / f'{name}.jsonl'} is not what the shards of {first.command} were given; "
                "merge into the run that they were begun from"
            )


def _take_replies(path: Path, store: Store) -> None:
    if path.is_file():
        with Store(path) as other:
            store.put_all(other.replies())


async def _build_skel(run: Run, shard: Path) -> None:
    await build_from(run, read_rows(shard / _GIVEN, Task), run.embed)


async def _gen_scen(run: Run, shard: Path) -> None:
    del shard
    await gen_scen(run)
    if chains := distinct_chains(run):
        _LOG.warning("%s", chains)
    for each in shortfalls(run):
        _LOG.warning("%s", each)


async def _rollout(run: Run, shard: Path) -> None:
    del shard
    await rollout(run)


@dataclass(frozen=True, slots=True)
class _Planned:
    """Takes what shards have made of a plan, a stage after the other."""

    command: str
    kind: type[Row]

    async def __call__(self, run: Run, shard: Path) -> None:
        plan = Found(plan_path(shard, self.command), Planned)
        for stage, out in dict.fromkeys((row.stage, row.out) for row in plan):
            rows = partial(self._of_stage, plan, stage)
            if issubclass(self.kind, Measured):
                keep_unfinished(run, out, self.kind, rows)
            await run.stage(
                rows(),
                self._none,
                name=stage,
                out=out,
                kind=self.kind,
                id_of=lambda row: row.id,
                divided=True,
            )

    @staticmethod
    def _of_stage(plan: Iterable[Planned], stage: str) -> Iterator[Planned]:
        return (row for row in plan if row.stage == stage)

    async def _none(self, row: Planned) -> Row:
        raise ArtifactError(f"{self.command}: no shard has made {row.id}; run the shards again")


async def _certify(run: Run, shard: Path) -> None:
    await _Planned("certify", Certified)(run, shard)
    write_certificate(run.folder, run.settings, read_rows(run.path("certified"), Certified))


_WORK: dict[str, Callable[[Run, Path], Awaitable[None]]] = {
    "build-skel": _build_skel,
    "gen-scen": _gen_scen,
    "rollout": _rollout,
    "eval": _Planned("eval", Trajectory),
    "check-env": _Planned("check-env", Examined),
    "verify": _Planned("verify", Verified),
    "verify --floor": _Planned("verify --floor", Floor),
    "certify": _certify,
    "rollout --from": _Planned("rollout --from", Replay),
}
