"""Searches by text that do not find what they should: the text itself, in any case, or in part.

Each search is made with the text of a record as it stands, in small and in large letters, and with
a part of it. What the description promises of case and parts has to hold.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import (
    Asker,
    Question,
    field_values,
    listed_ids,
    question_of,
    records_of,
)
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import items_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of, required_of
from envscaler.records import FindingCall, FindingKind, JsonObject

_ANY_CASE = re.compile(
    r"case[- ]insensitiv|any case|upper and lower case|(?:regardless|irrespective) of case|"
    r"ignor\w+ case|case is ignored|lower and upper case"
)
_EXACT = re.compile(r"\bexact(?:ly)?\b|\bthat very\b|\bexact match")
_PART = re.compile(r"\bparts? of (?:the|their|its|a)\b|contain|substring|partial|\bhas \w+ in it\b")
_SEARCHES = re.compile(
    r"\b(contain\w*|search\w*|match\w*|parts?|find\w*|begin\w*|start\w*|prefix|text|words?|like|"
    r"quer\w+|substring|keyword|term|similar)\b"
)
_TEXT = re.compile(r"^[^\W\d_][\w' -]{3,40}$")
_NOTHING = "zqzqzq"
_MOST_RECORDS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """With which forms of its text a record is found."""

    whole: bool
    small: bool
    large: bool
    part: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """What a search may be wrong about."""

    any_case: bool
    exactly: bool
    """A part of a text should not find it."""


async def text_searches(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that searches miss a text in another case, or find what is only a part of it."""
    for name, tool in explorer.stage.subject.tools.items():
        question = question_of(explorer, name)
        needed = {*required_of(tool)}
        for parameter, shape in properties_of(tool).items() if question else ():
            if shape.get("type") == "string" and question and needed <= {parameter}:
                claim = await _searched(explorer, question, parameter, shape)
                if claim is not None:
                    yield claim
                    break


async def _searched(
    explorer: Explorer, question: Question, parameter: str, shape: JsonObject
) -> CandidateFinding | None:
    tool = explorer.stage.subject.tools[question.tool]
    said = " ".join(f"{tool.description} {shape.get('description', '')}".lower().split())
    base = question.asked[0]
    session = await explorer.stage.begin(base.start)
    asker = Asker(session, question.tool)
    try:
        nothing = await asker.ask({parameter: _NOTHING})
        if listed_ids(nothing, question.path):
            return None
        for field, key, text in _texts(base.before, question.path):
            whole = f"{parameter.replace('_', ' ')} {question.tool.replace('_', ' ')} {said}"
            about = _about(said, parameter, properties_of(tool))
            held = records_of(base.before)[question.path][key].get(field)
            one_of = isinstance(held, list) and not _SEARCHES.search(whole)
            promised = Promised(bool(_ANY_CASE.search(about)), exactly=_is_exact(about) or one_of)
            found = await _forms(asker, (parameter, question.path, key), text, promised)
            problem = problem_of(found, about, text)
            if problem is None and one_of and found.whole and found.part:
                problem = _part_of_one(text)
            if problem is not None:
                missed, asked, what = problem
                message = f"{question.path}[{key!r}] has the {field} {text!r}. {what}"
                call = FindingCall(tool=question.tool, arguments={parameter: asked})
                return _claim((question.path, key, missed), message, base.start, call)
    finally:
        await session.close()
    return None


def _about(said: str, parameter: str, others: Iterable[str]) -> str:
    """Return the sentences of a description that do not quote other parameters alone."""
    parts = re.split(r"(?<=[.;])\s", said)
    return " ".join(
        part
        for part in parts
        if f"`{parameter}`" in part or not any(f"`{one}`" in part for one in others)
    )


def _texts(state: JsonObject, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield fields with the key of a record and a text that it has there, a few of each."""
    for field, held in field_values(state, path):
        count = 0
        for key, value in held.items():
            for text in items_of(value) or [value]:
                if isinstance(text, str) and _TEXT.match(text) and count < _MOST_RECORDS:
                    count += 1
                    yield field, key, text


async def _forms(asker: Asker, about: tuple[str, str, str], text: str, promised: Promised) -> Found:
    """Ask by the forms of a text that can tell anything, and take the others as not found."""
    parameter, path, key = about

    async def finds(form: str) -> bool:
        seen = await asker.ask({parameter: form})
        return seen.succeeded and key in (listed_ids(seen, path) or ())

    whole = await finds(text)
    cases = promised.any_case or not whole
    return Found(
        whole,
        small=cases and await finds(text.lower()),
        large=cases and await finds(text.upper()),
        part=whole and promised.exactly and await finds(_part(text)),
    )


def _part(text: str) -> str:
    """Return the beginning of a text, which nothing else may have as its whole text."""
    return text[: max(2, len(text) - 2)].rstrip()


def problem_of(found: Found, said: str, text: str) -> tuple[bool, str, str] | None:
    """Say whether a record is missed or found wrongly, with which text, and why that is wrong."""
    return _missed(found, said, text) or _found_by_a_part(found, said, text)


def _missed(found: Found, said: str, text: str) -> tuple[bool, str, str] | None:
    if not found.whole and (found.small or found.large):
        other = text.lower() if found.small else text.upper()
        return True, text, f"It is not found by that very text, but by {other!r}"
    cases = ((text.lower(), found.small), (text.upper(), found.large))
    missed = [form for form, hit in cases if not hit]
    if found.whole and missed and _ANY_CASE.search(said):
        return True, missed[0], f"The case should not matter, but {missed[0]!r} does not find it"
    return None


def _found_by_a_part(found: Found, said: str, text: str) -> tuple[bool, str, str] | None:
    if found.whole and found.part and _is_exact(said):
        part = _part(text)
        return False, part, f"{part!r} finds it, though it should only be found exactly"
    return None


def _is_exact(said: str) -> bool:
    return bool(_EXACT.search(said)) and not _PART.search(said)


def _part_of_one(text: str) -> tuple[bool, str, str]:
    """Say that a part of one entry of a list finds a record, where nothing speaks of a search."""
    part = _part(text)
    return False, part, f"{part!r} finds it, which is no entry of that list but a part of one"


def _claim(
    about: tuple[str, str, bool], message: str, start: int, call: FindingCall
) -> CandidateFinding:
    path, key, missed = about

    async def shows(replay: Sequence[CallRecord]) -> bool:
        listed = listed_ids(replay[-1], path) if replay[-1].succeeded else None
        return (key in (listed or ())) != missed

    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, message, start, (call,), shows, severity="possible")
