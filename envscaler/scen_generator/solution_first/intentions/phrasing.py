"""The grammar of the messages about one state of one environment."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import cast

import inflection

from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions import groups, sentences
from envscaler.scen_generator.solution_first.intentions.grammar import (
    Form,
    Grammar,
    Lexicon,
    UnsaidError,
    form,
)
from envscaler.scen_generator.solution_first.intentions.groups import possessives
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Argument,
    Firsts,
    Given,
    Group,
    Intention,
    Many,
    Request,
    Same,
    requests_in,
)
from envscaler.scen_generator.solution_first.intentions.literals import examples
from envscaler.scen_generator.solution_first.intentions.meaning import noun_of
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.references import References, begins
from envscaler.scen_generator.solution_first.intentions.round_sentences import (
    ROUND_RULE,
    add_rounds,
)
from envscaler.scen_generator.solution_first.intentions.spoken import Values, ids
from envscaler.scen_generator.solution_first.intentions.targets import target_collection, targets_of
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR, PRAISING
from envscaler.scen_generator.solution_first.intentions.verbs import (
    is_creating,
    is_ending,
    wordings,
)

Voice = str
"""`own`: whoever writes is the person that it is about; `other`: somebody else."""
VOICES: tuple[Voice, ...] = ("own", "other")
_FRAMED = 0.35
"""How often a message about nobody in particular begins with a kind of records."""
_LIKES = re.compile(rf"{PRAISING.pattern}|^(un)?(like|share|follow|join|leave)_")
_SHORT = 3
"""Steps up to which a message needs no situation that explains them."""
_ACTING = re.compile(r" on behalf of \{(\w+)\}")
_BESIDE = re.compile(r"\{(\w+)\}(?=,| and )|(?:,| and| at| in| of| about| on| by) \{(\w+)\}")
_WHOLE = re.compile(r"\w+ \{(\w+)\}")
_OF = re.compile(r"the ((?:(?! of (?!birth))[\w -])+) of \{(\w+)\}")
_PLURAL = re.compile(r"(account|record|membership|profile)(?= of )")
_SET = re.compile(r"the [\w -]+ of \{\w+\} to \{(\w+)\}")
_AND_THE = re.compile(r" and the (?=[\w -]+ to \{)")
"""Before what else of a record is set."""
_ITS = re.compile(r" (from|off|out of|leave|to) its (\w+)")
_PHRASAL = re.compile(
    r"(?:(\w+) (out|up|off|back|down|away)"
    r"|(sign|clock|switch|turn|check|log|bring|hand) (in|on|over)) \{(\w+)\}"
)
_SO_MANY = re.compile(r"\{(\w+)\} (?:[a-z]*[a-rt-z]s|percent)\b")
"""A number of what is more than one."""
"""A verb with a particle: sign off somebody, and sign them off."""
_SENTENCE = re.compile(r"(^|[.!?] )([a-z])")
_INNER = re.compile(r"([.!?] )([a-z])")


class Phrasing:
    """Words intentions as messages, and reads messages.

    Args:
        context: The environment and its state.
        nouns: Words of its collections.
    """

    def __init__(self, context: SearchContext, nouns: Nouns) -> None:
        self._context = context
        self._nouns = nouns
        self._references = References(nouns)
        self._values = _values_of(context, nouns)
        self._acting: dict[str, set[str]] = {}
        """Tool → its parameters that say on whose behalf something is done."""
        self._grammars: dict[Voice, Grammar] = {}
        """Made when something is said for the first time: in most states little is."""
        self._reader = self._grammar(VOICES)

    def say(self, intention: Intention, voice: Voice, random: Random) -> str:
        """Put an intention into words.

        Raises:
            UnsaidError: There are none.
        """
        rule = self._rule_for(intention, random)
        if voice not in self._grammars:
            self._grammars[voice] = self._grammar((voice,))
        said = self._grammars[voice].say(rule, intention, random)
        return _capitalised(
            sentences.politely(sentences.evenly_quoted(sentences.shortened(said)), random)
        )

    def _rule_for(self, intention: Intention, random: Random) -> str:
        """Choose how a message begins."""
        if intention.kinds:
            return ROUND_RULE
        first = requests_in(intention.steps[0])[0]
        is_for_many = any(isinstance(each, Many) for _, each in first.arguments)
        if intention.about is None and is_for_many and random.random() < _FRAMED:
            kind = next(self._kinds_of(first), None)
            if kind is not None and not self._nouns.is_human(kind):
                return sentences.framed_rule(kind)
        return sentences.LONG_RULE if len(intention.steps) > _SHORT else "message"

    def _kinds_of(self, request: Request) -> Iterator[str]:
        """Yield the kinds of records that a request is about, those that its tool names first.

        None where somebody likes or shares something, who does not look after it.
        """
        if _LIKES.search(request.tool):
            return
        nouns = [
            noun_of(argument)
            for name, argument in request.arguments
            if not isinstance(argument, Given | Same) and not ACTOR.match(name)
        ]
        words = request.tool.split("_")
        yield from sorted(
            nouns, key=lambda noun: self._nouns.singular(noun).split()[0] not in words
        )

    def acting(self, request: Request) -> tuple[Argument, ...]:
        """Return those on whose behalf a request is made."""
        names = self._acting.get(request.tool, ())
        return tuple(argument for name, argument in request.arguments if name in names)

    def says(self, rule: str, meaning: object) -> bool:
        """Tell whether there are words for a part of an intention."""
        try:
            self._reader.say(rule, meaning, Random(0))
        except LookupError:
            return False
        return True

    def example(self, request: Request) -> str:
        """Put one request into words; there are some.

        Raises:
            UnsaidError: There are none.
        """
        return self._reader.say("do", request, Random(0))

    def words_for(self, request: Request, random: Random) -> str:
        """Put one request into words that mean nothing else: `archive the document doc_4`.

        Raises:
            UnsaidError: There are none.
        """
        said = self._reader.say("do", request, random)
        if self._reader.read("do", said) != [request]:
            raise UnsaidError(f"{said!r} may be read otherwise")
        return said

    def read(self, message: str) -> list[Intention]:
        """Return all that a message may mean.

        Raises:
            AmbiguousError: That is too much.
        """
        found = [
            reading
            for core in sentences.cores(message)
            for reading in self._reader.read(sentences.ANY_RULE, sentences.in_full(core))
        ]
        return cast("list[Intention]", found)

    def _grammar(self, voices: Sequence[Voice]) -> Grammar:
        grammar = Grammar()
        grammar.define("plain", self._values.lexicon())
        grammar.define("word", self._values.words())
        for rule, words in groups.WORDS.items():
            grammar.define(rule, self._values.words(words))
        grammar.define("id", ids())
        grammar.define("proper", self._values.proper())
        grammar.add("value", form(Given, "{value}", {"value": "plain"}))
        grammar.define("flag", _flags())
        grammar.define("several", self._values.several())
        grammar.add("several values", form(Given, "{value}", {"value": "several"}))
        grammar.add("new id", form(Given, "{value}", {"value": "id"}))
        grammar.add("flag value", form(Given, "{value}", {"value": "flag"}))
        for noun in self._nouns.collections:
            self._references.add(grammar, noun, voices)
            self._references.add_groups(grammar, noun, voices)
            self._references.add_conditions(grammar, noun, voices)
        for noun in self._nouns.collections:
            self._add_places(grammar, noun, voices)
        for tool in self._context.environment.tools:
            if tool.name in self._context.environment.structure.changes:
                for each in self.requests(tool, voices):
                    sentences.add_request(grammar, each)
        sentences.add_sentences(grammar)
        sentences.add_plain_messages(grammar)
        add_rounds(grammar, self._nouns, voices)
        for noun in self._nouns.collections:
            sentences.add_messages(grammar, noun, self._nouns, voices)
            sentences.add_framed_messages(grammar, noun, self._nouns)
        return grammar

    def _add_places(self, grammar: Grammar, noun: str, voices: Sequence[Voice]) -> None:
        """Add the rules for what may stand in the places of a request, where it sounds well."""
        grammar.add(f"many {noun}", *grammar.forms(f"ref {noun}"))
        grammar.add(f"any {noun}", *grammar.forms(f"many {noun}"))
        grammar.add(f"beside {noun}", *grammar.forms(f"many {noun}"))
        for voice in voices:
            near = f"this {self._nouns.singular(noun)}"
            said = "me" if voice == "own" else self._references.pronoun(noun).replace("it", near)
            grammar.add(f"beside {noun}", form(About, said, {}, {"noun": noun}))
        grammar.add(f"one or all {noun}", *grammar.forms(f"many {noun}"))
        grammar.add(f"one {noun} by itself", *grammar.forms(f"ref {noun}"))
        sets = [each for each in grammar.forms(f"many {noun}") if each.kind in (Group, Firsts)]
        singly = [each for each in sets if begins(each, "every ")]
        grammar.add(f"one {noun} by itself", *singly)
        grammar.add(f"all {noun}", *(each for each in sets if each not in singly))
        pronouns = [each for each in grammar.forms(f"any {noun}") if each.kind is About]
        grammar.add(f"alone {noun}", *grammar.forms(f"one {noun} by itself"), *pronouns)
        self._references.add_lists(grammar, noun)
        _part_pronouns(grammar, noun)
        others = (each for each in grammar.forms(f"any {noun}") if each.kind not in (About, Again))
        names = (replace(each, weight=50) for each in grammar.forms(f"bare {noun}"))
        grammar.add(f"called {noun}", *others, *names)

    def requests(self, tool: Tool, voices: Sequence[Voice]) -> Iterator[Form]:
        """Yield the forms in which a tool is asked for."""
        for as_new in (False, True) if is_creating(tool) else (False,):
            targets = targets_of(tool, self._context, as_new=as_new)
            for wording in wordings(tool, targets):
                rules = self._rules(tool, targets)
                switched = {name: Given(each) for name, each in wording.said.items()}
                for pattern in wording.patterns:
                    yield from self._spoken(pattern, tool, rules, voices, switched)

    def _spoken(
        self,
        pattern: str,
        tool: Tool,
        rules: Mapping[str, str],
        voices: Sequence[Voice],
        switched: Mapping[str, Given],
    ) -> Iterator[Form]:
        """Yield the forms for a pattern."""
        fixed: dict[str, object] = {"tool": tool.name, **switched}
        rules = {**rules, **self._fuller(pattern, rules), **self._called(pattern, rules)}
        if (its := _ITS.search(pattern)) and (whole := _WHOLE.match(pattern)):
            noun = rules[whole[1]].split(" ", 1)[1]
            theirs = pattern.replace(its[0], f" {its[1]} their {inflection.pluralize(its[2])}")
            rules = {**rules, whole[1]: f"alone {noun}"}
            for rule in ("list", "listed", "all"):
                many = {**rules, whole[1]: f"{rule} {noun}"}
                yield from self._spoken(theirs, tool, many, voices, switched)
        if acting := _ACTING.search(pattern):
            self._acting.setdefault(tool.name, set()).add(acting[1])
            yield from self._on_behalf(pattern, acting, rules, voices, fixed)
        if is_ending(tool.name) and (whole := _WHOLE.match(pattern)):
            kind = rules.get(whole[1], "")
            if kind.startswith("any ") and self._nouns.is_human(kind[4:]):
                yield from self._own_account(pattern, whole[1], kind[4:], rules, voices, fixed)
                return
        if apart := _PHRASAL.match(pattern):
            yield from self._apart(pattern, apart, rules, fixed)
            return
        yield from self._owned(pattern, tool, rules, voices, fixed)

    @staticmethod
    def _apart(
        pattern: str, apart: re.Match[str], rules: Mapping[str, str], fixed: Mapping[str, object]
    ) -> Iterator[Form]:
        """Yield forms in which a pronoun stands before a particle, and nothing else does."""
        verb, particle = apart[1] or apart[3], apart[2] or apart[4]
        name = apart[5]
        noun = rules[name].split(" ", 1)[1]
        yield form(Request, pattern, {**rules, name: f"plain {noun}"}, fixed)
        around = f"{verb} {{{name}}} {particle}{pattern[apart.end() :]}"
        yield form(Request, around, {**rules, name: f"pronoun {noun}"}, fixed)

    def _owned(
        self,
        pattern: str,
        tool: Tool,
        rules: Mapping[str, str],
        voices: Sequence[Voice],
        fixed: Mapping[str, object],
    ) -> Iterator[Form]:
        """Yield a form for a pattern, and `my status` beside `the status of ...`."""
        found = _OF.search(pattern)
        target = target_collection(tool, found[2], self._context) if found else None
        if found is None or target is None:
            yield form(Request, pattern, rules, fixed)
            return
        human = self._nouns.is_human(target.path)
        many = _PLURAL.sub(r"\1s", found[0])
        is_alike = many == found[0] and not _AND_THE.search(pattern)
        single = f"one or all {target.path}" if is_alike else f"one {target.path} by itself"
        its = pattern if human else _AND_THE.sub(" and its ", pattern)
        yield form(Request, its, {**rules, found[2]: single}, fixed)
        theirs = _AND_THE.sub(" and their ", pattern.replace(found[0], many))
        for rule in ("list", "all"):
            listed = {**rules, found[2]: f"{rule} {target.path}"}
            yield form(Request, theirs, listed, fixed)
        listed = {**rules, found[2]: f"listed {target.path}"}
        yield form(Request, theirs, listed, fixed, 50)
        if human:
            named = pattern.replace(found[0], f"{{{found[2]}}}'s {found[1]}")
            person = {**rules, found[2]: f"person {target.path}"}
            yield form(Request, named, person, fixed, 3)
        yield from self._of_the_last(pattern, found, target.path, rules, fixed)
        for mine in possessives(voices, human=human):
            words = pattern.replace(found[0], f"{mine} {found[1]}")
            words = _AND_THE.sub(f" and {mine} ", words)
            yield form(Request, words, rules, {**fixed, found[2]: About(target.path)}, 3)

    def _of_the_last(
        self,
        pattern: str,
        found: re.Match[str],
        noun: str,
        rules: Mapping[str, str],
        fixed: Mapping[str, object],
    ) -> Iterator[Form]:
        """Yield a form for what is of the record that was spoken of last: `its status`."""
        its = "their" if self._nouns.is_human(noun) else "its"
        words = _AND_THE.sub(f" and {its} ", pattern.replace(found[0], f"{its} {found[1]}"))
        yield form(Request, words, rules, {**fixed, found[2]: Again(noun, is_near=True)}, 50)

    def _called(self, pattern: str, rules: Mapping[str, str]) -> Mapping[str, str]:
        """Return other rules for what a field is set to that says what it is: `to Marketing`."""
        found = _SET.search(pattern)
        kind = rules.get(found[1], "").split(" ", 1) if found else [""]
        if found is None or kind[0] != "any" or self._nouns.is_human(kind[1]):
            return {}
        return {found[1]: f"called {kind[1]}"} if self._nouns.name_fields(kind[1]) else {}

    @staticmethod
    def _fuller(pattern: str, rules: Mapping[str, str]) -> Mapping[str, str]:
        """Return other rules for slots in which `it` and `them` sound odd."""
        slots = {found[1] or found[2] for found in _BESIDE.finditer(pattern)}
        acting = {found[1] for found in _ACTING.finditer(pattern)}
        many = {each: "several values" for each in _so_many(pattern) if rules[each] == "value"}
        return many | {
            name: rule.replace("any ", "many " if name in acting else "beside ", 1)
            for name, rule in rules.items()
            if name in slots | acting and rule.startswith("any ")
        }

    def _own_account(
        self,
        pattern: str,
        name: str,
        noun: str,
        rules: Mapping[str, str],
        voices: Sequence[str],
        fixed: Mapping[str, object],
    ) -> Iterator[Form]:
        """Yield forms for the end of a person's record: `delete my account`, not `delete me`."""
        yield form(Request, pattern, {**rules, name: f"one or all {noun}"}, fixed)
        thing = "account" if re.search("user|customer|member", noun) else "record"
        many = pattern.replace(f"{{{name}}}", f"the {thing}s of {{{name}}}", 1)
        yield form(Request, many, {**rules, name: f"listed {noun}"}, fixed)
        for mine in possessives(voices, human=True):
            said = pattern.replace(f"{{{name}}}", f"{mine} {thing}", 1)
            yield form(Request, said, rules, {**fixed, name: About(noun)})

    def _on_behalf(
        self,
        pattern: str,
        acting: re.Match[str],
        rules: Mapping[str, str],
        voices: Sequence[str],
        fixed: Mapping[str, object],
    ) -> Iterator[Form]:
        """Yield forms with `on my behalf`."""
        kind = rules.get(acting[1], "").split(" ", 1)
        if kind[0] not in ("any", "many", "beside"):
            return
        human = self._nouns.is_human(kind[1])
        for mine in possessives(voices, human=human):
            slots = {name: rule for name, rule in rules.items() if name != acting[1]}
            meant = {**fixed, acting[1]: About(kind[1])}
            if mine == "my":  # whoever asks for it does it
                yield form(Request, pattern.replace(acting[0], ""), slots, meant, 8)
            weight = 0.3 if mine == "my" else 2
            whole = pattern.replace(acting[0], f" on {mine} behalf")
            yield form(Request, whole, slots, meant, weight)

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


def _so_many(pattern: str) -> set[str]:
    """Return the slots of numbers of which the noun says that they are more than one."""
    return {found[1] for found in _SO_MANY.finditer(pattern)}


def _part_pronouns(grammar: Grammar, noun: str) -> None:
    """Add the rules for pronouns alone, and for all that is none."""
    every = grammar.forms(f"any {noun}")
    grammar.add(f"pronoun {noun}", *filter(_is_pronoun, every))
    grammar.add(f"plain {noun}", *(each for each in every if not _is_pronoun(each)))


def _is_pronoun(each: Form) -> bool:
    """Tell whether a form is `it`, `them` or `me`."""
    return each.parts in (("it",), ("them",), ("me",))


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
            choices += examples(tool, name)
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
