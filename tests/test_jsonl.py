"""JSONL artifacts: what is acknowledged is on disk, and damage is named by line."""

import gzip
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.errors import ArtifactError, UnwritableError
from envscaler.jsonl import RowWriter, read_json, read_objects, read_rows, write_objects, write_rows
from envscaler.records import JsonObject, JsonValue, Observation, ObservationKind, Record, Task
from tests.conftest import RoomFor

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def make_task(number: int) -> Task:
    return Task(id=f"task-{number}", text="Renew my loan of ‘Dune’", source="test")


def append(path: Path, *rows: Record) -> None:
    with RowWriter(path) as out:
        for row in rows:
            out.append(row)


@given(JSON)
def test_any_value_comes_back_as_it_was(value: JsonValue) -> None:
    row = Observation(kind=ObservationKind.OK, value=value)

    assert Observation.model_validate_json(row.model_dump_json()) == row


def _nested(levels: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(levels):
        value = {"a": [value]} if levels % 2 else [value]
    return value


AWKWARD = (
    JSON
    | st.integers(0, 120).map(_nested)
    | st.integers(1, 5000).map(lambda digits: 10**digits)
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["\ud83d", "\udc00x", {"\ud83d": 1}, [float("inf")], {"a": float("nan")}])
)


@given(st.lists(AWKWARD, max_size=4))
def test_what_is_appended_is_read_as_it_was_and_all_else_is_refused(
    values: list[JsonValue],
) -> None:
    rows = [Observation(kind=ObservationKind.OK, value=value) for value in values]
    written: list[Observation] = []

    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        with RowWriter(path) as out:
            for row in rows:
                with suppress(UnwritableError):
                    out.append(row)
                    written.append(row)

        assert list(read_rows(path, Observation)) == written


@pytest.mark.parametrize(
    "value",
    [_nested(200), 10**4400, float("inf"), float("nan"), "half \ud83d", {"\udc00": 1}],
    ids=["deep", "digits", "infinite", "nan", "half a pair", "half a pair in a key"],
)
def test_a_row_that_could_not_be_read_again_is_refused(tmp_path: Path, value: JsonValue) -> None:
    path = tmp_path / "rows.jsonl"

    with RowWriter(path) as out, pytest.raises(UnwritableError, match="written and read again"):
        out.append(Observation.model_construct(kind=ObservationKind.OK, value=value, output=""))

    assert path.read_bytes() == b""


def test_a_deep_line_in_somebody_elses_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1234567890123456789, "b": ' + "[" * 5000 + "]" * 5000 + "}\n", "utf-8")

    with pytest.raises(ArtifactError, match=r"rows\.jsonl:1"):
        list(read_objects(path))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.torn"])
def test_links_are_not_followed_for_appending(tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.write_text("kept", "utf-8")
    path = tmp_path / "rows.jsonl"
    path.write_text("torn", "utf-8")
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(other)

    with pytest.raises(ArtifactError, match="symbolic link"):
        append(path, make_task(1))

    assert other.read_text("utf-8") == "kept"


@pytest.mark.parametrize("name", ["rows.jsonl", ".rows.jsonl.part"])
def test_links_are_replaced_and_not_followed_for_writing(tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.write_text("kept", "utf-8")
    (tmp_path / name).symlink_to(other)

    write_rows(tmp_path / "rows.jsonl", [make_task(1)])

    assert other.read_text("utf-8") == "kept"
    assert list(read_rows(tmp_path / "rows.jsonl", Task)) == [make_task(1)]


def test_rows_round_trip_through_a_folder_that_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tasks.jsonl"

    append(path, make_task(1), make_task(2))

    assert list(read_rows(path, Task)) == [make_task(1), make_task(2)]


def test_a_row_is_readable_as_soon_as_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"

    with RowWriter(path) as out:
        out.append(make_task(1))

        assert list(read_rows(path, Task)) == [make_task(1)]


def test_reading_holds_one_row_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))
    with path.open("a", encoding="utf-8") as file:
        file.write("torn\n")

    rows = read_rows(path, Task)

    assert next(rows) == make_task(1)


def test_a_missing_artifact_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"envs\.jsonl does not exist.*`envscaler build-skel`"):
        list(read_rows(tmp_path / "envs.jsonl", Task))


def test_a_row_of_another_kind_is_named_by_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1), Observation(kind=ObservationKind.OK, value=1))

    with pytest.raises(ArtifactError, match=r"tasks\.jsonl:2 is not a Task \(id: Field required"):
        list(read_rows(path, Task))


def test_a_line_torn_in_the_middle_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text('{"id": "ta\n' + make_task(1).model_dump_json() + "\n", encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"tasks\.jsonl:1 is torn.*take that line out"):
        list(read_rows(path, Task))


@pytest.mark.parametrize("more", [{}, {"color": "red"}], ids=["same fields", "new field"])
def test_a_later_schema_version_asks_for_an_upgrade(tmp_path: Path, more: JsonObject) -> None:
    path = tmp_path / "tasks.jsonl"
    write_objects(path, [make_task(1).model_dump(mode="json") | {"schema_version": 99} | more])

    with pytest.raises(ArtifactError, match=r":1 has schema version 99.*upgrade envscaler"):
        list(read_rows(path, Task))


def test_a_file_that_may_not_be_read_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl.gz").write_bytes(b"no gzip")

    with pytest.raises(ArtifactError, match="cannot be read: Not a gzipped file"):
        list(read_rows(tmp_path / "tasks.jsonl.gz", Task))


@pytest.mark.parametrize("tail", [b'{"id": "ta', b"x" * 200_000], ids=["short", "long"])
def test_a_torn_tail_is_set_aside_before_the_next_row(
    tmp_path: Path, tail: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))
    path.write_bytes(path.read_bytes() + tail)

    with caplog.at_level(logging.WARNING):
        append(path, make_task(2))

    assert list(read_rows(path, Task)) == [make_task(1), make_task(2)]
    assert (tmp_path / "tasks.jsonl.torn").read_bytes() == tail + b"\n"
    assert [record.message for record in caplog.records] == [
        f"{path} ended in a half-written row; it was moved to {path}.torn"
    ]


def test_a_whole_file_is_opened_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))

    append(path, make_task(2))

    assert not caplog.records
    assert [each.name for each in tmp_path.iterdir()] == ["tasks.jsonl"]


def test_a_full_disk_is_one_clear_error_and_leaves_whole_rows(
    tmp_path: Path, room_for: RoomFor
) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))

    with (
        pytest.raises(ArtifactError, match=r"tasks\.jsonl cannot be written: File too large"),
        RowWriter(path) as out,
        room_for(path.stat().st_size + 10),
    ):
        out.append(make_task(2))

    assert list(read_rows(path, Task)) == [make_task(1)]
    assert path.read_bytes().endswith(b"\n")


def test_rewriting_replaces_the_file_in_one_go(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))

    def torn() -> Iterator[Task]:
        yield make_task(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, torn())

    assert list(read_rows(path, Task)) == [make_task(1)]
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_reads_while_a_file_is_rewritten_reads_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    append(path, make_task(1))

    with path.open("rb") as reader:
        write_rows(path, [make_task(2)])

        assert Task.model_validate_json(reader.read()) == make_task(1)


def test_rewriting_counts_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"

    count = write_rows(path, [make_task(1), make_task(2)])

    assert (count, list(read_rows(path, Task))) == (2, [make_task(1), make_task(2)])


OBJECTS: list[JsonObject] = [{"a": 2**80, "b": "é"}, {"b": [1.5, None]}]


def test_foreign_rows_round_trip_exactly(tmp_path: Path) -> None:
    write_objects(tmp_path / "rows.jsonl", OBJECTS)

    assert list(read_objects(tmp_path / "rows.jsonl")) == OBJECTS


def test_foreign_rows_are_read_from_a_zipped_list(tmp_path: Path) -> None:
    path = tmp_path / "rows.json.gz"
    path.write_bytes(gzip.compress(b'[{"a": 1},\n {"a": 2}]'))

    assert list(read_objects(path)) == [{"a": 1}, {"a": 2}]


def test_blank_lines_in_a_foreign_file_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'\n{"a": 1}\n\n')

    assert list(read_objects(path)) == [{"a": 1}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'{"a": 1}\n[2]\n', r":2 is not a JSON object"),
        (b'{"a": 1}\n{"a"', r":2 is not a JSON object"),
        (b'[{"a": 1}, 2]', r"item 2 of the list is not a JSON object"),
        (b'[{"a": 1}', r"is not JSON"),
    ],
)
def test_a_foreign_file_that_cannot_be_used_says_where(
    tmp_path: Path, text: bytes, problem: str
) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(text)

    with pytest.raises(ArtifactError, match=problem):
        list(read_objects(path))


def test_a_missing_foreign_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"rows\.json does not exist"):
        read_json(tmp_path / "rows.json")


def test_a_file_that_unpacks_out_of_all_proportion_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "tasks.jsonl.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        for _ in range(80):
            file.write(b" " * 2**20)

    with pytest.raises(ArtifactError, match="unpacks to more than 100 times its size"):
        list(read_objects(bomb))


def test_a_file_that_packs_well_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"task": "Renew my loan"}\n' * 100_000))

    assert sum(1 for _ in read_objects(path)) == 100_000


def test_an_earlier_schema_version_says_how_to_make_the_file_again(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_objects(path, [make_task(1).model_dump(mode="json") | {"schema_version": 1, "color": 1}])

    with pytest.raises(ArtifactError, match=r"version 1.*again in a new run folder with"):
        list(read_rows(path, Task))
