"""`envscaler import FILE.py`: a class that somebody wrote becomes an environment of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from envscaler.errors import ArtifactError
from envscaler.jsonl import RowWriter, read_rows
from envscaler.published.convert import ImportReport, import_published
from envscaler.published.module import read_module, states_of
from envscaler.published.rows import Compat, build
from envscaler.records import (
    Environment,
    JsonObject,
    Row,
    Scenario,
    Skeleton,
    named_by_content,
    row_id,
)

RowT = TypeVar("RowT", bound=Row)


def import_files(
    files: Sequence[Path],
    folder: Path,
    *,
    states: Path | None = None,
    class_name: str | None = None,
    compat: Compat = "ours",
) -> ImportReport:
    """Take published files, or one module, into a run.

    Args:
        files: Published files, or one module.
        folder: The run.
        states: With a module: a JSON file with its initial states.
        class_name: With a module: the class, where it has several.
        compat: With published files: by which rules tool schemas are written.

    Raises:
        ArtifactError: A file cannot be read, or these do not go together.
        ReplyError: The class of a module cannot be read.
    """
    if len(files) == 1 and files[0].suffix == ".py":
        return import_module(files[0], folder, states, class_name)
    if any(file.suffix == ".py" for file in files):
        raise ArtifactError("a .py is imported alone; give its states with `--states FILE`")
    if states is not None or class_name is not None:
        raise ArtifactError("`--states` and `--class` go with a .py; published files hold both")
    return import_published(files, folder, compat=compat)


def import_module(
    file: Path, folder: Path, states: Path | None = None, class_name: str | None = None
) -> ImportReport:
    """Take the environment class of a module into a run.

    Args:
        file: The module.
        folder: The run. The class goes to `envs`, the states to `states`, which
            `scen_generator.states` names to have scenarios begin in them.
        states: A JSON file with initial states.
        class_name: The class, where the module has several.

    Raises:
        ArtifactError: A file cannot be read.
        ReplyError: The class cannot be read.
    """
    given = states_of(states) if states is not None else ()
    row = environment_of(read_module(file, class_name, given))
    begun = [state_row(row, index, state) for index, state in enumerate(given)]
    written = {
        "envs": add_rows(folder / "envs.jsonl", Environment, [row]),
        "states": add_rows(folder / "states.jsonl", Scenario, begun),
    }
    return ImportReport(
        written={name: count for name, count in written.items() if count},
        skipped=1 + len(begun) - sum(written.values()),
        dropped=0,
        reasons={},
        examples={},
    )


def environment_of(found: Skeleton) -> Environment:
    """Return the row of a class, named after its source."""
    fields: JsonObject = found.model_dump(mode="json")
    return build(Environment, fields | {"id": row_id("env", found.source, found.class_name)})


def state_row(row: Environment, index: int, state: JsonObject) -> Scenario:
    """Return a row that says no more than where a scenario may begin."""
    return named_by_content(
        Scenario(
            id="",
            env_id=row.id,
            kind="sft",
            index=index,
            initial_state=state,
            task="",
            checks=(),
        )
    )


def add_rows(file: Path, kind: type[RowT], rows: Sequence[RowT]) -> int:
    """Append the rows that the file does not have yet; return how many."""
    known = {one.id for one in read_rows(file, kind)} if file.is_file() else set[str]()
    new = [one for one in rows if one.id not in known]
    if new:
        with RowWriter(file) as writer:
            for one in new:
                writer.append(one)
    return len(new)
