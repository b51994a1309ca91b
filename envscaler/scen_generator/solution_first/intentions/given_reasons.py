"""Texts for the reason that a tool asks for: why something is blocked, sent back, or paid."""

from collections.abc import Mapping
from random import Random

from envscaler.scen_generator.solution_first.intentions.docstring_words import words_of

_STOPS = ("block", "close", "lock", "suspend", "pause", "quarantine", "shut", "hold", "open")
_UNDOES = ("cancel", "void", "reject", "decline", "withdraw", "refuse", "scratch", "deny")
_REPEATS = ("send", "return", "reopen", "undo", "retake", "recall", "remake")
_PAYS = ("post", "credit", "refund", "payment", "adjust", "charge", "discount", "waive", "pay")
_BY_VERB: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_STOPS, ("Needs repair", "Due for an inspection", "Something is broken")),
    **dict.fromkeys(_UNDOES, ("Entered twice", "Entered by mistake", "Asked for by mistake")),
    "write": ("Beyond repair", "Damaged beyond repair"),
    **dict.fromkeys(_REPEATS, ("Not done as agreed", "Something is missing", "Not up to standard")),
    **dict.fromkeys(_PAYS, ("Agreed by phone", "The last amount was wrong", "Settled by letter")),
}


def reason_text(tool: str, random: Random) -> str | None:
    """Return why something is done; None where that is not known from what it is called.

    Args:
        tool: Name of the tool.
        random: Decides.
    """
    known = _BY_VERB.get(words_of(tool)[0])
    return random.choice(known) if known else None
