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
            found = await _forms(asker, (parameter, question.path, key), text)
            whole = f"{parameter.replace('_', ' ')} {question.tool.replace('_', ' ')} {said}"
            one_of = isinstance(records_of(base.before)[question.path][key].get(field), list)
            problem = problem_of(found, _about(said, parameter, properties_of(tool)), text)
            if problem is None and one_of and found.whole and found.part:
                problem = _part_of_one(whole, text)
            if problem is not None:
                missed, asked, what = problem
                message = f"{question.path}[{key!r}] has the {field} {text!r}. {what}"
                call = FindingCall(tool=question.tool, arguments={parameter: asked})
                about = (question.path, key, missed)
                return _claim(about, message, base.start, call)
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


async def _forms(asker: Asker, about: tuple[str, str, str], text: str) -> Found:
    parameter, path, key = about

    async def finds(form: str) -> bool:
        seen = await asker.ask({parameter: form})
        return seen.succeeded and key in (listed_ids(seen, path) or ())

    return Found(
        await finds(text),
        await finds(text.lower()),
        await finds(text.upper()),
        await finds(_part(text)),
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
    exactly = _EXACT.search(said) and not _PART.search(said)
    if found.whole and found.part and exactly:
        part = _part(text)
        return False, part, f"{part!r} finds it, though it should only be found exactly"
    return None


def _part_of_one(said: str, text: str) -> tuple[bool, str, str] | None:
    """Say that a part of one entry of a list finds a record, where nothing speaks of a search."""
    if _SEARCHES.search(said):
        return None
    part = _part(text)
    return False, part, f"{part!r} finds it, which is no entry of that list but a part of one"


def _claim(
    about: tuple[str, str, bool], message: str, start: int, call: FindingCall
) -> CandidateFinding:
    path, key, missed = about

    async def shows(replay: Sequence[CallRecord]) -> bool:
        listed = listed_ids(replay[-1], path) if replay[-1].succeeded else None
        return (key in (listed or ())) != missed

    return CandidateFinding(FindingKind.WRONG_ANSWER, message, start, (call,), shows)
