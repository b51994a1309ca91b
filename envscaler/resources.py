"""Find the prompts, configs and data that ship with the package.

A checkout keeps them in top-level folders; a wheel carries a copy in `envscaler/_data/`
(`force-include` in pyproject.toml). Nothing else may know the difference.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_data"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent

PROMPTS = _ROOT / "prompts"
CONFIGS = _ROOT / "configs"
DEMO = _ROOT / "data" / "demo"


def package_text(name: str) -> str:
    """Return a text that stands beside the code, such as `train/rl.md`."""
    return (_PACKAGE / name).read_text(encoding="utf-8")
