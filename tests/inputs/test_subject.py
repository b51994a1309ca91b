"""What a tool is for, by its name and description."""

import pytest

from envscaler.inputs.subject import kind_of


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("list_books", "List the books.", "query"),
        ("add_book", "How many copies are added.", "change"),
        ("availability", "How many copies are free.", "query"),
        ("overview", "Tell all. Changes nothing.", "query"),
        ("availability", "Put a copy on the shelf.", "unknown"),
    ],
)
def test_a_tool_is_known_by_its_verb_or_by_what_it_says(
    name: str, description: str, kind: str
) -> None:
    assert kind_of(name, description) == kind
