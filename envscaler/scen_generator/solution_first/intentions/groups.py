"""Words for groups of records: `my pending bookings`, `the orders of Dana Reyes without a note`."""

from collections.abc import Iterator, Sequence

from envscaler.scen_generator.solution_first.intentions.grammar import Form, form
from envscaler.scen_generator.solution_first.intentions.intention import About, Group
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_status,
    label_of,
    with_article,
)

_Part = tuple[str, dict[str, str], dict[str, object]]
"""Words, the rules of their slots, and what they fix."""


def possessives(voices: Sequence[str], *, human: bool) -> tuple[str, ...]:
    """Return the words for what belongs to whom or what a message is about."""
    other = "their" if human else "its"
    return tuple("my" if voice == "own" else other for voice in voices)


def group_forms(nouns: Nouns, noun: str, voices: Sequence[str], *, is_many: bool) -> Iterator[Form]:
    """Yield the forms for groups of one noun.

    Args:
        nouns: The words.
        noun: Path of the collection.
        voices: Who may be writing.
        is_many: All records of the group, rather than the only one.
    """
    for link in (None, *nouns.owners(noun)):
        for before, after, rules, fixed in _filters(nouns, noun):
            held: dict[str, object] = {"noun": noun, "link": link and link.field, **fixed}
            for owner in _owners(nouns, link, voices):
                for words in _phrases(nouns, noun, owner[0], before, is_many=is_many):
                    pattern = words.replace("<after>", after)
                    yield form(Group, pattern, {**owner[1], **rules}, {**held, **owner[2]})


def _owners(nouns: Nouns, link: Link | None, voices: Sequence[str]) -> Iterator[_Part]:
    if link is None:
        yield "", {}, {"of": None}
        return
    yield "of {of}", {"of": f"ref {link.target}"}, {}
    for mine in possessives(voices, human=nouns.is_human(link.target)):
        yield mine, {}, {"of": About(link.target)}


def _filters(
    nouns: Nouns, noun: str
) -> Iterator[tuple[str, str, dict[str, str], dict[str, object]]]:
    """Yield what stands before and after the noun."""
    yield "", "", {}, {"field": None, "value": None}
    for field in nouns.sorting_fields(noun):
        label = label_of(field)
        if is_status(field):
            yield "{value} ", "", {"value": "plain"}, {"field": field}
        yield "", f" with the {label} {{value}}", {"value": "plain"}, {"field": field}
    for field in nouns.fields(noun):
        without = with_article(label_of(field))
        yield "", f" without {without}", {}, {"field": field, "value": None}


def _phrases(nouns: Nouns, noun: str, owner: str, before: str, *, is_many: bool) -> Iterator[str]:
    one, many = nouns.singular(noun), nouns.plural(noun)
    is_of = owner.startswith("of ")
    end = f" {owner}<after>" if is_of else "<after>"
    if not is_many:
        yield f"the {before}{one}{end}" if is_of or not owner else f"{owner} {before}{one}{end}"
    elif is_of or not owner:
        yield f"all {before}{many}{end}"
        yield f"every {before}{one}{end}"
    else:
        yield f"all {owner} {before}{many}{end}"
        yield f"each of {owner} {before}{many}{end}"
