"""What a store promises when its process is killed."""

import random
from pathlib import Path

import pytest

from tests.llm.crash import kill_while_storing, lost


@pytest.mark.slow
def test_no_acknowledged_reply_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    keys: list[str] = []

    for after in random.Random(0).sample(range(1, 200), 10):
        keys += kill_while_storing(tmp_path / "s", after)

        assert lost(tmp_path / "s", keys) == 0
