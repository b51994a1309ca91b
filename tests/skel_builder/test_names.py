"""Names that nobody defines."""

import pytest

from envscaler.environment.code.undefined_names import undefined_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): return datetime.now(timezone.utc)", ("datetime", "timezone")),
        ("from datetime import datetime as when\ndef f(): return when.now()", ()),
        ("def f(x: Optional[int]) -> dict: return {}", ("Optional",)),
        ("class A:\n    size = 3\n    def f(self): return size", ("size",)),
        ("class A:\n    def f(self): return B\nclass B: pass", ()),
        ("def f(rows): return [row for row in rows if row] + [row]", ("row",)),
        ("def f():\n    def g(): return h()\n    return g()", ("h",)),
        (
            "def f():\n    try:\n        pass\n    except ValueError as e:\n        return e",
            (),
        ),
        ("LIMIT = 3\ndef f(): return LIMIT + __name__", ()),
        ("x = y", ("y",)),
    ],
)
def test_undefined_names(source: str, names: tuple[str, ...]) -> None:
    assert undefined_names(source) == names
