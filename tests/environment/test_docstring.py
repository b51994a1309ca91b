"""Docstrings in the styles that generated code is written in."""

import inspect

import pytest

from envscaler.environment.code.docstring import read_docstring

NAMES = ["order_id", "reason", "notify"]


def read(text: str) -> dict[str, str]:
    found = read_docstring(inspect.cleandoc(text), NAMES).arguments
    return {name: argument.description for name, argument in found.items()}


GOOGLE = """
    Cancel an order.

    Args:
        order_id (str): The order: must exist.
        reason (Dict[str, Any], optional): Why,
            in a few words:
            - late
            - lost
        Examples: {"why": "late"}
        notify: Whether to tell the customer.

    Returns:
        dict: {"success": True}

    Constraints:
        - Only open orders.
"""
STARRED = """
    Cancel an order.

    Arguments:
    - `order_id` (str) - The order.
    * **reason**: Why.
    - notify (bool): Whether.
"""
NUMPY = """
    Cancel an order.

    Parameters
    ----------
    order_id : str
        The order.
    reason : str, optional
        Why.

    Returns
    -------
    dict
"""
SPHINX = """
    Cancel an order.

    :param str order_id: The order,
        which must exist.
    :param reason: Why.
    :returns: dict
"""


def test_google_style_with_continuations() -> None:
    assert read(GOOGLE) == {
        "order_id": "The order: must exist.",
        "reason": 'Why, in a few words:\n- late\n- lost Examples: {"why": "late"}',
        "notify": "Whether to tell the customer.",
    }


def test_lists_as_arguments() -> None:
    assert read(STARRED) == {"order_id": "The order.", "reason": "Why.", "notify": "Whether."}


def test_numpy_style() -> None:
    assert read(NUMPY) == {"order_id": "The order.", "reason": "Why."}


def test_numpy_style_keeps_its_other_sections() -> None:
    text = f"{inspect.cleandoc(NUMPY)}\n\nConstraints\n-----------\nOnly open orders.\n"

    docstring = read_docstring(text, NAMES)

    assert docstring.sections == {"args", "returns", "constraints"}
    assert docstring.rest.endswith("Constraints:\n    Only open orders.")


def test_sphinx_style() -> None:
    assert read(SPHINX) == {"order_id": "The order, which must exist.", "reason": "Why."}


def test_one_line_for_two_arguments() -> None:
    assert read("Args:\n    order_id, reason (str): Both.") == {
        "order_id": "Both.",
        "reason": "Both.",
    }


@pytest.mark.parametrize("nothing", ["None", "None.", "- None", "(no arguments)"])
def test_a_section_without_arguments(nothing: str) -> None:
    assert read(f"Do it.\n\nArgs:\n    {nothing}\n") == {}


def test_types_are_kept_as_written() -> None:
    found = read_docstring(inspect.cleandoc(GOOGLE), NAMES).arguments

    assert [found[name].type for name in NAMES] == ["str", "Dict[str, Any], optional", ""]


def test_the_rest_is_all_but_the_arguments() -> None:
    rest = read_docstring(inspect.cleandoc(GOOGLE), NAMES).rest

    assert rest == (
        'Cancel an order.\n\nReturns:\n    dict: {"success": True}\n\n'
        "Constraints:\n    - Only open orders."
    )


@pytest.mark.parametrize(
    ("header", "section"),
    [
        ("Args:", "args"),
        ("Parameters:", "args"),
        ("Returns:", "returns"),
        ("Return:", "returns"),
        ("Constraints:", "constraints"),
        ("Constraints enforced:", "constraints"),
        ("Constraints/reminders:", "constraints"),
        ("Constraint:", "constraints"),
    ],
)
def test_headers_and_their_sections(header: str, section: str) -> None:
    assert read_docstring(f"Do it.\n\n{header}\n    x", []).sections == {section}


def test_prose_is_no_header() -> None:
    assert read_docstring("Returns the order: all of it.", []).sections == set()
