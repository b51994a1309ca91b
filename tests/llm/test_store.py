"""Store: replies that are acknowledged are on the disk."""

import asyncio
import resource
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError
from envscaler.llm.store import Store, Stored
from tests.llm.builders import make_request, make_stored


@contextmanager
def sqlite_file(path: Path) -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@contextmanager
def small_disk(size: int) -> Generator[None]:
    """Refuse to let any file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def put(store: Store, *replies: Stored) -> None:
    async def put_together() -> None:
        await asyncio.gather(*(store.put(stored) for stored in replies))

    asyncio.run(put_together())


def wait_for(store: Store, text: str) -> str:
    request = make_request(text)
    asyncio.run(store.wait_for(request))
    return request.key


def test_a_reply_is_found_by_its_key(tmp_path: Path) -> None:
    stored = make_stored()

    with Store(tmp_path / "s") as store:
        put(store, stored)

        assert store.get(stored.key) == stored.response


def test_an_unknown_key_is_not_found(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        assert store.get("0" * 64) is None


def test_replies_are_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    replies = [make_stored(str(number)) for number in range(20)]

    with Store(tmp_path / "s") as store:
        put(store, *replies)
    with Store(tmp_path / "s") as store:
        found = list(store.replies())

    assert sorted(found, key=lambda stored: stored.key) == sorted(
        replies, key=lambda stored: stored.key
    )


def test_an_acknowledged_reply_is_seen_by_another_process_at_once(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        put(store, make_stored())

        with sqlite_file(tmp_path / "s") as other:
            assert other.execute("SELECT count(*) FROM replies").fetchone() == (1,)


def test_the_first_reply_to_a_request_stays(tmp_path: Path) -> None:
    first, second = make_stored(content="first"), make_stored(content="second")

    with Store(tmp_path / "s") as store:
        put(store, first)
        put(store, second)

        assert store.get(first.key) == first.response


def test_replies_are_listed_by_prompt_and_key(tmp_path: Path) -> None:
    replies = [make_stored(f"{name} {n}", name=name) for name in "ba" for n in range(5)]

    with Store(tmp_path / "s") as store:
        put(store, *replies)
        listed = [(stored.prompt, stored.key) for stored in store.replies()]

    assert listed == sorted(listed)
    assert len(listed) == 10


def test_many_replies_are_kept_in_one_go(tmp_path: Path) -> None:
    replies = [make_stored(str(number)) for number in range(1200)]

    with Store(tmp_path / "s") as store:
        store.put_all(iter(replies))

        assert len(list(store.replies())) == 1200


def test_a_request_waits_once(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        wait_for(store, "one")
        wait_for(store, "one")

        assert [request.body for request in store.waiting()] == [make_request("one").body]


def test_a_waiting_request_is_found_by_its_key(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        key = wait_for(store, "one")

        found = store.waiting_for(key)

        assert found is not None
        assert (found.key, found.prompt, found.path) == (key, "stage/step", "/chat/completions")
        assert store.waiting_for("0" * 64) is None


def test_a_reply_ends_the_waiting_of_its_request(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        wait_for(store, "one")
        wait_for(store, "two")

        put(store, make_stored("one"))

        assert [request.key for request in store.waiting()] == [make_request("two").key]


def test_a_reply_is_kept_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    stored = make_stored()

    async def give_up(store: Store) -> None:
        task = asyncio.ensure_future(store.put(stored))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with Store(tmp_path / "s") as store:
        asyncio.run(give_up(store))
    with Store(tmp_path / "s") as store:
        assert store.get(stored.key) == stored.response


def test_a_store_of_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite_file(tmp_path / "s") as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / "s").read_bytes()

    with pytest.raises(ArtifactError, match=r"later version of envscaler .format 99"):
        Store(tmp_path / "s")

    assert (tmp_path / "s").read_bytes() == before


def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("nothing of the kind " * 100, encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"/s is damaged or no store of replies .*move it away"):
        Store(tmp_path / "s")

    assert (tmp_path / "s").read_text(encoding="utf-8").startswith("nothing of the kind")


def test_damage_in_the_middle_of_the_file_is_named(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        put(store, *(make_stored(str(number), content="x" * 5000) for number in range(20)))
    data = bytearray((tmp_path / "s").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (tmp_path / "s").write_bytes(data)

    with (
        Store(tmp_path / "s") as store,
        pytest.raises(ArtifactError, match="is damaged or no store of replies"),
    ):
        store.get(make_stored("1").key)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"cannot be written .unable to open"):
        Store(tmp_path / "nowhere" / "s")


def test_a_store_that_another_process_locks_is_named(tmp_path: Path) -> None:
    with Store(tmp_path / "s", busy_timeout=0.05) as store, sqlite_file(tmp_path / "s") as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(ArtifactError, match="is locked by another process; wait"):
            put(store, make_stored())


def test_a_full_disk_is_an_error_and_not_a_lost_reply(tmp_path: Path) -> None:
    replies = [make_stored(str(number), content="x" * 20_000) for number in range(20)]

    with Store(tmp_path / "s") as store:
        with (
            small_disk(100_000),
            pytest.raises(ArtifactError, match=r"cannot be written .* there is space"),
        ):
            put(store, *replies)
        put(store, *replies)

        assert len(list(store.replies())) == 20
