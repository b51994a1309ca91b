"""Sentences that say in what state something has to be: `cancel a confirmed booking`."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from envscaler.check_env.stated_rules.rule import Broken, Condition, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema, is_flag
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import shown
from envscaler.check_env.stated_rules.words import stem, stems

Links = Mapping[str, Mapping[str, str]]
"""Tool → parameter → table in which its values are looked up."""
_WORD = r"['\"`“‘]?\w+['\"`”’]?"
_SOME = rf"(?P<words>{_WORD}(?:\s*(?:,\s*or\b|,|\bor\b)\s*{_WORD})*)"
_BE = r"(?:is|are|be|has been|have been)(?: still| already| currently)?"
_MUST = re.compile(rf"\b(?:must|has to|have to|needs to) (?:still )?be {_SOME}", re.IGNORECASE)
_MUST_NOT = re.compile(rf"\b(?:must not|may not|cannot) (?:already )?be {_SOME}", re.IGNORECASE)
_THAT_IS = re.compile(rf"\b(?:that|which|who|if it|while it|when it) {_BE} {_SOME}", re.IGNORECASE)
_THAT_IS_NOT = re.compile(
    rf"\b(?:that|which|who|unless it|if it) {_BE} (?:not|no longer) (?:yet )?{_SOME}"
    rf"|\bunless (?:it|they) {_BE} (?P<other>{_WORD})",
    re.IGNORECASE,
)
_WHICH = (_THAT_IS, _THAT_IS_NOT)
_CONDITIONS = ((_THAT_IS_NOT, False), (_MUST_NOT, False), (_MUST, True), (_THAT_IS, True))
"""Each with whether it names the words that are allowed."""
_ONLY = re.compile(
    rf"\bonly (?P<words>{_WORD}(?:\s*(?:,|\bor\b|\band\b)\s*{_WORD})*?) (?P<noun>\w+) "
    r"(?:are|is|can be|may be|will be|can|may) (?:be )?(?P<verb>\w+)",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    rf"(?:^|\b(?:an?|the) ){_SOME} (?P<noun>\w+) (?:cannot|can not|may not|must not|can never"
    r"|is never|are never|is not|are not)(?: be)? (?P<verb>\w+)",
    re.IGNORECASE,
)
_TELLS_OF_SOME = re.compile(r"\b(that|which|who|whose|then|again|if|when|stays?|keeps?)\b")
"""What follows a kind of record of which it is told what becomes of it."""
_OF_SOME = re.compile(r"^\W*(from|for|to|on|in|with|of|at|by|into|under)\s*$", re.IGNORECASE)
"""What a sentence begins with that tells what becomes of some records."""
_MAKES = re.compile(r"^(create|add|register|make|open|new|submit|place|record|import|insert|book)")


def conditions(one: Statement, schema: Schema, links: Links) -> Iterator[StatedRule]:
    """Read a sentence as a condition on the records that a call names."""
    none = frozenset[JsonValue]()
    for tool, path, parameter, words, positive in _spoken(one, schema, links):
        for field, held in schema.words.get(path, {}).items():
            meant = _meant(words, field, held)
            if meant and (len(meant) < len(held) or not positive):
                allowed, refused = (meant, none) if positive else (none, meant)
                found = Condition(tool, parameter, path, field, allowed, refused)
                yield _rule(one, found)
                break


def _spoken(
    one: Statement, schema: Schema, links: Links
) -> Iterator[tuple[str, str, str, list[str], bool]]:
    """Yield tool, table, parameter and words of each condition that a sentence has."""
    if not one.tool:
        yield from _spoken_of_all(one, schema, links)
        return
    for parameter, path in links.get(one.tool, {}).items():
        if one.parameter and one.parameter != parameter:
            continue
        for words, positive in _of_tool(one, schema.tables[path].name):
            yield one.tool, path, parameter, words, positive


def _spoken_of_all(
    one: Statement, schema: Schema, links: Links
) -> Iterator[tuple[str, str, str, list[str], bool]]:
    """Yield the same for a sentence that is of no tool: of all whose name has its verb."""
    for noun, verb, words, positive in _general(one.text):
        tools = [tool for tool in links if stem(verb) in stems(tool)]
        looked_up = ((tool, *link) for tool in tools for link in links[tool].items())
        for tool, parameter, path in looked_up:
            if stems(noun) == stems(schema.tables[path].name):
                yield tool, path, parameter, words, positive


def _general(text: str) -> Iterator[tuple[str, str, list[str], bool]]:
    for match in _ONLY.finditer(text):
        yield match["noun"], match["verb"], _listed(match["words"]), True
    for match in _CANNOT.finditer(text):
        yield match["noun"], match["verb"], _listed(match["words"]), False
    negated = re.match(
        rf"an? (?P<noun>\w+) that is not (?P<word>{_WORD}) is (?:not|never) (?P<verbs>.+)",
        text,
        re.IGNORECASE,
    )
    if negated:
        for verb in re.findall(r"\w+", negated["verbs"]):
            yield negated["noun"], verb, [negated["word"]], True


def _of_tool(one: Statement, noun: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the conditions of a sentence of a tool about records of a kind."""
    about = _about(one, noun)
    for pattern, positive in _CONDITIONS:
        match = re.search(f"{about}(?:{pattern.pattern})", one.text, pattern.flags)
        if match is None:
            continue
        if about and match.start() == 0 and pattern in _WHICH:
            return  # `Requests that are not urgent leave two`: it tells of some, and asks nothing
        yield _named_words(match), positive
        return
    if not one.parameter and not _MAKES.match(one.tool):
        yield from _adjectives(one.text, noun)


def _about(one: Statement, noun: str) -> str:
    """Return a pattern for what stands before a condition; a parameter need not be named again."""
    return "" if one.parameter else rf"{_noun(noun)}\b[^.;]{{0,30}}?"


def _named_words(match: re.Match[str]) -> list[str]:
    """Return the words of a condition, in whichever group of its pattern they are."""
    return _listed(match["words"] or match.groupdict().get("other") or "")


def _adjectives(text: str, noun: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the words before a noun as a condition, as in `a confirmed booking`."""
    plain = re.search(rf"\b(?:an?|the|only) (?:{_SOME}) {_noun(noun)}\b(?!')", text, re.IGNORECASE)
    if plain is None:
        return
    if plain.start() == 0 and _TELLS_OF_SOME.search(text[plain.end() :]):
        return  # `A confirmed concert that then lacks a voice is planned again`
    if _OF_SOME.search(text[: plain.start()]):
        return  # `From a savings account there is a fee`
    # `A draft or a sent invoice`: what stands before is a word of the same kind.
    follows = re.search(r"\b(or|and)\s*$", text[: plain.start()])
    follows = follows or re.search(r"\b(an?|the) \w+ one\b", text[plain.end() :])
    if not follows:
        yield _listed(plain["words"]), True


def _noun(noun: str) -> str:
    last = noun.rpartition("_")[2]
    return rf"\b{re.escape(last)}(?:e?s)?"


def _listed(text: str) -> list[str]:
    words = re.split(r"\s*(?:,|\bor\b|\band\b)\s*", text.lower())
    return [word.strip("'\"`“”‘’ ") for word in words if word.strip("'\"`“”‘’ ")]


def _meant(words: Sequence[str], field: str, held: set[JsonValue]) -> frozenset[JsonValue]:
    """Return the values of a field that words name; nothing when one of them is none."""
    if is_flag(held):
        return frozenset((True,)) if [*map(stem, words)] == [stem(field)] else frozenset()
    texts = {stem(str(value)): value for value in held if isinstance(value, str)}
    known = [texts[stem(word)] for word in words if stem(word) in texts]
    return frozenset(known) if len(known) == len(words) else frozenset()


def _rule(one: Statement, found: Condition) -> StatedRule:
    def broken(step: Step) -> Broken:
        return found.broken_by(step, step.before)

    sign, values = ("is", found.allowed) if found.allowed else ("is not", found.refused)
    words = " or ".join(sorted(map(str, values)))
    said = f"{found.tool} succeeds only where {shown(found.path, found.field)} {sign} {words}"
    return StatedRule(said, one, frozenset((found.path,)), in_step=broken, condition=found)
