"""Words for records: names, groups, the first and the last, what belongs to another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from envscaler.scen_generator.solution_first.intentions.grammar import (
    Form,
    Grammar,
    Slot,
    form,
)
from envscaler.scen_generator.solution_first.intentions.groups import (
    first_forms,
    group_forms,
    limit_forms,
    possessives,
)
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Condition,
    Extreme,
    Firsts,
    Group,
    Linked,
    Named,
    New,
    Only,
    Same,
    Several,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.labels import (
    Rank,
    label_of,
    participle_of,
    ranks,
)
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_status,
    is_telling,
    main_date,
)

_MANNERS = {"of": 0.2, "'s": 0.8}
"""Ways to tell an owner, of which a list keeps to one, and how often each is chosen."""


_AFTER = re.compile(r"(^| )(department|category|team|project|group)$")
"""What is said behind its name: the Marketing department."""
_FIRM = re.compile(r"(^| )(business|company|restaurant|hotel|shop|supplier|vendor)$")
"""What has a name as people have."""

_GOODS = re.compile(r"(^| )(commodity|article|stock item|inventory item)$")
"""What nobody calls so."""


class References:
    """Adds the words for the records of a state, and for what they hold, to a grammar.

    Args:
        nouns: Words of its collections.
    """

    def __init__(self, nouns: Nouns) -> None:
        self._nouns = nouns

    def add(self, grammar: Grammar, noun: str, voices: Sequence[str]) -> None:
        word, near = self._nouns.singular(noun), self.pronoun(noun)
        rule, own = f"ref {noun}", {"noun": noun}
        names = [*self._names(noun)]
        grammar.add(f"base {noun}", *names)
        grammar.add(rule, *names)
        grammar.add(
            f"person {noun}", *(each for each in names if each.parts[0] == Slot("name", "plain"))
        )
        grammar.add(f"self {noun}", *self._selves(noun))
        grammar.add(rule, form(Only, "{group}", {"group": f"one {noun}"}))
        grammar.add(rule, form(Again, near, {}, {**own, "is_near": True}))
        for said in (f"that {word}", f"the same {word}"):
            grammar.add(rule, form(Again, said, {}, {**own, "is_near": False}))
        grammar.add(
            rule, form(New, f"the new {word}", {}, own), *self._extremes(grammar, noun, voices)
        )
        for link in self._nouns.roles(noun):
            grammar.add(f"ref {link.target}", *self._linked(noun, link, voices))
            pattern = f"the {_role(link.field, self._nouns.singular(link.target))} of {{of}}"
            fixed = {"noun": link.target, "field": link.field}
            grammar.add(f"base {link.target}", form(Linked, pattern, {"of": f"base {noun}"}, fixed))
        for voice in voices:
            said = "me" if voice == "own" else near
            grammar.add(f"any {noun}", form(About, said, {}, own))
        for field in self._nouns.fields(noun):
            pattern = f"the same {label_of(field)} as {{of}}"
            grammar.add("value", form(Same, pattern, {"of": rule}, {"field": field}, 2))

    def pronoun(self, noun: str) -> str:
        return "them" if self._nouns.is_human(noun) else "it"

    def _names(self, noun: str) -> Iterator[Form]:
        """Yield forms for names and ids."""
        word, own = self._nouns.singular(noun), {"noun": noun}
        yield form(Told, f"{word} {{key}}", {"key": "id"}, own)
        if self._is_in_ids(noun):
            yield form(Told, "{key}", {"key": "id"}, own, 50)
        for field in self._nouns.name_fields(noun)[:1]:
            fixed = {**own, "field": field}
            weight = 0.2 if self._nouns.is_human(noun) else 1.0
            named = f"the {{name}} {word}" if _AFTER.search(word) else f"the {word} {{name}}"
            yield form(Named, named, {"name": "plain"}, fixed, weight)
            if _GOODS.search(word):
                yield form(Named, "the {name}", {"name": "plain"}, fixed, 20)
            if _FIRM.search(word):
                yield form(Named, "{name}", {"name": "proper"}, fixed, 20)
            if self._nouns.is_human(noun):
                yield form(Named, "{name}", {"name": "plain"}, fixed, 6)
        for field in self._nouns.name_fields(noun)[1:]:
            pattern, fixed = (
                f"the {word} whose {label_of(field)} is {{name}}",
                {**own, "field": field},
            )
            yield form(Named, pattern, {"name": "plain"}, fixed, 0.05)
            if field == "email":
                yield form(Named, "{name}", {"name": "plain"}, fixed, 6)

    def _is_in_ids(self, noun: str) -> bool:
        """Tell whether ids say what they are of: nobody writes `review review_3`."""
        word = self._nouns.singular(noun).split()[-1]
        ids = [str(key).lower() for key in self._nouns.collections[noun].ids]
        return bool(ids) and all(key.startswith((f"{word}_", f"{word}-")) for key in ids)

    def _selves(self, noun: str) -> Iterator[Form]:
        """Yield sentences in which the person that a record stands for says so."""
        word, own = self._nouns.singular(noun), {"noun": noun}
        yield form(Told, f"my {word} ID is {{key}}", {"key": "id"}, own)
        for field in self._nouns.name_fields(noun):
            fixed, label = {**own, "field": field}, label_of(field)
            said = [f"my {label} is {{name}}"]
            if field.endswith("name") and label in ("name", "full name"):
                said = ["I'm {name}", "my name is {name}", "this is {name}"]
            for pattern in said:
                yield form(Named, pattern, {"name": "plain"}, fixed)

    def _extremes(self, grammar: Grammar, noun: str, voices: Sequence[str]) -> Iterator[Form]:
        main = main_date(self._nouns, noun)
        for field in self._nouns.order_fields(noun):
            is_date = self._nouns.is_date(noun, field)
            for each in ranks(field, is_date=is_date, is_main=field == main):
                rule = f"{each.before}narrow {noun}"
                if not grammar.forms(rule):
                    said = group_forms(self._nouns, noun, voices, is_many=False, first=each.before)
                    grammar.add(rule, *said)
                fixed = {"by": field, "most": each.most, "rank": each.rank}
                yield form(Extreme, f"{{group}}{each.after}", {"group": rule}, fixed)

    def _linked(self, noun: str, link: Link, voices: Sequence[str]) -> Iterator[Form]:
        """Yield forms for the record that a record of a noun refers to."""
        word = self._nouns.singular(link.target)
        role = _role(link.field, word)
        fixed = {"noun": link.target, "field": link.field}
        yield form(Linked, f"the {role} of {{of}}", {"of": f"ref {noun}"}, fixed)
        for mine in possessives(voices, human=self._nouns.is_human(noun)):
            yield form(Linked, f"{mine} {role}", {}, {**fixed, "of": About(noun)}, 4)

    def add_lists(self, grammar: Grammar, noun: str) -> None:
        """Add the words for records that are told one by one, where several may stand."""
        one, rule = f"ref {noun}", f"list {noun}"
        for manner, weight in _MANNERS.items():
            each, more = _in_manner(grammar, one, manner), f"{manner} {rule}"
            grammar.add(more, *_listing(each, more, weight=weight))
            grammar.add(rule, *grammar.forms(more))
        grammar.add(f"owners {noun}", *grammar.forms(one))
        kinds = [
            each
            for each in group_forms(self._nouns, noun, (), is_many=True)
            if each.fixed.get("link") is None
        ]
        grammar.add(f"owners {noun}", *kinds)
        grammar.add(f"every {noun}", *(each for each in kinds if begins(each, "every ")))
        for each in ("any", "many", "owners"):
            grammar.add(f"{each} {noun}", *grammar.forms(rule))
        self._add_names(grammar, noun)

    def _add_names(self, grammar: Grammar, noun: str) -> None:
        """Add the words for records of which only the names are listed."""
        bare, names, many = f"bare {noun}", f"names {noun}", self._nouns.plural(noun)
        fields = self._nouns.name_fields(noun)[:1]
        is_plain = bool(fields) and self._nouns.is_human(noun)
        before = "" if is_plain else f"the {many} " if fields else f"{many} "
        if not fields:
            grammar.add(bare, form(Told, "{key}", {"key": "id"}, {"noun": noun}))
        else:
            grammar.add(f"coded {noun}", form(Told, "{key}", {"key": "id"}, {"noun": noun}))
            grammar.add(f"codes {noun}", *_listing(f"coded {noun}", f"codes {noun}"))
        for field in fields:
            fixed = {"noun": noun, "field": field}
            grammar.add(bare, form(Named, "{name}", {"name": "plain"}, fixed))
            grammar.add(f"'s {noun}", form(Named, "{name}'s", {"name": "plain"}, fixed))
        grammar.add(names, *_listing(bare, names))
        for each in ("any", "many", "owners", "listed"):
            grammar.add(f"{each} {noun}", *_listing(bare, names, before, 500))
            coded = _listing(f"coded {noun}", f"codes {noun}", f"{many} ", 500)
            grammar.add(f"{each} {noun}", *(coded if fields else ()))
        grammar.add(f"each {noun}", *_listing(bare, names, "" if is_plain else f"the {many} "))
        if is_plain:
            two = {"first": f"'s {noun}", "rest": f"'s {noun}"}  # more are told behind an `of`
            grammar.add(f"whose {noun}", form(Several, "{first} and {rest}", two))

    def _add_firsts(self, grammar: Grammar, noun: str) -> None:
        """Add the words for the first record of each of several owners."""
        main = main_date(self._nouns, noun)
        for field in self._nouns.order_fields(noun):
            is_date = self._nouns.is_date(noun, field)
            for each in (*ranks(field, is_date=is_date, is_main=field == main),):
                if each.rank > 1:
                    continue
                rank = _before_many(field, each, is_date=is_date)
                rule = f"{rank.before}{rank.after} each {noun}"
                if not grammar.forms(rule):
                    grammar.add(rule, *first_forms(self._nouns, noun, rank))
                fixed = {"by": field, "most": each.most}
                grammar.add(f"many {noun}", form(Firsts, "{group}", {"group": rule}, fixed))

    def add_groups(self, grammar: Grammar, noun: str, voices: Sequence[str]) -> None:
        for is_many, rule in ((False, f"one {noun}"), (True, f"many {noun}")):
            grammar.add(rule, *group_forms(self._nouns, noun, voices, is_many=is_many))
        grammar.add(f"limit {noun}", *limit_forms(self._nouns, noun))
        self._add_firsts(grammar, noun)

    def add_conditions(self, grammar: Grammar, noun: str, voices: Sequence[str]) -> None:
        rule, human = f"ref {noun}", self._nouns.is_human(noun)
        for field in filter(is_status, self._nouns.fields(noun)):
            fixed = {"field": field, "test": "is"}
            grammar.add("condition", *self._standing(noun, fixed))
        for field in self._nouns.fields(noun):
            label = label_of(field)
            head = label.split(" in ")[0]
            is_many = head.endswith("s") and not head.endswith(("ss", "us", "is"))
            verb = "are" if is_many else "is"
            tests = (("is", verb), ("over", f"{verb} above"), ("under", f"{verb} below"))
            for test, said in tests:
                if not is_telling(field):
                    continue
                if test != "is" and not self._nouns.is_order(noun, field):
                    continue
                fixed = {"field": field, "test": test}
                rules = {"of": rule, "value": "plain"}
                pattern = f"the {label} of {{of}} {said} {{value}}"
                grammar.add("condition", form(Condition, pattern, rules, fixed))
                for mine in possessives(voices, human=human):
                    own = {**fixed, "of": About(noun)}
                    pattern = f"{mine} {label} {said} {{value}}"
                    grammar.add("condition", form(Condition, pattern, {"value": "plain"}, own, 4))

    def _standing(self, noun: str, fixed: Mapping[str, object]) -> Iterator[Form]:
        """Yield forms for how things stand with a record: `if loan LO-2 is still overdue`."""
        for words, before in (("just so", "is"), ("lasting", "is still"), ("ended", "has")):
            rules = {"of": f"ref {noun}", "value": words}
            yield form(Condition, f"{{of}} {before} {{value}}", rules, fixed, 200)
            if not self._nouns.is_human(noun):
                own = {**fixed, "of": About(noun)}
                yield form(Condition, f"it {before} {{value}}", {"value": words}, own, 200)


def _listing(one: str, rest: str, before: str = "", weight: float = 1.0) -> Iterator[Form]:
    """Yield forms for two records, and for one with those after it."""
    last = {"first": one, "rest": one}
    yield form(Several, f"{before}{{first}} and {{rest}}", last, weight=weight)
    more = {"first": one, "rest": rest}
    yield form(Several, f"{before}{{first}}, {{rest}}", more, weight=weight)


def begins(each: Form, words: str) -> bool:
    """Tell whether what a form says begins so."""
    first = each.parts[0]
    return isinstance(first, str) and first.startswith(words)


def _before_many(field: str, rank: Rank, *, is_date: bool) -> Rank:
    """Return words for a rank that stand before a noun: `earliest submitted`."""
    done = participle_of(field) if is_date else None
    return rank if rank.before or not done else Rank(f"earliest {done} ", "", rank.most)


def _in_manner(grammar: Grammar, rule: str, manner: str) -> str:
    """Add a rule for the forms of another one that tell owners in one manner; return its name."""
    name = f"{manner} {rule}"
    if not grammar.forms(name):
        for each in grammar.forms(rule):
            if not _is_in_other_manner(each, manner):
                parts = (_part_in_manner(grammar, part, manner) for part in each.parts)
                grammar.add(name, replace(each, parts=tuple(parts)))
    return name


def _part_in_manner(grammar: Grammar, part: str | Slot, manner: str) -> str | Slot:
    if isinstance(part, Slot) and part.name == "group":
        return Slot(part.name, _in_manner(grammar, part.rule, manner))
    return part


def _is_in_other_manner(each: Form, manner: str) -> bool:
    """Tell whether a form tells the owner of a group in another manner."""
    if each.kind is not Group or "of" not in each.slots:
        return False
    is_possessive = any(isinstance(part, str) and part.startswith("'s ") for part in each.parts)
    return is_possessive is not (manner == "'s")


def _role(field: str, noun: str) -> str:
    """Return what a record is for the one that refers to it: `assigned agent`."""
    label = label_of(field)
    return label if noun.split()[-1] in label or not label.endswith(" by") else f"{label} {noun}"
