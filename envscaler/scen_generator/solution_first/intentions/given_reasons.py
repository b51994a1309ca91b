"""Texts for the reason that a tool asks for: why something is blocked, sent back, or paid."""

from collections.abc import Mapping
from random import Random

from envscaler.scen_generator.solution_first.intentions.docstring_words import words_of

_STOPS = ("block", "close", "lock", "suspend", "pause", "quarantine", "shut", "hold", "open")
_UNDOES = ("cancel", "void", "reject", "decline", "write", "withdraw", "refuse", "scratch", "deny")
_REPEATS = ("send", "return", "reopen", "undo", "retake", "recall", "remake")
_PAYS = ("post", "credit", "refund", "payment", "adjust", "charge", "discount", "waive", "pay")
_BY_VERB: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_STOPS, ("Needs repair", "Due for an inspection", "Something is broken")),
    **dict.fromkeys(_UNDOES, ("Entered twice", "Entered by mistake", "Asked for by mistake")),
    **dict.fromkeys(_REPEATS, ("Not done as agreed", "Something is missing", "Not up to standard")),
    **dict.fromkeys(_PAYS, ("Agreed by phone", "The last amount was wrong", "Settled by letter")),
}
_PLAINLY = ("Agreed by phone", "Asked for by letter")


def reason_text(tool: str, random: Random) -> str:
    """Return why something is done.

    Args:
        tool: Name of the tool.
        random: Decides.
    """
    return random.choice(_BY_VERB.get(words_of(tool)[0], _PLAINLY))
