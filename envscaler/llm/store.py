"""Replies that were paid for once, in SQLite: what is acknowledged survives a crash.

Reads run on the caller's connection. Writes go through one thread, which commits everything that
has piled up while the last commit was being written: many replies cost one fsync.
"""

import asyncio
import sqlite3
import threading
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self, cast

import orjson

from envscaler.errors import ArtifactError
from envscaler.llm.requests import Request
from envscaler.resources import package_text

_VERSION = 1
_SCHEMA = package_text("llm/store.sql")
_ADD = "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?)"
_GET = "SELECT response FROM replies WHERE key = ?"
_ANSWERED = "DELETE FROM waiting WHERE key = ?"
_WAIT = "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?, ?, ?, ?)"
_GROUP = 500

_ReplyRow = tuple[str, str, int, str, bytes, bytes | None]
_WaitingRow = tuple[str, str, int, str, str, bytes]
Work = Callable[[sqlite3.Connection], object]
Done = Future[None] | asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Stored:
    """A reply as it is kept: raw, so that a better parser never costs another one."""

    key: str
    prompt: str
    sample: int
    model: str
    response: bytes
    """Canonical JSON."""
    request: bytes | None
    """JSON; None when it is not known."""


class Store:
    """The replies of a run, and the requests that wait for theirs.

    Use it as a context manager, in one thread.

    Args:
        path: SQLite file; made when it does not exist.
        busy_timeout: Seconds to wait for another process that writes.
        also: Stores of others, which are only read: a reply that is there is not paid for again.

    Raises:
        ArtifactError: From any method: the file is damaged, locked, of a later version, or
            cannot grow. One line with the remedy.
    """

    def __init__(self, path: Path, busy_timeout: float = 10.0, also: Sequence[Path] = ()) -> None:
        self.path = path
        self._jobs: SimpleQueue[tuple[Work, Done] | None] = SimpleQueue()
        try:
            self._reader, self._writer = _open(path, busy_timeout)
        except sqlite3.Error as error:
            raise _problem(path, error) from error
        self._also: list[tuple[Path, sqlite3.Connection]] = [
            (other, _connect_to_read(other, busy_timeout)) for other in also
        ]
        self._thread = threading.Thread(target=self._write, name="store", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._jobs.put(None)
        self._thread.join()
        self._writer.close()
        self._reader.close()
        for _, other in self._also:
            other.close()

    def get(self, key: str) -> bytes | None:
        """Return the response stored under a key."""
        found = _response(self.path, self._reader, key)
        for path, connection in self._also:
            if found is not None:
                break
            found = _response(path, connection, key)
        return found

    async def put(self, stored: Stored) -> None:
        """Keep a reply; it is on the disk when this returns. The first one of a key stays."""
        await self._done(lambda connection: _add(connection, stored))

    def put_all(self, replies: Iterable[Stored]) -> None:
        """Keep many replies, a group at a time, outside an event loop."""
        rest = iter(replies)
        while group := list(islice(rest, _GROUP)):

            def add(connection: sqlite3.Connection, group: list[Stored] = group) -> None:
                for stored in group:
                    _add(connection, stored)

            self._submit(add).result()

    async def wait_for(self, request: Request) -> None:
        """Note that a request waits for its reply, unless it is noted already."""
        known = (request.key, request.prompt, request.sample, request.model, request.path)

        def note(connection: sqlite3.Connection) -> None:
            connection.execute(_WAIT, (*known, zlib.compress(request.body, 1)))

        await self._done(note)

    def waiting(self) -> Iterator[Request]:
        """Iterate over the requests without a reply, by model, path, prompt and key."""
        query = (
            "SELECT key, prompt, sample, model, path, request FROM waiting "
            "ORDER BY model, path, prompt, key"
        )
        for row in self._rows(query):
            yield _request(row)

    def waiting_for(self, key: str) -> Request | None:
        """Return the request that waits under a key."""
        query = "SELECT key, prompt, sample, model, path, request FROM waiting WHERE key = ?"
        return next((_request(row) for row in list(self._rows(query, (key,)))), None)

    def replies(self) -> Iterator[Stored]:
        """Iterate over all replies, by prompt and key."""
        query = (
            "SELECT key, prompt, sample, model, response, request FROM replies ORDER BY prompt, key"
        )
        for row in self._rows(query):
            key, prompt, sample, model, response, request = cast("_ReplyRow", row)
            plain = None if request is None else zlib.decompress(request)
            yield Stored(key, prompt, sample, model, response, plain)

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> Iterator[tuple[object, ...]]:
        try:
            yield from self._reader.execute(query, values)
        except sqlite3.Error as error:
            raise _problem(self.path, error) from error

    def _submit(self, work: Work) -> "Future[None]":
        done: Future[None] = Future()
        self._jobs.put((work, done))
        return done

    def _done(self, work: Work) -> "asyncio.Future[None]":
        # Kept also when nobody waits for it any more.
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.put((work, done))
        return done

    def _write(self) -> None:
        going = True
        while going:
            jobs = [self._jobs.get()]
            while not self._jobs.empty():
                jobs.append(self._jobs.get())
            going = jobs[-1] is not None
            self._commit([job for job in jobs if job is not None])

    def _commit(self, jobs: list[tuple[Work, Done]]) -> None:
        problem: ArtifactError | None = None
        try:
            with self._writer:
                self._writer.execute("BEGIN IMMEDIATE")
                for work, _ in jobs:
                    work(self._writer)
        except sqlite3.Error as error:
            problem = _problem(self.path, error)
        _tell([done for _, done in jobs], problem)


def _tell(waiting: Iterable[Done], problem: ArtifactError | None) -> None:
    """Say that a group of writes is done: each event loop is woken once, not once for each."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for done in waiting:
        if isinstance(done, asyncio.Future):
            loops[done.get_loop()].append(done)
        else:
            _settle([done], problem)
    for loop, futures in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, futures, problem)


def _settle(waiting: Iterable[Done], problem: ArtifactError | None) -> None:
    for done in waiting:
        if done.done():  # cancelled
            continue
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)


def _request(row: object) -> Request:
    key, prompt, sample, model, path, body = cast("_WaitingRow", row)
    return Request(key, prompt, sample, model, path, orjson.Fragment(zlib.decompress(body)))


def _add(connection: sqlite3.Connection, stored: Stored) -> None:
    known = (stored.key, stored.prompt, stored.sample, stored.model, stored.response)
    request = None if stored.request is None else zlib.compress(stored.request, 1)
    connection.execute(_ADD, (*known, request))
    connection.execute(_ANSWERED, (stored.key,))


def _open(path: Path, timeout: float) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Return a connection to read and one to write; both are closed when one does not open."""
    # The writer's is opened here, not in its thread, so that its errors are the caller's.
    with ExitStack() as opened:
        reader, writer = (opened.enter_context(closing(_connect(path, timeout))) for _ in range(2))
        reader.execute("PRAGMA synchronous = FULL")
        _prepare(reader, path)
        writer.execute("PRAGMA synchronous = FULL")
        opened.pop_all()
    return reader, writer


def _connect(path: Path, timeout: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)


def _connect_to_read(path: Path, timeout: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return sqlite3.connect(address, timeout, uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise _problem(path, error) from error


def _response(path: Path, connection: sqlite3.Connection, key: str) -> bytes | None:
    try:
        found: tuple[bytes] | None = connection.execute(_GET, (key,)).fetchone()
    except sqlite3.Error as error:
        raise _problem(path, error) from error
    return None if found is None else found[0]


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > _VERSION:
        raise ArtifactError(
            f"{path} was written by a later version of envscaler (format {version}, this one "
            f"reads {_VERSION}); update envscaler, or use another run folder"
        )
    if version < _VERSION:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")


def _problem(path: Path, error: sqlite3.Error) -> ArtifactError:
    said = str(error)
    if "locked" in said or "busy" in said:
        return ArtifactError(f"{path} is locked by another process; wait until that run has ended")
    if any(word in said for word in ("full", "disk I/O", "unable to open", "readonly")):
        return ArtifactError(
            f"{path} cannot be written ({said}); make sure that there is space and that you may "
            "write there, then run the same command again"
        )
    return ArtifactError(
        f"{path} is damaged or no store of replies ({said}); move it away and import a recording, "
        "or run without: the replies are then asked for again"
    )
