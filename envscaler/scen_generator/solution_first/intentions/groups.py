"""Words for groups of records: `my pending bookings`, `the orders of Dana Reyes without a note`."""

import re
from collections.abc import Iterator, Mapping, Sequence

from envscaler.scen_generator.solution_first.intentions.adjectives import (
    Words,
    before_noun,
    behind_noun,
    degree,
    done_by_itself,
    ended,
    just_so,
    lasting,
    marked,
)
from envscaler.scen_generator.solution_first.intentions.grammar import Form, form
from envscaler.scen_generator.solution_first.intentions.intention import About, Group, Limit
from envscaler.scen_generator.solution_first.intentions.labels import (
    Rank,
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
from envscaler.scen_generator.solution_first.intentions.verb_words import BESIDE

_Slots = dict[str, str]
_Fixed = dict[str, object]
_Part = tuple[str, _Slots, _Fixed]
"""Words, the rules of their slots, and what they fix."""
WORDS: Mapping[str, Words] = {
    "adjective": before_noun,
    "degree": degree,
    "standing": behind_noun,
    "done": done_by_itself,
    "marked": marked,
    "lasting": lasting,
    "ended": ended,
    "just so": just_so,
}
"""Rule → the words for how something is that it says."""
_KEPT: Mapping[str, str] = {
    **dict.fromkeys(("slot", "bin", "drawer", "cabinet", "locker", "compartment", "rack"), "in"),
    "shelf": "on",
}
"""Where things are kept → the word before it."""
_IN = re.compile(r"(^|_)(category|genre|department|section)$")
_SORT = re.compile(r"(type|kind|method)$")
_PLACE = re.compile(r"(^|_)(city|country)$")
_OF = re.compile(r"(^|_)(type|kind|brand|format|language|plan|tier)$")


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
        weight = _weight_of(owner)
        for words, is_one in _phrases(nouns, noun, owner, (first or "") + before, is_many=is_many):
            whole = words.replace("<after>", _in_number(after, is_one=is_one))
            if beside := _beside(slots.get("of", ""), nouns):
                whole = whole.replace(" of {of}", f" {beside} {{of}}")
            yield form(Group, whole, slots, {**fixed, "limit": None}, weight)
            if is_many and not after and "of " not in owner:
                limited = {**slots, "limit": f"limit {noun}"}
                yield form(Group, f"{whole} {{limit}}", limited, fixed, weight)


def _beside(rule: str, nouns: Nouns) -> str:
    """Return where records are that something owns: the ambulances at a station, a set in a slot.

    Empty where they belong to it.
    """
    target = rule.partition(" ")[2]
    word = nouns.singular(target).split()[-1] if target else ""
    return "at" if BESIDE.get(word) == "at" else _KEPT.get(word, "")


def _weight_of(owner: str) -> int:
    """Say how often a form is taken: what tells the owner before the noun is said more often."""
    return 4 if "'s" in owner or owner.startswith(("{", "the of")) else 1


def first_forms(nouns: Nouns, noun: str, rank: Rank) -> Iterator[Form]:
    """Yield forms for the groups of which the first record of each owner is meant.

    `the latest payment of each of the invoices IN-2 and IN-5`, `Ann Lee's and Bob May's latest
    payments`.
    """
    one, many = nouns.singular(noun), nouns.plural(noun)
    for link in nouns.owners(noun):
        for before, after, rules, fixed in _filters(nouns, noun):
            if after:
                continue
            held: _Fixed = {"noun": noun, "link": link.field, "limit": None, **fixed}
            said = f"{rank.before}{before}"
            target = link.target
            has_names = nouns.is_human(target) and nouns.name_fields(target)
            for owner, rule in (("{of}", "every"), ("each of {of}", "each")):
                words = f"the {said}{one}{rank.after} of {owner}"
                yield form(Group, words, {"of": f"{rule} {target}", **rules}, held)
            if has_names:
                words = f"{{of}} {said}{many}{rank.after}"
                yield form(Group, words, {"of": f"whose {target}", **rules}, held, 4)


def limit_forms(nouns: Nouns, noun: str) -> Iterator[Form]:
    """Yield the words for what lies before a day, or above an amount."""
    for field in nouns.order_fields(noun):
        is_date, label = nouns.is_date(noun, field), label_of(field)
        sides = ("after", "before") if is_date else ("above", "below")
        done = participle_of(field) if is_date else None
        start = done or ("due" if label == "due date" else f"with {with_article(label)}")
        for is_over, side in zip((True, False), sides, strict=True):
            fixed = {"by": field, "is_over": is_over}
            yield form(Limit, f"{start} {side} {{value}}", {"value": "plain"}, fixed)


def _in_number(words: str, *, is_one: bool) -> str:
    """Put what is said of records into the singular or the plural."""
    for mark, one, many in (("<is>", "is", "are"), ("<has>", "has", "have")):
        words = words.replace(mark, one if is_one else many)
    return words


def _descriptions(
    nouns: Nouns, noun: str, voices: Sequence[str], *, is_many: bool
) -> Iterator[tuple[str, str, str, _Slots, _Fixed]]:
    """Yield whose the records are, and what stands before and after the noun."""
    for link in (None, *nouns.owners(noun)):
        for before, after, rules, fixed in _filters(nouns, noun):
            held: _Fixed = {"noun": noun, "link": link and link.field, **fixed}
            for owner, slots, owned in _owners(nouns, link, voices, is_many=is_many):
                if owner.startswith(("of ", "the of ")) and re.search(
                    r" (whose|that|marked|in) ", after
                ):
                    continue  # it would be said of the owner
                yield owner, before, after, {**slots, **rules}, {**held, **owned}


def _owners(
    nouns: Nouns, link: Link | None, voices: Sequence[str], *, is_many: bool
) -> Iterator[_Part]:
    if link is None:
        yield "", {}, {"of": None}
        return
    human = nouns.is_human(link.target)
    yield "of {of}", {"of": f"{'owners' if is_many else 'ref'} {link.target}"}, {}
    if human:
        yield "{of}'s", {"of": f"person {link.target}"}, {}
    if is_many:
        yield "the of {of}", {"of": f"listed {link.target}"}, {}
    if is_many and human:
        yield "{of}", {"of": f"whose {link.target}"}, {}
    for mine in possessives(voices, human=human):
        yield mine, {}, {"of": About(link.target)}


def _filters(nouns: Nouns, noun: str) -> Iterator[tuple[str, str, _Slots, _Fixed]]:
    """Yield what stands before and after the noun."""
    yield "", "", {}, {"field": None, "value": None}
    for field in nouns.sorting_fields(noun):
        for before, after, rule in _sorted_by(field, nouns.singular(noun)):
            if rule == "marked" and nouns.is_human(noun):
                continue  # nobody is marked as hypertension
            yield before, after, {"value": rule}, {"field": field}
    for field in nouns.fields(noun):
        lacking = f" without {with_article(label_of(field))}"
        if done := participle_of(field):
            lacking = f" that <has> not been {done} yet"
        yield "", lacking, {}, {"field": field, "value": None}


def _sorted_by(field: str, word: str) -> Iterator[tuple[str, str, str]]:
    """Yield what stands before and after a noun for what a field holds, with its rule."""
    label = label_of(field).removeprefix(f"{word} ")
    if is_status(field):
        yield "{value} ", "", "adjective"
        yield "", " that <is> {value}", "standing"
        yield "", " that <has> {value}", "done"
        yield "", " marked as {value}", "marked"
    elif level := re.search(r"priority|severity", field):
        yield f"{{value}}-{level[0]} ", "", "degree"
        yield "{value} ", "", "adjective"
    elif is_kind(field) or _SORT.search(field) or label == "allergen":
        yield "{value} ", "", "word"
    if not is_status(field) and not _SORT.search(field) and (said := _behind(field, label)):
        yield "", said, "plain"


def _behind(field: str, label: str) -> str:
    """Return what is said behind a noun for what a field holds; empty where nobody says it so."""
    if _PLACE.search(field):
        return " in {value}"
    place = " in the" if _IN.search(field) else " of the" if _OF.search(field) else ""
    return f"{place} {label} {{value}}" if place else ""


def _phrases(
    nouns: Nouns, noun: str, owner: str, before: str, *, is_many: bool
) -> Iterator[tuple[str, bool]]:
    """Yield the words of groups, and whether they speak of one record at a time."""
    one, many = nouns.singular(noun), nouns.plural(noun)
    is_of = owner.startswith("of ")
    end = f" {owner}<after>" if is_of else "<after>"
    if not is_many:
        words = f"the {before}{one}{end}" if is_of or not owner else f"{owner} {before}{one}{end}"
        yield words, True
    elif owner.startswith("the of "):
        yield f"the {before}{many}{owner.removeprefix('the')}<after>", False
    elif owner == "{of}":
        yield f"{{of}} {before}{many}<after>", False
    elif is_of or not owner:
        yield f"all {before}{many}{end}", False
        yield f"every {before}{one}{end}", True
    else:
        yield f"all {owner} {before}{many}{end}", False
        yield f"each of {owner} {before}{many}{end}", False
