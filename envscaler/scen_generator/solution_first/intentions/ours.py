"""What a house calls the records that it keeps: `our bookings`, but `our patients' allergies`."""

import re

from envscaler.scen_generator.solution_first.intentions.nouns import Nouns

_OF_THE_BODY = re.compile(
    r"allerg|diagnos|prescription|medication|symptom|vaccin|disease|illness|injur|meal|workout"
)
"""Names for what is somebody's own, whoever keeps a record of it."""


def ours(noun: str, nouns: Nouns) -> str:
    """Return the words for records behind `our`.

    Args:
        noun: Path of the collection.
        nouns: What the state holds.
    """
    if nouns.is_human(noun):
        return f"{nouns.singular(noun)} records"
    people = [link.target for link in nouns.links[noun] if nouns.is_human(link.target)]
    is_personal = _OF_THE_BODY.search(noun.rpartition(".")[2]) and people
    before = f"{nouns.plural(people[0])}' " if is_personal else ""
    return f"{before}{nouns.plural(noun)}"
