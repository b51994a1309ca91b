"""A stage that is killed again and again, and what comes of it in the end."""

from pathlib import Path

import pytest

from tests.killing import contents, finish, ids_left, kill_after

ROWS = 400
KILLS = 5


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, ordered: bool) -> None:  # noqa: FBT001
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"

    for kill in range(KILLS):
        acknowledged = kill_after(11 + 13 * kill, killed, ROWS, ordered=ordered)

        assert acknowledged <= ids_left(killed)
    finish(killed, ROWS, ordered=ordered)
    finish(undisturbed, ROWS, ordered=ordered)

    assert contents(killed, ordered=ordered) == contents(undisturbed, ordered=ordered)
