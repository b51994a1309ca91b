"""The grammar of the messages about one state of one environment."""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import cast

from envscaler.environment.state.collections import Collection, stem_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions import sentences
from envscaler.scen_generator.solution_first.intentions.grammar import (
    Form,
    Grammar,
    Lexicon,
    UnsaidError,
    form,
)
from envscaler.scen_generator.solution_first.intentions.groups import group_forms, possessives
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Busiest,
    Condition,
    Extreme,
    Given,
    Intention,
    Linked,
    Named,
    New,
    Only,
    Request,
    Same,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_human,
    label_of,
    own_collections,
)
from envscaler.scen_generator.solution_first.intentions.spoken import Values, ids
from envscaler.scen_generator.solution_first.intentions.verbs import (
    Target,
    is_creating,
    wordings,
)

Voice = str
"""`own`: whoever writes is the person that it is about; `other`: somebody else."""
VOICES: tuple[Voice, ...] = ("own", "other")
_OF = re.compile(r"the ([\w -]+) of \{(\w+)\}")
_SENTENCE = re.compile(r"(^|[.!?] )([a-z])")
_INNER = re.compile(r"([.!?] )([a-z])")


def targets_of(tool: Tool, context: SearchContext, *, as_new: bool = False) -> tuple[Target, ...]:
    """Return the parameters of a tool that take ids, with the word for such a record.

    Args:
        tool: The tool.
        context: Knows the collections.
        as_new: The id of what the tool is named after is one that nobody has yet.
    """
    found: list[Target] = []
    for name in tool.properties:
        collection = target_collection(tool, name, context)
        if collection is not None:
            noun = singular(collection.name)
            made = as_new and is_creating(tool) and noun.split("_")[-1] in _head(tool)
            found.append(Target(name, noun, made, is_human(noun)))
    return tuple(found)


def _head(tool: Tool) -> list[str]:
    """Return the words of a name before the first preposition."""
    words = tool.name.split("_")[1:]
    ends = [at for at, word in enumerate(words) if word in ("to", "for", "from", "of", "in")]
    return words[: ends[0]] if ends else words


def target_collection(tool: Tool, name: str, context: SearchContext) -> Collection | None:
    """Find the collection whose ids a parameter takes, also where only the source tells."""
    schema = tool.properties.get(name, {})
    if schema.get("type") not in ("string", "integer"):
        return None
    collections = own_collections(context.collections)
    found = target_of(name, collections) if stem_of(name) is not None else None
    for holder in context.hints.holders.get(name, ()) if found is None else ():
        found = next((one for one in collections if one.path == holder), None)
    stem = stem_of(name)
    if found is None and stem:
        ends = [one for one in collections if singular(one.name).endswith(f"_{stem}")]
        found = ends[0] if len(ends) == 1 else None
    if found is None:
        values = {value for value in context.pool(tool, name).values if isinstance(value, str)}
        holding = [one for one in collections if values and values <= set(one.ids)]
        found = holding[0] if len(holding) == 1 else None
    return found


class Phrasing:
    """Words intentions as messages, and reads messages.

    Args:
        context: The environment and its state.
        nouns: Words of its collections.
    """

    def __init__(self, context: SearchContext, nouns: Nouns) -> None:
        self._context = context
        self._nouns = nouns
        self._values = _values_of(context, nouns)
        self._grammars = {voice: self._grammar((voice,)) for voice in VOICES}
        self._reader = self._grammar(VOICES)

    def say(self, intention: Intention, voice: Voice, random: Random) -> str:
        """Put an intention into words.

        Raises:
            UnsaidError: There are none.
        """
        said = self._grammars[voice].say("message", intention, random)
        return _capitalised(said)

    def says(self, rule: str, meaning: object) -> bool:
        """Tell whether there are words for a part of an intention."""
        try:
            self._reader.say(rule, meaning, Random(0))
        except LookupError:
            return False
        return True

    def read(self, message: str) -> list[Intention]:
        """Return all that a message may mean.

        Raises:
            AmbiguousError: That is too much.
        """
        return cast("list[Intention]", self._reader.read("message", message))

    def _grammar(self, voices: Sequence[Voice]) -> Grammar:
        grammar = Grammar()
        grammar.define("plain", self._values.lexicon())
        grammar.define("id", ids())
        grammar.add("value", form(Given, "{value}", {"value": "plain"}))
        grammar.define("flag", _flags())
        grammar.add("new id", form(Given, "{value}", {"value": "id"}))
        grammar.add("flag value", form(Given, "{value}", {"value": "flag"}))
        for noun in self._nouns.collections:
            self._add_references(grammar, noun, voices)
            self._add_groups(grammar, noun, voices)
            self._add_conditions(grammar, noun, voices)
        for noun in self._nouns.collections:
            grammar.add(f"many {noun}", *grammar.forms(f"ref {noun}"))
            grammar.add(f"any {noun}", *grammar.forms(f"many {noun}"))
        for tool in self._context.environment.tools:
            if tool.name in self._context.environment.structure.changes:
                grammar.add("do", *self._requests(tool, voices))
        sentences.add_sentences(grammar)
        sentences.add_plain_messages(grammar)
        for noun in self._nouns.collections:
            sentences.add_messages(grammar, noun, self._nouns, voices)
        return grammar

    def _requests(self, tool: Tool, voices: Sequence[Voice]) -> Iterator[Form]:
        for as_new in (False, True) if is_creating(tool) else (False,):
            targets = targets_of(tool, self._context, as_new=as_new)
            for wording in wordings(tool, targets):
                rules = self._rules(tool, targets)
                for pattern in wording.patterns:
                    yield from self._spoken(pattern, tool, rules, voices)

    def _spoken(
        self, pattern: str, tool: Tool, rules: Mapping[str, str], voices: Sequence[Voice]
    ) -> Iterator[Form]:
        """Yield a form for a pattern, and `my status` beside `the status of ...`."""
        fixed: dict[str, object] = {"tool": tool.name}
        found = _OF.search(pattern)
        target = target_collection(tool, found[2], self._context) if found else None
        if found is None or target is None:
            yield form(Request, pattern, rules, fixed)
            return
        yield form(Request, pattern, {**rules, found[2]: f"many {target.path}"}, fixed)
        human = self._nouns.is_human(target.path)
        for mine in possessives(voices, human=human):
            words = pattern.replace(found[0], f"{mine} {found[1]}")
            yield form(Request, words, rules, {**fixed, found[2]: About(target.path)}, 3)

    def _rules(self, tool: Tool, targets: Sequence[Target]) -> Mapping[str, str]:
        new = {each.parameter for each in targets if each.is_new}
        rules: dict[str, str] = {}
        for name, schema in tool.properties.items():
            target = target_collection(tool, name, self._context)
            if name in new:
                rules[name] = "new id"
            elif target is not None:
                rules[name] = f"any {target.path}"
            elif schema.get("type") == "boolean":
                rules[name] = "flag value"
            else:
                rules[name] = "value"
        return rules

    def _add_references(self, grammar: Grammar, noun: str, voices: Sequence[Voice]) -> None:
        word, near = self._nouns.singular(noun), self._pronoun(noun)
        rule, own = f"ref {noun}", {"noun": noun}
        names = [*self._names(noun)]
        grammar.add(f"base {noun}", *names)
        grammar.add(rule, *names)
        grammar.add(rule, form(Only, "{group}", {"group": f"one {noun}"}))
        grammar.add(rule, form(Again, near, {}, {**own, "is_near": True}))
        for said in (f"that {word}", f"the same {word}"):
            grammar.add(rule, form(Again, said, {}, {**own, "is_near": False}))
        grammar.add(rule, form(New, f"the new {word}", {}, own), *self._extremes(noun))
        for link in self._nouns.links[noun]:
            grammar.add(f"ref {link.target}", *self._linked(noun, link, voices))
        for voice in voices:
            said = "me" if voice == "own" else near
            grammar.add(f"any {noun}", form(About, said, {}, own))
        for field in self._nouns.fields(noun):
            pattern = f"the same {label_of(field)} as {{of}}"
            grammar.add("value", form(Same, pattern, {"of": rule}, {"field": field}, 2))

    def _pronoun(self, noun: str) -> str:
        return "them" if self._nouns.is_human(noun) else "it"

    def _names(self, noun: str) -> Iterator[Form]:
        """Yield forms for names and ids."""
        word, own = self._nouns.singular(noun), {"noun": noun}
        yield form(Told, f"{word} {{key}}", {"key": "id"}, own)
        yield form(Told, f"the {word} {{key}}", {"key": "id"}, own, 0.5)
        for field in self._nouns.name_fields(noun)[:1]:
            fixed = {**own, "field": field}
            yield form(Named, f"the {word} {{name}}", {"name": "plain"}, fixed)
            if self._nouns.is_human(noun):
                yield form(Named, "{name}", {"name": "plain"}, fixed, 3)
        for field in self._nouns.name_fields(noun)[1:]:
            pattern = f"the {word} with the {label_of(field)} {{name}}"
            yield form(Named, pattern, {"name": "plain"}, {**own, "field": field})

    def _extremes(self, noun: str) -> Iterator[Form]:
        for field in self._nouns.order_fields(noun):
            for said, most, rank in _ranks(is_date=self._nouns.is_date(noun, field)):
                pattern = f"{{group}} with the {said} {label_of(field)}"
                fixed = {"by": field, "most": most, "rank": rank}
                yield form(Extreme, pattern, {"group": f"one {noun}"}, fixed)

    def _linked(self, noun: str, link: Link, voices: Sequence[Voice]) -> Iterator[Form]:
        """Yield forms for the record that a record of a noun refers to."""
        word = self._nouns.singular(link.target)
        role = _role(link.field, word)
        fixed = {"noun": link.target, "field": link.field}
        yield form(Linked, f"the {role} of {{of}}", {"of": f"ref {noun}"}, fixed)
        for mine in possessives(voices, human=self._nouns.is_human(noun)):
            yield form(Linked, f"{mine} {role}", {}, {**fixed, "of": About(noun)}, 4)
        if link in self._nouns.owners(noun):
            pattern = f"the {word} with the most {self._nouns.plural(noun)}"
            counted = {"noun": link.target, "counted": noun, "link": link.field}
            yield form(Busiest, pattern, {}, counted)

    def _add_groups(self, grammar: Grammar, noun: str, voices: Sequence[Voice]) -> None:
        for is_many, rule in ((False, f"one {noun}"), (True, f"many {noun}")):
            grammar.add(rule, *group_forms(self._nouns, noun, voices, is_many=is_many))

    def _add_conditions(self, grammar: Grammar, noun: str, voices: Sequence[Voice]) -> None:
        rule, human = f"ref {noun}", self._nouns.is_human(noun)
        for field in self._nouns.fields(noun):
            label = label_of(field)
            for test, said in (("is", "is"), ("over", "is above"), ("under", "is below")):
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


def _role(field: str, noun: str) -> str:
    """Return what a record is for the one that refers to it: `assigned agent`."""
    label = label_of(field)
    return label if noun.split()[-1] in label or not label.endswith(" by") else f"{label} {noun}"


def _ranks(*, is_date: bool) -> Iterator[tuple[str, bool, int]]:
    most, least = ("latest", "earliest") if is_date else ("highest", "lowest")
    yield from ((most, True, 1), (least, False, 1))
    yield from ((f"second {most}", True, 2), (f"second {least}", False, 2))


def _flags() -> Lexicon:
    """Return words for yes and no."""

    def say(value: object, _: Random) -> str:
        if not isinstance(value, bool):
            raise UnsaidError(f"{value!r} is neither yes nor no")
        return "yes" if value else "no"

    def read(text: str, place: int) -> Iterator[tuple[object, int]]:
        for word, value in (("yes", True), ("no", False)):
            if text.startswith(word, place):
                yield value, place + len(word)

    return Lexicon(say, read)


def _values_of(context: SearchContext, nouns: Nouns) -> Values:
    stamps = [
        value
        for noun in nouns.collections
        for field in nouns.order_fields(noun)
        for value in nouns.values(noun, field)
    ]
    choices = [
        value
        for noun in nouns.collections
        for field in nouns.fields(noun)
        for value in nouns.values(noun, field)
    ]
    for tool in context.environment.tools:
        for name in tool.properties:
            pool = context.pool(tool, name)
            choices += [*pool.values, *pool.fresh] if pool.collection is None else []
    return Values(stamps, choices)


def _capitalised(text: str) -> str:
    """Begin sentences with a capital letter, but leave what is quoted as it is."""
    parts = text.split('"')
    for at in range(0, len(parts), 2):
        pattern = _SENTENCE if at == 0 else _INNER
        parts[at] = pattern.sub(lambda found: found[1] + found[2].upper(), parts[at])
    return '"'.join(parts)
