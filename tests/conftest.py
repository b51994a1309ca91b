"""Fixtures shared by every test."""

import compileall
import resource
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from envscaler.config import Settings, load_settings
from envscaler.sandbox import guest
from tests.one_sandbox import end_sandboxes
from tests.shared_data import SHARED_DATA

RoomFor = Callable[[int], AbstractContextManager[None]]
# How fast an example comes or runs says how busy the machine is, and nothing about the code.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The shipped defaults."""
    return load_settings(None, ())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party data that is not part of the project; the test is skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the third-party data in ../shared/data is absent")
    return SHARED_DATA.resolve()


@pytest.fixture(scope="session", autouse=True)
def _compiled_guest() -> None:  # pyright: ignore[reportUnusedFunction]
    """Compile what a sandbox starts with, as `pip install` does: it writes no bytecode itself."""
    compileall.compile_dir(Path(guest.__file__).parent, quiet=2)


@pytest.fixture(scope="module", autouse=True)
def _sandboxes_of_the_module() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]
    yield
    end_sandboxes()


@pytest.fixture
def room_for() -> RoomFor:
    """Let no file grow beyond a size in bytes, as on a full disk: the last write is cut short."""

    @contextmanager
    def limited(size: int) -> Generator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
