"""Exchanging methods: one changes, the rest of the module stays."""

import pytest

from envscaler.environment.code.assemble import read_class
from envscaler.environment.code.replace import replace_methods
from envscaler.errors import ReplyError

SOURCE = '''import copy


class Loans:
    """Loans of a library."""

    def __init__(self) -> None:
        self.loans: dict[str, dict] = {}

    # Readers ask for this first.
    def get_loan(self, loan_id: str) -> dict:
        """Look a loan up."""
        return {"success": True, "data": copy.deepcopy(self._find(loan_id))}

    def _find(self, loan_id: str) -> dict | None:
        return self.loans.get(loan_id)

    def end_loan(self, loan_id: str) -> dict:
        """End a loan."""
        self.loans.pop(loan_id)
        return {"success": True, "message": "ended"}
'''
MENDED = '''import re


def get_loan(self, loan_id: str) -> dict:
    """Look a loan up, by its id in any case."""
    return {"success": True, "data": self._find(re.sub("[a-z]+", "", loan_id))}
'''


def test_the_new_method_stands_where_the_old_one_stood() -> None:
    repaired = replace_methods(SOURCE, "Loans", {"get_loan": MENDED})

    found = read_class(repaired)
    assert list(found.tools) == ["get_loan", "end_loan"]
    assert "in any case" in repaired
    assert "Look a loan up." not in repaired


def test_imports_of_the_new_method_come_to_the_top() -> None:
    repaired = replace_methods(SOURCE, "Loans", {"get_loan": MENDED})

    assert repaired.startswith("import copy\nimport re\n")


def test_helpers_and_other_methods_stay() -> None:
    repaired = replace_methods(SOURCE, "Loans", {"get_loan": MENDED})

    for text in ("def _find(self", "self.loans.pop(loan_id)", '"""Loans of a library."""'):
        assert repaired.count(text) == 1


def test_a_comment_goes_with_its_method() -> None:
    repaired = replace_methods(SOURCE, "Loans", {"get_loan": MENDED})

    assert "Readers ask" not in repaired


def test_nothing_to_replace_changes_no_code() -> None:
    once = replace_methods(SOURCE, "Loans", {})

    assert "# Readers ask for this first.\n    def get_loan" in once
    assert replace_methods(once, "Loans", {}) == once


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ReplyError, match="Loans defines no method burn_loan"):
        replace_methods(SOURCE, "Loans", {"burn_loan": MENDED})
