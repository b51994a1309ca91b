"""Recordings: a store as JSONL and back."""

from pathlib import Path

import orjson
import pytest

from envscaler.llm.recordings import export_store, import_store
from envscaler.llm.rows import ImportCounts
from envscaler.llm.store import Store, Stored
from envscaler.records import JsonObject
from tests.llm.builders import make_response, make_stored, write_jsonl


def make_row(**changes: object) -> dict[str, object]:
    row = {"key": "a" * 64, "prompt": "p", "sample": 0, "model": "m", "response": make_response()}
    return row | changes


def make_replies() -> list[Stored]:
    return [make_stored(f"{name} {n}", name=name) for name in ("b", "a") for n in range(3)]


def fill(path: Path, replies: list[Stored]) -> Store:
    store = Store(path)
    store.put_all(replies)
    return store


def import_rows(folder: Path, *rows: object) -> ImportCounts:
    with Store(folder / "s") as store:
        return import_store(write_jsonl(folder / "r.jsonl", *rows), store)


def test_a_row_says_which_request_was_answered_and_how(tmp_path: Path) -> None:
    stored = make_stored()

    with fill(tmp_path / "s", [stored]) as store:
        export_store(store, tmp_path / "r.jsonl")

    row: JsonObject = orjson.loads((tmp_path / "r.jsonl").read_bytes())
    known = {"key": stored.key, "prompt": "stage/step", "sample": 0, "model": "m"}
    assert row == known | {"response": orjson.loads(stored.response)}


def test_requests_are_written_when_wanted(tmp_path: Path) -> None:
    with fill(tmp_path / "s", [make_stored("hello")]) as store:
        export_store(store, tmp_path / "r.jsonl", with_requests=True)

    row = orjson.loads((tmp_path / "r.jsonl").read_bytes())
    assert row["request"]["messages"] == [{"role": "user", "content": "hello"}]


def test_the_same_replies_give_the_same_bytes_whatever_their_order(tmp_path: Path) -> None:
    replies = make_replies()

    with fill(tmp_path / "s1", replies) as one, fill(tmp_path / "s2", replies[::-1]) as other:
        counts = export_store(one, tmp_path / "1"), export_store(other, tmp_path / "2")

    assert counts == (6, 6)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


@pytest.mark.parametrize("with_requests", [True, False])
def test_a_recording_comes_back_as_it_was(tmp_path: Path, *, with_requests: bool) -> None:
    with fill(tmp_path / "s1", make_replies()) as store:
        export_store(store, tmp_path / "1", with_requests=with_requests)

    with Store(tmp_path / "s2") as store:
        counts = import_store(tmp_path / "1", store)
        export_store(store, tmp_path / "2", with_requests=with_requests)

    assert counts == ImportCounts(added=6)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_an_import_can_be_repeated_and_changes_nothing(tmp_path: Path) -> None:
    import_rows(tmp_path, make_row())

    counts = import_rows(tmp_path, make_row(response=make_response("other")))

    assert counts == ImportCounts(known=1)
    with Store(tmp_path / "s") as store:
        assert b"other" not in (store.get("a" * 64) or b"")


def test_embeddings_are_imported_too(tmp_path: Path) -> None:
    response = {"data": [{"index": 0, "embedding": [0.5]}]}

    assert import_rows(tmp_path, make_row(response=response)) == ImportCounts(added=1)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (make_row(key="abc"), "key: String should match"),
        (make_row(sample="0"), "sample: Input should be a valid integer"),
        (make_row(extra=1), "extra: Extra inputs are not permitted"),
        ({"key": "a" * 64}, "prompt: Field required"),
        (make_row(response={"choices": []}), "response: no choices"),
        ("text", "not a JSON object"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_imported(
    tmp_path: Path, row: object, says: str
) -> None:
    counts = import_rows(tmp_path, row, make_row(key="b" * 64))

    assert counts.added == 1
    assert counts.problems[0].startswith(f"{tmp_path / 'r.jsonl'}:1: {says}")
