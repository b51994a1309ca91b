"""Batch files: requests written for later, answers read from several writers."""

import asyncio
from pathlib import Path
from typing import cast

import orjson
import pytest

from envscaler.chat import Reply
from envscaler.errors import ArtifactError
from envscaler.llm.batch import (
    MOST_BYTES,
    MOST_LINES,
    import_responses,
    request_files,
    write_requests,
)
from envscaler.llm.requests import chat_request, embedding_request
from envscaler.llm.responses import read_reply
from envscaler.llm.rows import ImportCounts
from envscaler.llm.store import Store
from envscaler.records import JsonObject, ToolCall
from tests.llm.builders import (
    make_model_settings,
    make_prompt,
    make_request,
    make_response,
    write_jsonl,
)

KEY = make_request("one").key


def open_waiting(folder: Path, *texts: str) -> Store:
    """Open a store in which requests with these texts wait."""
    store = Store(folder / "store.sqlite")
    for text in texts or ("one",):
        asyncio.run(store.wait_for(make_request(text)))
    return store


def import_rows(folder: Path, *rows: object) -> tuple[ImportCounts, bytes | None]:
    """Import answers to the one waiting request; return the counts and what is stored."""
    path = write_jsonl(folder / "responses.jsonl", *rows)
    with open_waiting(folder) as store:
        return import_responses([path], store)[0], store.get(KEY)


def reply_to(stored: bytes | None) -> Reply:
    assert stored is not None
    return read_reply(stored, "m")


def openai_row(**changes: object) -> dict[str, object]:
    response = {"status_code": 200, "request_id": "req_1", "body": make_response("answer")}
    return {"id": "b_1", "custom_id": KEY, "response": response, "error": None, **changes}


def failed_row(status: int, body: object, error: object = None) -> dict[str, object]:
    response = {"status_code": status, "request_id": "r", "body": body}
    return openai_row(response=response, error=error)


def test_requests_are_written_in_the_openai_batch_format(tmp_path: Path) -> None:
    request = make_request("one")

    with open_waiting(tmp_path) as store:
        write_requests(store, tmp_path / "requests.jsonl")

    assert orjson.loads((tmp_path / "requests.jsonl").read_bytes()) == {
        "custom_id": request.key,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": orjson.loads(request.body),
    }


def test_the_same_requests_give_the_same_file(tmp_path: Path) -> None:
    files: list[bytes] = []

    for texts in (("one", "two", "three"), ("three", "one", "two", "one")):
        folder = tmp_path / str(len(texts))
        folder.mkdir()
        with open_waiting(folder, *texts) as store:
            assert write_requests(store, folder / "requests.jsonl") == 3
        files.append((folder / "requests.jsonl").read_bytes())

    assert files[0] == files[1]


def test_the_limits_are_those_of_openai() -> None:
    assert (MOST_LINES, MOST_BYTES) == (50_000, 200_000_000)


@pytest.mark.parametrize(
    ("limits", "sizes"),
    [
        ({}, {"requests.jsonl": 5}),
        ({"most_lines": 2}, {"requests.jsonl": 2, "requests-2.jsonl": 2, "requests-3.jsonl": 1}),
        ({"most_bytes": 760}, {"requests.jsonl": 3, "requests-2.jsonl": 2}),
    ],
)
def test_a_file_holds_no_more_than_a_batch_service_takes(
    tmp_path: Path, limits: dict[str, int], sizes: dict[str, int]
) -> None:
    with open_waiting(tmp_path, *"abcde") as store:
        write_requests(store, tmp_path / "requests.jsonl", **limits)

    files = request_files(tmp_path / "requests.jsonl")
    assert {file.name: len(file.read_bytes().splitlines()) for file in files} == sizes
    assert max(len(file.read_bytes()) for file in files) <= limits.get("most_bytes", 9999)


def test_each_model_and_each_address_has_a_file_of_its_own(tmp_path: Path) -> None:
    with open_waiting(tmp_path, "one") as store:
        other = chat_request(make_model_settings(model="b"), make_prompt(), (), 0, 0)
        for request in (other, embedding_request("b", ["text"])):
            asyncio.run(store.wait_for(request))
        write_requests(store, tmp_path / "requests.jsonl")

    files = request_files(tmp_path / "requests.jsonl")
    rows: list[JsonObject] = [orjson.loads(file.read_bytes()) for file in files]
    models = [cast("JsonObject", row["body"])["model"] for row in rows]
    assert [*zip(models, (row["url"] for row in rows), strict=True)] == [
        ("b", "/v1/chat/completions"),
        ("b", "/v1/embeddings"),
        ("m", "/v1/chat/completions"),
    ]


def test_files_that_are_not_needed_any_more_go_away(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    with open_waiting(tmp_path, *"abc") as store:
        write_requests(store, path, most_lines=1)
        write_requests(store, path, most_lines=2)

    assert [file.name for file in request_files(path)] == ["requests.jsonl", "requests-2.jsonl"]


def test_the_tenth_file_comes_after_the_ninth(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    with open_waiting(tmp_path, *"abcdefghijk") as store:
        write_requests(store, path, most_lines=1)

    assert [file.name for file in request_files(path)][-2:] == [
        "requests-10.jsonl",
        "requests-11.jsonl",
    ]


def test_the_answers_of_several_files_are_taken_at_once(tmp_path: Path) -> None:
    keys = [make_request(text).key for text in ("one", "two")]
    paths = [
        write_jsonl(tmp_path / f"{number}.jsonl", {"custom_id": key, "content": "answer"})
        for number, key in enumerate(keys)
    ]

    with open_waiting(tmp_path, "one", "two") as store:
        counts = import_responses(paths, store)

    assert counts == [ImportCounts(added=1), ImportCounts(added=1)]
    assert not (tmp_path / "requests.jsonl").exists()


def test_when_nothing_waits_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "requests.jsonl").write_text("old\n", encoding="utf-8")

    with Store(tmp_path / "store.sqlite") as store:
        write_requests(store, tmp_path / "requests.jsonl")

    assert [path.name for path in tmp_path.iterdir()] == ["store.sqlite"]


def test_the_output_of_openai_is_read(tmp_path: Path) -> None:
    counts, stored = import_rows(tmp_path, openai_row())

    assert (counts, reply_to(stored).content) == (ImportCounts(added=1), "answer")


def test_the_output_of_vllm_is_read(tmp_path: Path) -> None:
    row = {"id": "vllm-1", "custom_id": KEY, "error": None}
    body = make_response("answer", reasoning_content="hmm", tool_calls=[])
    response = {"status_code": 200, "request_id": "vllm-batch-1", "body": body}

    _, stored = import_rows(tmp_path, row | {"response": response})

    assert (reply_to(stored).content, reply_to(stored).reasoning) == ("answer", "hmm")


def test_a_content_written_by_hand_is_read(tmp_path: Path) -> None:
    _, stored = import_rows(tmp_path, {"custom_id": KEY, "content": "<think>a</think>b"})

    reply = reply_to(stored)
    assert (reply.reasoning, reply.content, reply.model) == ("a", "b", "m")


def test_a_message_written_by_hand_is_read(tmp_path: Path) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}

    _, stored = import_rows(tmp_path, {"custom_id": KEY, "message": message})

    reply = reply_to(stored)
    assert reply.tool_calls == (ToolCall(id="c", name="f", arguments={"x": 1}),)
    assert reply.finish_reason == "tool_calls"


def test_answers_may_come_in_any_order(tmp_path: Path) -> None:
    keys = [make_request(text).key for text in ("two", "one")]
    rows = [{"custom_id": key, "content": key} for key in keys]
    path = write_jsonl(tmp_path / "responses.jsonl", *rows)

    with open_waiting(tmp_path, "one", "two") as store:
        import_responses([path], store)
        stored = [reply_to(store.get(key)).content for key in keys]

    assert stored == keys


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (failed_row(500, {"error": {"message": "oops"}}), "the request failed: status 500"),
        (failed_row(400, None, {"message": "too long"}), "the request failed: too long"),
        (openai_row(response=None, error={"code": "batch_expired", "message": "late"}), "late"),
        (openai_row(custom_id="other"), "no request waits under custom_id 'other'"),
        ({"custom_id": KEY}, "expected 'response' with a 'body', or 'content', or 'message'"),
        (failed_row(200, {"choices": []}), "no choices"),
        ([1, 2], "not a JSON object"),
    ],
)
def test_a_line_of_no_use_is_named_and_stores_nothing(
    tmp_path: Path, row: object, says: str
) -> None:
    counts, stored = import_rows(tmp_path, row)

    assert stored is None
    (problem,) = counts.problems
    assert problem.startswith(f"{tmp_path / 'responses.jsonl'}:1: ")
    assert says in problem


def test_a_torn_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", {"custom_id": KEY, "content": "answer"})
    path.write_bytes(b'{"custom_id": "abc", "resp\n' + path.read_bytes())

    with open_waiting(tmp_path) as store:
        (counts,) = import_responses([path], store)

    assert counts.added == 1
    assert counts.problems[0].startswith(f"{path}:1: not a JSON object")


def test_an_import_can_be_repeated(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", openai_row())

    with open_waiting(tmp_path) as store:
        import_responses([path], store)
        again = import_responses([path], store)

    assert again == [ImportCounts(known=1)]


def test_answered_requests_leave_the_file_and_the_others_stay(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", openai_row())

    with open_waiting(tmp_path, "one", "two") as store:
        write_requests(store, tmp_path / "requests.jsonl")
        import_responses([path], store)

    row: JsonObject = orjson.loads((tmp_path / "requests.jsonl").read_bytes())
    assert row["custom_id"] == make_request("two").key


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with (
        open_waiting(tmp_path) as store,
        pytest.raises(ArtifactError, match=r"no\.jsonl cannot be read: No such file"),
    ):
        import_responses([tmp_path / "no.jsonl"], store)
