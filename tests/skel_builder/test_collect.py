"""Reading tasks from corpora, and the named filters."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError, ConfigError, RejectedError
from envscaler.records import JsonValue, Task
from envscaler.skel_builder.collect import FILTERS, read_tasks, refuse_task, until_enough

PUBLISHED = FILTERS["published"]


def write(path: Path, *rows: JsonValue) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(path: Path) -> list[str]:
    return [task.text for task in read_tasks(path)]


def api_bank_row(*turns: str) -> dict[str, JsonValue]:
    dialogue = "\n".join(['{"apiCode": "ToolSearcher"}', *turns])
    return {"instruction": "Generate", "input": f"{dialogue}\nGenerate API Request: "}


def test_published_filter_yields_exactly_the_expected_api_bank_tasks(shared_data: Path) -> None:
    topics = shared_data / "topics"
    expected = json.loads((topics / "apibank_lv3_expected_tasks_321.json").read_text("utf-8"))

    tasks = read_tasks(topics / "apibank_lv3-train.json.gz")

    kept = [task.text for task in tasks if PUBLISHED(task.text) is None]
    assert sorted(kept) == sorted(expected)


def test_every_published_source_task_is_read_and_kept(shared_data: Path) -> None:
    tasks = list(read_tasks(shared_data / "topics" / "step0_source_tasks_9740.json.gz"))

    assert len(tasks) == 9740
    assert {task.source for task in tasks} == {"api-bank", "toolace"}
    assert all(PUBLISHED(task.text) is None for task in tasks)


def test_own_rows_keep_their_source(tmp_path: Path) -> None:
    rows = write(tmp_path / "t.jsonl", {"task": "A", "task_from": "shop"}, {"task": "B"})

    assert [(task.text, task.source) for task in read_tasks(rows)] == [
        ("A", "shop"),
        ("B", "tasks"),
    ]


def test_a_json_list_and_a_gzip_file_are_read_too(tmp_path: Path) -> None:
    plain, packed = tmp_path / "t.json", tmp_path / "t.jsonl.gz"
    plain.write_text('[{"task": "A"}, {"task": "B"}]', encoding="utf-8")
    packed.write_bytes(gzip.compress(b'{"task": "A"}\n{"task": "B"}\n'))

    assert texts(plain) == texts(packed) == ["A", "B"]


def test_first_user_turn_of_an_api_bank_dialogue_is_the_task(tmp_path: Path) -> None:
    row = api_bank_row("User: Book a slot.", "AI: When?", "User: Friday. TIME: 2034-04-15")

    assert texts(write(tmp_path / "t.jsonl", row)) == ["Book a slot."]


def test_time_behind_an_api_bank_task_is_cut_off(tmp_path: Path) -> None:
    row = api_bank_row("User: Book a slot.TIME: 2034-04-15 10:00:00")

    assert texts(write(tmp_path / "t.jsonl", row)) == ["Book a slot."]


def test_first_user_message_of_a_toolace_row_is_the_task(tmp_path: Path) -> None:
    row: JsonValue = {
        "system": "You have tools.",
        "conversations": [
            {"from": "user", "value": " Move my booking. "},
            {"from": "assistant", "value": "[move()]"},
        ],
    }

    assert texts(write(tmp_path / "t.jsonl", row)) == ["Move my booking."]


def test_same_task_is_yielded_once_where_it_first_occurs(tmp_path: Path) -> None:
    rows = write(tmp_path / "t.jsonl", {"task": "A"}, {"task": "B"}, {"task": " A"})

    assert texts(rows) == ["A", "B"]


def test_same_task_has_the_same_id_in_every_file(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", {"task": "A"})
    two = write(tmp_path / "two.jsonl", {"task": "B"}, {"task": "A", "task_from": "x"})

    assert next(read_tasks(one)).id == list(read_tasks(two))[1].id


@pytest.mark.parametrize(
    "row",
    [
        {"text": "A"},
        {"task": 3},
        {"input": "no user here"},
        {"conversations": []},
        {"conversations": [{"from": "assistant", "value": "Hello"}]},
    ],
)
def test_row_of_no_known_shape_names_file_and_row(tmp_path: Path, row: JsonValue) -> None:
    rows = write(tmp_path / "t.jsonl", {"task": "A"}, row)

    with pytest.raises(ArtifactError, match=r"t\.jsonl: row 2 holds no task; expected \{task\}"):
        list(read_tasks(rows))


@pytest.mark.parametrize(
    "text",
    [
        "Réserve une table",
        "Edit this Photograph",
        "Transcribe the AUDIO file",
        "Send 5 ETH to Bob",
        "Write to bob@work",
        "Open https://a.b",
        "Look at shop.com",
        "Role definition: you are a nurse",
    ],
)
def test_published_filter_refuses(text: str) -> None:
    assert PUBLISHED(text)


def test_published_filter_looks_for_currencies_in_capitals_only() -> None:
    assert PUBLISHED("Put the two of them together") is None


def test_filter_none_keeps_what_the_published_one_refuses() -> None:
    assert FILTERS["none"]("Réserve un clip vidéo") is None


def test_refused_task_is_a_drop_with_a_reason() -> None:
    with pytest.raises(RejectedError, match="'video'") as caught:
        refuse_task(Task(id="t", text="Cut my video", source="x"), PUBLISHED)

    assert caught.value.kind == "filtered"


def test_limit_counts_tasks_that_pass_but_refused_ones_are_yielded_too() -> None:
    tasks = [Task(id=text, text=text, source="x") for text in ("a", "video", "b", "c")]

    taken = until_enough(tasks, PUBLISHED, limit=2)

    assert [task.text for task in taken] == ["a", "video", "b"]


@pytest.mark.parametrize("filtered", ["published", "none"])
def test_a_null_task_is_refused_and_counted(tmp_path: Path, filtered: str) -> None:
    rows = write(tmp_path / "t.jsonl", {"task": None}, {"task": "A"}, {"task": " "}, {"task": None})
    keeps = FILTERS[filtered]

    tasks = [*read_tasks(rows)]

    assert [keeps(task.text) for task in tasks] == ["empty", None, "empty", "empty"]
    assert len({task.id for task in tasks}) == 4


def test_text_csv_and_tsv_hold_a_task_in_each_row(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("Renew my loan.\n\n  Cancel it.  \n", encoding="utf-8")
    (tmp_path / "t.csv").write_text('id,task\n1,"Move it,\nthen say so."\n', encoding="utf-8")
    (tmp_path / "t.tsv").write_bytes(b"\xef\xbb\xbftask\tid\r\nSell it.\t2\r\n")
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(b"task\nPacked.\n"))

    assert texts(tmp_path / "t.txt") == ["Renew my loan.", "Cancel it."]
    assert texts(tmp_path / "t.csv") == ["Move it,\nthen say so."]
    assert texts(tmp_path / "t.tsv") == ["Sell it."]
    assert texts(tmp_path / "p.csv.gz") == ["Packed."]


def test_a_column_may_be_named(tmp_path: Path) -> None:
    rows = write(tmp_path / "t.jsonl", {"query": "A", "task": "B"}, {"query": None})

    assert [task.text for task in read_tasks(rows, "query")] == ["A", ""]


def test_parquet_is_read_in_batches(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    table = arrow.table({"question": ["A", "B"], "other": [1, 2]})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=1)
    (tmp_path / "torn.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-20])

    assert [task.text for task in read_tasks(tmp_path / "t.parquet", "question")] == ["A", "B"]
    with pytest.raises(ArtifactError, match="is not parquet"):
        list(read_tasks(tmp_path / "torn.parquet", "question"))


@pytest.mark.parametrize(
    ("name", "content", "column", "message"),
    [
        ("t.csv", b"id,text\n1,A\n", None, "row 1 holds no task; .* --column"),
        ("t.csv", b"id,text\n1,A\n", "query", "no column 'query'; it has id, text"),
        ("t.jsonl", b'{"query": 3}\n', "query", "row 1: column 'query' holds int, not text"),
        ("t.csv", b'id,task\n1,"A\n', None, "is not CSV: unexpected end of data"),
        ("t.txt", b"\xff\xfe\n", None, "t.txt is not UTF-8 text"),
        ("t.csv.gz", b"no gzip", None, "t.csv.gz cannot be read"),
    ],
)
def test_a_file_that_is_something_else_is_one_line(
    tmp_path: Path, name: str, content: bytes, column: str | None, message: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ArtifactError, match=message):
        list(read_tasks(tmp_path / name, column))


@pytest.mark.parametrize("name", ["none.txt", "none.csv", "none.parquet", "none.jsonl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError, match=f"{name} does not exist"):
        list(read_tasks(tmp_path / name))


def test_a_data_set_of_the_hub_needs_a_package_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)

    with pytest.raises(ConfigError, match="hf:me/tasks:test needs datasets: pip install datasets"):
        list(read_tasks("hf:me/tasks:test"))
