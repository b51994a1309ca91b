"""One shard of a run: every n-th row, made in a folder of its own inside the run folder.

A shard reads what was merged into the run and writes to `RUN/shards/i-of-n/`, so that shards share
one folder, or work in copies of it on other machines. What looks at all rows waits for the merge.
"""

import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from envscaler import __version__
from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.jsonl import RowWriter, count_rows, read_rows, write_rows
from envscaler.pipeline.kept_settings import compared, public_settings
from envscaler.pipeline.ledger import StageReport
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.made import Ids, Made
from envscaler.pipeline.part import Part, Step
from envscaler.pipeline.progress import Counted
from envscaler.records import JsonObject, Record, Row

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)

MEASURED = frozenset({"verified", "floor", "certified", "examined", "replays"})
"""Artifacts of commands that look at rows again: what is there is no reason not to look."""
DIVIDED = MEASURED | {"candidates", "skeletons", "assessments", "scenario_candidates", "rollouts"}
"""Artifacts that shards make; all others are made of them at the merge."""
LOOKING = frozenset({"verify", "verify --floor", "certify", "check-env", "rollout --from"})
"""The commands that make them."""
INPUTS = {
    "build-skel": ("given", "topics"),
    "gen-scen": ("envs",),
    "rollout": ("envs", "scenarios"),
    "eval": ("planned",),
    "check-env": ("planned",),
    "verify": ("envs", "scenarios", "planned"),
    "verify --floor": ("envs", "scenarios", "planned"),
    "certify": ("envs", "scenarios", "rollouts", "planned"),
    "rollout --from": ("envs", "scenarios", "planned"),
}
"""What the rows of a command are made from, in the run folder; `planned` is in that of a shard."""
OPTIONAL = {"gen-scen": ("states",)}
"""What they are made from where it is there."""
SHARDS = "shards"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shard:
    """Every `count`-th row, from number `index` on."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `i/n`.

        Raises:
            ConfigError: It is something else.
        """
        index, slash, count = text.partition("/")
        if not (slash and index.isdecimal() and count.isdecimal() and int(index) < int(count)):
            raise ConfigError(
                f"--shard {text} is no shard; give i/n with i from 0 to n-1, such as 0/3, 1/3, 2/3"
            )
        return cls(int(index), int(count))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def folder(self, run: Path) -> Path:
        """Say where the shard of a run works."""
        return run / SHARDS / f"{self.index}-of-{self.count}"


class ShardNote(Record):
    """What a shard was made with, in `<command>.shard.json` of its folder."""

    command: str
    index: int
    count: int
    version: str
    settings: JsonObject
    """Without secrets."""
    inputs: dict[str, str]
    """Artifact that rows were made from → hash of its file."""
    stages: tuple[str, ...]
    """On which it has worked."""
    state: Literal["begun", "done", "merged"]
    """`done`: every row of it had its turn."""

    @property
    def shard(self) -> Shard:
        """Which one it is."""
        return Shard(self.index, self.count)


class Planned(Record):
    """`<command>.planned.jsonl`: a row that all shards together make, in the order of one run."""

    stage: str
    out: str
    """The artifact."""
    id: str
    basis: str = ""
    """Fingerprint of what it is made from; empty where the id says all."""

    @property
    def key(self) -> str:
        """Name it together with what it is made from."""
        return key_of(self.id, self.basis)


def key_of(row_id: str, basis: str) -> str:
    """Name a row together with what it is made from."""
    return f"{row_id}\x1f{basis}"


def refuse_others(one: ShardNote, other: ShardNote, where: str) -> None:
    """Make sure that two shards go together.

    Raises:
        ConfigError: They are of other versions, or were made with other settings.
    """
    shards = f"shards {one.shard} and {other.shard} of {one.command} in {where}"
    if one.version != other.version:
        raise ConfigError(
            f"{shards} are of envscaler {one.version} and {other.version}; use one version for all"
        )
    mine, theirs = (
        compared(Settings.model_validate(each.settings), one.command) for each in (one, other)
    )
    for name in mine.keys() | theirs.keys():
        if mine.get(name) != theirs.get(name):
            raise ConfigError(
                f"{shards} have other settings: {name} is {mine.get(name)} in one and "
                f"{theirs.get(name)} in the other; give all the same, or use another --run"
            )


def note_path(folder: Path, command: str) -> Path:
    """Say where the note of a command is in the folder of a shard."""
    return folder / f"{_plain(command)}.shard.json"


def plan_path(folder: Path, command: str) -> Path:
    """Say where the plan of a command is in the folder of a shard."""
    return folder / f"{_plain(command)}.planned.jsonl"


def _plain(command: str) -> str:
    return command.replace(" --", "-")


def write_note(folder: Path, note: ShardNote) -> None:
    """Keep a note in the folder of a shard."""
    write_rows(note_path(folder, note.command), [note])


def fingerprint(path: Path) -> str:
    """Return the hash of a file; of nothing where there is none."""
    with path.open("rb") if path.is_file() else io.BytesIO() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shard_folders(run: Path) -> list[Path]:
    """Return the folders of all shards that have worked in a run folder."""
    return sorted((run / SHARDS).glob("*-of-*"))


def merge_mark(run: Path) -> Path:
    """Return the file that is there while a merge into the run is not finished."""
    return run / SHARDS / "merging"


class ShardPart(Part):
    """A run in which only the rows of one shard are made."""

    merges = False

    def __init__(self, run: Path, shard: Shard, command: str) -> None:
        super().__init__(shard.folder(run))
        self.run = run
        self.shard = shard
        self._command = command

    def path(self, name: str) -> Path:
        """Say where an artifact is: what this shard makes is in its folder."""
        if name == "planned":
            return plan_path(self.folder, self._command)
        made = MEASURED if self._command in LOOKING else DIVIDED
        own = name.partition("-")[0] in made or name in {"dropped", "given"}
        return (self.folder if own else self.run) / f"{name}.jsonl"

    def others(self) -> list[Path]:
        """Return the folders of shards of another number, whose rows need not be made again."""
        ending = f"-of-{self.shard.count}"
        return [each for each in shard_folders(self.run) if not each.name.endswith(ending)]

    def unmerged(self) -> list[Path]:
        """Return those of them that have worked on the command since the last merge of it."""
        notes = ((each, note_path(each, self._command)) for each in self.others())
        read = ((each, next(read_rows(path, ShardNote))) for each, path in notes if path.is_file())
        found = [each for each, note in read if note.state != "merged"]
        self._wait_for_none(found)
        return found

    @staticmethod
    def _wait_for_none(folders: Iterable[Path]) -> None:
        for each in folders:
            with only_one(each, shared=True):
                pass  # nobody writes there any more, and nobody will: it is of another number

    def stores(self, name: str) -> list[Path]:
        """Return the stores that hold replies which were paid for already."""
        return [path for each in (self.run, *self.others()) if (path := each / name).is_file()]

    def rows(
        self,
        rows: Iterable[InT],
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
        made_from: Callable[[OutT], str] | None = None,
    ) -> Iterable[InT]:
        """Take the rows of this shard, but those that were merged already."""
        merged = self.run / f"{out}.jsonl"
        there = read_rows(merged, kind) if out not in MEASURED and count_rows(merged) else ()
        done = Ids(made_from(row) if made_from else row.id for row in there)
        own = islice(rows, self.shard.index, None, self.shard.count)
        share = (row for row in own if id_of(row) not in done)
        if not isinstance(rows, Sized):
            return share
        return Counted(share, len(range(self.shard.index, len(rows), self.shard.count)))

    def step(  # noqa: PLR0913 (those of `Run.stage`)
        self,
        step: Step[InT, OutT],
        name: str,
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
        made_from: Callable[[OutT], str] | None = None,
        *,
        divided: bool,
    ) -> Step[InT, OutT]:
        """Return a step that takes a row which a shard of another number has made."""
        del divided
        if out in MEASURED or out.partition("-")[0] not in DIVIDED:
            return step
        folders = self.others()
        self._wait_for_none(folders)
        made = Made(folders, name, out, kind, made_from)

        async def take_or_make(row: InT) -> OutT:
            found = made.row(id_of(row))
            return await step(row) if found is None else found

        return take_or_make

    def waits(self, what: str) -> bool:
        """Say that what comes next looks at all rows."""
        _LOG.info(
            "Shard %s has come to its end. %s at the merge: "
            "`envscaler merge %s`, once all shards have", self.shard, what, self.run,
        )  # fmt: skip
        return True

    def plan(self, rows: Iterable[Planned]) -> None:
        """Keep what all shards together make, for the merge; a stage after the other."""
        with RowWriter(self.path("planned")) as writer:
            for row in rows:
                writer.append(row)

    def begin(self, settings: Settings) -> ShardNote:
        """Note what this shard is made with.

        Raises:
            ConfigError: A merge into the run was not finished, or another shard was made with
                other settings or by another version.
        """
        if merge_mark(self.run).exists():
            raise ConfigError(
                f"A merge into {self.run} was not finished; run the same `envscaler merge` again"
            )
        note = ShardNote(
            command=self._command,
            index=self.shard.index,
            count=self.shard.count,
            version=__version__,
            settings=public_settings(settings),
            inputs={},
            stages=(),
            state="begun",
        )
        for other in self._notes(self._command):
            refuse_others(note, other, str(self.run))
        self.path("planned").unlink(missing_ok=True)
        write_note(self.folder, note)
        return note

    def end(self, note: ShardNote, reports: Sequence[StageReport]) -> None:
        """Note what was done, and whether every row of the shard had its turn."""
        inputs = {name: fingerprint(self.path(name)) for name in INPUTS[note.command]}
        done = not any(each.waiting for each in reports)
        now = {
            "inputs": inputs,
            "stages": tuple(each.name for each in reports),
            "state": "done" if done else "begun",
        }
        write_note(self.folder, note.model_copy(update=now))

    def _notes(self, command: str) -> Iterator[ShardNote]:
        for folder in shard_folders(self.run):
            path = note_path(folder, command)
            if folder != self.folder and path.is_file():
                yield from (note for note in read_rows(path, ShardNote) if note.state != "merged")
