"""Write the golden exports anew: `python -m tests.train.make_golden`, then read the difference."""

import shutil
import tempfile
from pathlib import Path

from envscaler.config import Settings, load_settings
from envscaler.train.sft import FORMATS, export_sft
from tests.train.factory import (
    every_reply,
    make_trajectory,
    says,
    user,
    with_share,
    write_run,
)

GOLDEN = Path(__file__).with_name("golden")
IDS = ("env-3", "env-2")
"""One for each split."""


def export_all(run: Path, settings: Settings) -> Path:
    """Export a run of two environments in every SFT format.

    Returns:
        The folder of exports.
    """
    refused = make_trajectory(user("Go."), says("  "), env_id=IDS[0], score=None)
    write_run(
        run,
        trajectories=(*map(every_reply, IDS), refused),
    )
    halves = with_share(settings, 0.5)
    for name in FORMATS:
        export_sft(run, halves, name)
    return run / "exports"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(export_all(Path(folder), load_settings(None, ())), GOLDEN)
