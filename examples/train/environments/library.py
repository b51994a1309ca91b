"""Loans of a small library."""

from typing import TypedDict


class Loan(TypedDict):
    """A book that somebody has."""

    loan_id: str
    reader_name: str
    title: str
    status: str


class LibraryLoans:
    """Books that readers of a small library have at home."""

    def __init__(self):
        # loan_id -> loan
        self.loans: dict[str, Loan] = {}

    def find_loans(self, reader_name: str) -> dict:
        """Find the loans of a reader.

        Args:
            reader_name (str): Full name.
        """
        found = [dict(one) for one in self.loans.values() if one["reader_name"] == reader_name]
        return {"success": True, "data": found}

    def set_loan_status(self, loan_id: str, status: str) -> dict:
        """Set the status of a loan.

        Args:
            loan_id (str): The loan.
            status (str): "open", "renewed" or "lost".
        """
        if loan_id not in self.loans:
            return {"success": False, "error": "No such loan"}
        if status not in ("open", "renewed", "lost"):
            return {"success": False, "error": "No such status"}
        self.loans[loan_id]["status"] = status
        return {"success": True, "message": "Set"}

    def end_loan(self, loan_id: str) -> dict:
        """End a loan: the book is back.

        Args:
            loan_id (str): The loan.
        """
        if loan_id not in self.loans:
            return {"success": False, "error": "No such loan"}
        del self.loans[loan_id]
        return {"success": True, "message": "Ended"}
