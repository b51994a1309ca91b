"""Words for what something is done to, or for what is made, where the name of a tool is odd."""

import re
from collections.abc import Iterator

from envscaler.scen_generator.solution_first.intentions.labels import with_article
from envscaler.scen_generator.solution_first.intentions.nouns import counted


def plainly(made: str) -> str:
    """Leave out words that nobody says: a new loan transaction is a loan, an activity log a log."""
    made = re.sub(r"^new_", "", made)
    made = re.sub(r"(?<=activity)_log$|(?<=loan)_transaction$|(?<=allergy)_record$", "", made)
    return counted(made)


def one_more(what: str, slot: str) -> Iterator[tuple[str, str]]:
    """Word what is counted up: `add a like to {post}`, `mark {review} as helpful`.

    Args:
        what: What is counted, in words.
        slot: The record, as a slot of a pattern.

    Yields:
        The words before and after what it is done to.
    """
    if what.split()[0] == "helpful":
        yield f"mark {slot}", " as helpful"
    elif what.split()[-1] in ("count", "number", "total"):
        yield f"increase the {what} of {slot}", " by one"
    else:
        yield f"add {with_article(what)} to {slot}", ""
