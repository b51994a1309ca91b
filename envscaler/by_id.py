"""Rows of an artifact by their ids, none of them lost where two have one id."""

from pathlib import Path
from typing import TypeVar

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.records import Row

RowT = TypeVar("RowT", bound=Row)
_BESIDE = {"provenance", "assessment", "proof", "index"}
"""What may differ between two rows that are the same."""


def read_by_id(path: Path, kind: type[RowT]) -> dict[str, RowT]:
    """Read an artifact whose rows others refer to by their ids.

    Raises:
        ArtifactError: It cannot be read, or two rows have one id and say different things, as files
            of several makers that were put together may.
    """
    found: dict[str, RowT] = {}
    for row in read_rows(path, kind):
        known = found.setdefault(row.id, row)
        if known is not row and _said(known) != _said(row):
            raise ArtifactError(
                f"{path}: two different rows have the id {row.id}; give one of them another id, "
                "in the rows that refer to it as well"
            )
    return found


def _said(row: Row) -> object:
    return row.model_dump(exclude=_BESIDE)
