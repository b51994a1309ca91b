"""What a user is told when the extra of a door is missing."""

import subprocess
import sys

import pytest

from envscaler.adapters import adapter
from envscaler.errors import ConfigError
from tests.adapters.example import CHECKOUT, EXAMPLE, proven


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    monkeypatch.delitem(sys.modules, "envscaler.adapters.mcp", raising=False)

    with pytest.raises(ConfigError, match=r"mcp_types is missing; pip install 'envscaler\[mcp\]'"):
        adapter("mcp")


def test_the_command_says_it_in_one_line() -> None:
    without = "import sys; sys.modules['mcp_types'] = None; from envscaler.cli import main; main()"
    command = [sys.executable, "-c", without, "serve", str(EXAMPLE), "--mcp", proven()[0].id]

    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 1
    assert done.stderr.startswith("envscaler: ")
    assert "pip install 'envscaler[mcp]'" in done.stderr
    assert done.stderr.count("\n") == 1
