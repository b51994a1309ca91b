"""Fixtures shared by every test."""

from pathlib import Path

import pytest

from envscaler.config import Settings, load_settings

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"


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
