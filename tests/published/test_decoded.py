"""Fields that are text: JSON, or what Python writes of a list or dict."""

import pytest

from envscaler.errors import ArtifactError
from envscaler.published.rows import decoded


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('[{"a": null}]', [{"a": None}]),
        ("[{'a': None, 'b': \"it's\", 'c': True}]", [{"a": None, "b": "it's", "c": True}]),
        ("{'a': (1, 2)}", {"a": [1, 2]}),
        ("", None),
        ("[1, ", None),
        ("{'a': object()}", None),
        ("'text'", None),
        ("{1j: 2}", None),
        ("[" * 100_000, None),
    ],
)
def test_both_ways_to_write_are_read_and_nothing_else(text: str, value: object) -> None:
    if value is None:
        with pytest.raises(ArtifactError, match="'x' is text, but not JSON"):
            decoded({"x": text}, "x")
        return

    assert decoded({"x": text}, "x") == value
