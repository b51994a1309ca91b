"""What is still to be paid of a bill."""

import re

from pydantic import JsonValue

from envscaler.environment.state.collections import Key
from envscaler.inputs.agreement.statuses import SETTLED
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status

_TOTAL = re.compile(r"^(total|amount_due|total_amount|amount_total|amount)$")
_PAID = re.compile(r"^(amount_paid|paid_amount|paid)$")
_PAYMENT = re.compile(r"payment|transaction|instal")


def still_due(noun: str, key: Key, nouns: Nouns) -> float | None:
    """Return what is still due of a bill; None where it does not say, or nothing is.

    Args:
        noun: Path of the collection of the bill.
        key: Its id.
        nouns: What the state holds.
    """
    bill = nouns.record(noun, key)
    total = next((each for name, each in bill.items() if _TOTAL.match(name)), None)
    paid = next((each for name, each in bill.items() if _PAID.match(name)), None)
    if not _is_amount(total):
        return None
    if not _is_amount(paid):
        paid = sum(_amounts_paid(noun, key, nouns))
    left = round(float(str(total)) - float(str(paid)), 2)
    return left if left > 0 else None


def _amounts_paid(noun: str, key: Key, nouns: Nouns) -> list[float]:
    """List the payments of a bill that count."""
    found: list[float] = []
    for other in filter(_PAYMENT.search, nouns.links):
        links = [link.field for link in nouns.links[other] if link.target == noun]
        found += [
            float(str(record.get("amount") or 0))
            for record in (nouns.collections[other].records if links else ())
            if record.get(links[0]) == key and _counts(record)
        ]
    return found


def _counts(payment: JsonObject) -> bool:
    held = {str(value).lower() for name, value in payment.items() if is_status(name)}
    return not held or bool(held & {*SETTLED})


def _is_amount(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
