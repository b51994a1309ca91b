"""Rows of task files: JSONL, JSON, text, CSV, parquet, and data sets of the Hugging Face Hub."""

import csv
import gzip
import io
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Protocol, TextIO, cast

from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_objects
from envscaler.records import JsonObject

HUB = "hf:"
"""In front of the name of a data set."""


class _Batch(Protocol):
    def to_pylist(self) -> list[JsonObject]: ...


class _ParquetFile(Protocol):
    def iter_batches(self) -> Iterable[_Batch]: ...


class _Parquet(Protocol):
    def ParquetFile(self, path: Path, /) -> _ParquetFile: ...  # noqa: N802 (its name)


class _DataSets(Protocol):
    def load_dataset(
        self, name: str, /, *, split: str, streaming: bool
    ) -> Iterable[JsonObject]: ...


def read_task_rows(source: str | Path) -> Iterator[JsonObject]:
    """Yield the rows of a file one at a time.

    Args:
        source: A path, `.gz` too for what is text; the ending decides: `.txt` (a task in each
            line), `.csv` and `.tsv` (the first line names the columns), `.parquet`, anything else
            as JSONL or JSON. Or `hf:NAME`, `hf:NAME:SPLIT` (train where none is given).

    Raises:
        ArtifactError: It is missing or unreadable.
        ConfigError: It needs a package that is not installed; says which.
    """
    if str(source).startswith(HUB):
        return _hub_rows(str(source).removeprefix(HUB))
    path = Path(source)
    ending = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    return _READERS.get(ending, read_objects)(path)


def _lines(path: Path) -> Iterator[JsonObject]:
    with _text(path) as file:
        for line in file:
            if line.strip():
                yield {"task": line.strip()}


def _table(path: Path, delimiter: str) -> Iterator[JsonObject]:
    with _text(path) as file:
        csv.field_size_limit(sys.maxsize)
        rows = csv.DictReader(file, delimiter=delimiter, strict=True)
        try:
            for row in rows:
                yield {name: value for name, value in row.items() if isinstance(value, str)}
        except csv.Error as error:
            raise ArtifactError(f"{path}:{rows.line_num} is not CSV: {error}") from error


def _comma_table(path: Path) -> Iterator[JsonObject]:
    return _table(path, ",")


def _tab_table(path: Path) -> Iterator[JsonObject]:
    return _table(path, "\t")


def _parquet(path: Path) -> Iterator[JsonObject]:
    _check_is_there(path)
    library = cast("_Parquet", _needed("pyarrow.parquet", str(path)))
    try:
        for batch in library.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except (OSError, ValueError) as error:  # pyarrow's own errors are both
        raise ArtifactError(f"{path} is not parquet: {' '.join(str(error).split())}") from error


def _hub_rows(name: str) -> Iterator[JsonObject]:
    library = cast("_DataSets", _needed("datasets", f"{HUB}{name}"))
    data_set, _, split = name.partition(":")
    try:
        yield from library.load_dataset(data_set, split=split or "train", streaming=True)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{HUB}{name} cannot be read: {reason}") from error


def _needed(module: str, source: str) -> object:
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigError(f"{source} needs {package}: pip install {package}") from error


_READERS: dict[str, Callable[[Path], Iterator[JsonObject]]] = {
    ".txt": _lines,
    ".csv": _comma_table,
    ".tsv": _tab_table,
    ".parquet": _parquet,
}
"""Ending of a file, without `.gz` → what reads it."""


def _check_is_there(path: Path) -> None:
    if not path.is_file():
        raise ArtifactError(f"{path} does not exist; give the path of a file with tasks")


@contextmanager
def _text(path: Path) -> Generator[TextIO]:
    _check_is_there(path)
    try:
        with (
            path.open("rb") as packed,
            gzip.open(packed) if path.suffix == ".gz" else packed as plain,
            io.TextIOWrapper(cast("io.BufferedReader", plain), "utf-8-sig", newline="") as file,
        ):
            yield file
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{path} is not UTF-8 text: {error}") from error
    except (OSError, EOFError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error
