"""A JSON list is read item by item, whatever the pieces in which it comes."""

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler import json_lists
from envscaler.errors import ArtifactError
from envscaler.json_lists import listed
from envscaler.jsonl import read_objects

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(VALUES), st.integers(1, 7), st.sampled_from([None, 2]))
def test_the_items_are_those_of_the_whole(
    items: list[object], chunk: int, indent: int | None
) -> None:
    before, json_lists._CHUNK = json_lists._CHUNK, chunk  # pyright: ignore[reportPrivateUsage]
    try:
        text = f" \n{json.dumps(items, indent=indent)}\n"
        assert list(listed(io.StringIO(text))) == items
    finally:
        json_lists._CHUNK = before  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin with a list"),
        ('{"a": 1}', "does not begin with a list"),
        ("[1, 2", "does not end"),
        ("[1, 2, ]", "Expecting value"),
        ("[1 2]", "comma is missing"),
        ("[1, 2] 3", "something follows"),
        ("[NaN]", "NaN is no JSON"),
        ('["abc', "Unterminated string"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_list_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        list(listed(io.StringIO(text)))


def test_a_list_of_rows_takes_the_memory_of_a_few(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    row = json.dumps({"text": "x" * 1000, "numbers": list(range(100))})
    file.write_text(f"[{','.join([row] * 12_000)}]", encoding="utf-8")

    tracemalloc.start()
    count = sum(1 for _ in read_objects(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 12_000
    assert peak < file.stat().st_size / 3


def test_an_item_that_is_no_object_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"a": 1}, 2]', encoding="utf-8")

    with pytest.raises(ArtifactError, match="item 2 of the list is not a JSON object"):
        list(read_objects(tmp_path / "rows.json"))
