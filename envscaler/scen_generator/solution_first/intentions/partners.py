"""Which records go with others of a request: whoever plays a role, what a list holds."""

from collections.abc import Iterable, Iterator

from envscaler.environment.state.collections import Key, items_of, stem_of
from envscaler.inputs.agreement.belonging import roles_of
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns


def in_role(parameter: str, noun: str, nouns: Nouns) -> list[Key]:
    """Return those who are what a parameter is called: patients among the users.

    Args:
        parameter: Such as `patient_id`.
        noun: Path of the collection of those among whom one is chosen.
        nouns: What the state holds.
    """
    role = (stem_of(parameter) or parameter).rpartition("_")[2]
    if not nouns.is_human(noun):
        return []
    return [key for key in nouns.collections[noun].ids if role in roles_of(nouns.record(noun, key))]


def listed_with(noun: str, others: Iterable[tuple[str, Key]], nouns: Nouns) -> Iterator[Key]:
    """Yield the records of a kind that lists of others hold, or whose lists hold these.

    Args:
        noun: Path of the collection.
        others: Records that were chosen before.
        nouns: What the state holds.
    """
    for other, key in others:
        for each in _listed(other, key, nouns):
            if each in nouns.collections[noun].ids:
                yield each
        yield from (
            home for home in nouns.collections[noun].ids if key in _listed(noun, home, nouns)
        )


def _listed(noun: str, key: Key, nouns: Nouns) -> list[Key]:
    """List the ids in all lists of a record."""
    held = (each for value in nouns.record(noun, key).values() for each in items_of(value) or ())
    return [each for each in held if isinstance(each, str | int)]
