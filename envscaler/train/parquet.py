"""Rows of an export as parquet beside the JSONL: the same rows, in columns that have a type.

A field that some objects lack, such as the calls of a message, is null there: columns know no
absence.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Protocol, cast

from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_objects
from envscaler.records import JsonObject

_BATCH = 1000
"""Rows that are in memory at once."""


class _Table(Protocol):
    schema: object

    def cast(self, target_schema: object) -> "_Table": ...


class _Tables(Protocol):
    def from_pylist(self, mapping: list[JsonObject], schema: object = None) -> _Table: ...


class _Arrow(Protocol):
    Table: _Tables
    ArrowException: type[Exception]

    def unify_schemas(self, schemas: list[object], *, promote_options: str) -> object: ...


class _Writer(Protocol):
    def write_table(self, table: _Table) -> None: ...


class _Parquet(Protocol):
    def ParquetWriter(  # noqa: N802  its name
        self, where: Path, schema: object
    ) -> AbstractContextManager[_Writer]: ...


def require_arrow() -> None:
    """Make sure that parquet can be written, before anything is.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise ConfigError("train.parquet needs pyarrow: pip install pyarrow") from error


def write_parquet(rows: Path) -> Path:
    """Write a JSONL file as `<name>.parquet` beside it.

    The file is read twice, a batch at a time: once for the types of all rows, then for the rows.

    Raises:
        ArtifactError: A field has values of types that no column can hold together.
    """
    arrow = cast("_Arrow", import_module("pyarrow"))
    parquet = cast("_Parquet", import_module("pyarrow.parquet"))
    path = rows.with_suffix(".parquet")
    try:
        schemas = [arrow.Table.from_pylist(batch).schema for batch in _batches(rows)]
        schema = arrow.unify_schemas(schemas, promote_options="permissive")
        with parquet.ParquetWriter(path, schema) as writer:
            for batch in _batches(rows):
                writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
    except arrow.ArrowException as error:
        why = " ".join(str(error).split())
        raise ArtifactError(f"{rows.name} cannot be written as parquet: {why}") from error
    return path


def _batches(path: Path) -> Iterator[list[JsonObject]]:
    rows = read_objects(path)
    while batch := list(islice(rows, _BATCH)):
        yield batch
