"""Words for groups of records: `my pending bookings`, `the orders of Dana Reyes without a note`."""

import re
from collections.abc import Iterator, Sequence

from envscaler.scen_generator.solution_first.intentions.grammar import Form, form
from envscaler.scen_generator.solution_first.intentions.intention import About, Group
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
    participle_of,
    with_article,
)
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_kind,
    is_status,
)

_Slots = dict[str, str]
_Fixed = dict[str, object]
_Part = tuple[str, _Slots, _Fixed]
"""Words, the rules of their slots, and what they fix."""


def possessives(voices: Sequence[str], *, human: bool) -> tuple[str, ...]:
    """Return the words for what belongs to whom or what a message is about."""
    other = "their" if human else "its"
    return tuple("my" if voice == "own" else other for voice in voices)


def group_forms(
    nouns: Nouns,
    noun: str,
    voices: Sequence[str],
    *,
    is_many: bool,
    first: str | None = None,
) -> Iterator[Form]:
    """Yield the forms for groups of one noun.

    Args:
        nouns: The words.
        noun: Path of the collection.
        voices: Who may be writing.
        is_many: All records of the group, rather than the only one.
        first: Words before the noun and all that describes it, such as `latest `; None when the
            group stands for itself, and more may be said behind it.
    """
    for owner, before, after, slots, fixed in _descriptions(nouns, noun, voices, is_many=is_many):
        if first is not None and after:
            continue  # two descriptions behind a noun are one too many
        weight = 4 if owner.endswith("'s") else 1
        for words in _phrases(nouns, noun, owner, (first or "") + before, is_many=is_many):
            yield form(Group, words.replace("<after>", after), slots, fixed, weight)


def _descriptions(
    nouns: Nouns, noun: str, voices: Sequence[str], *, is_many: bool
) -> Iterator[tuple[str, str, str, _Slots, _Fixed]]:
    """Yield whose the records are, and what stands before and after the noun."""
    for link in (None, *nouns.owners(noun)):
        for before, after, rules, fixed in _filters(nouns, noun):
            held: _Fixed = {"noun": noun, "link": link and link.field, **fixed}
            for owner, slots, owned in _owners(nouns, link, voices, is_many=is_many):
                if owner == "of {of}" and " whose " in after:
                    continue  # it would be said of the owner
                yield owner, before, after, {**slots, **rules}, {**held, **owned}


def _owners(
    nouns: Nouns, link: Link | None, voices: Sequence[str], *, is_many: bool
) -> Iterator[_Part]:
    if link is None:
        yield "", {}, {"of": None}
        return
    yield "of {of}", {"of": f"{'owners' if is_many else 'ref'} {link.target}"}, {}
    if nouns.is_human(link.target):
        yield "{of}'s", {"of": f"person {link.target}"}, {}
    for mine in possessives(voices, human=nouns.is_human(link.target)):
        yield mine, {}, {"of": About(link.target)}


def _filters(nouns: Nouns, noun: str) -> Iterator[tuple[str, str, _Slots, _Fixed]]:
    """Yield what stands before and after the noun."""
    yield "", "", {}, {"field": None, "value": None}
    for field in nouns.sorting_fields(noun):
        label = label_of(field)
        if is_status(field):
            yield "{value} ", "", {"value": "word"}, {"field": field}
        elif is_kind(field):
            level = re.search(r"priority|severity", field)
            before = f"{{value}}-{level[0]} " if level else "{value} "
            yield before, "", {"value": "word"}, {"field": field}
        if not is_status(field):
            yield "", f" whose {label} is {{value}}", {"value": "plain"}, {"field": field}
    for field in nouns.fields(noun):
        lacking = f" without {with_article(label_of(field))}"
        if done := participle_of(field):
            lacking = f" that has not been {done} yet"
        yield "", lacking, {}, {"field": field, "value": None}


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
