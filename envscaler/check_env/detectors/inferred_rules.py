"""Relations that hold in all given states and after most changes, and that one tool breaks.

A relation becomes a rule when a sentence of the environment speaks of it; then it is serious. Else
it is told as possible, and only when several changes had the chance to break it and did not.
"""

import ast
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.answers import tells_answer
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.relation import Relation, View
from envscaler.environment.state.relations import relations_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject
from envscaler.records import FindingKind, JsonObject

_MOST_STEPS = 400
_WITHOUT_CONDITIONS = frozenset(("unique", "count"))
_CONDITION = re.compile(
    r"\b(status|state|overlap|unless|except|while|when|with|without|if|or|active|open)\b"
)
"""A rule under a condition is another one than the relation without it."""
_NEAR = 5
"""Words behind `at most` in which the field that limits stands."""
_LONGEST = 200
"""Characters of a sentence that states one rule."""
_MANY, _FEW = 5, 2
"""Parts of a listing between commas, and words of most of them."""
_MOST_BREAK = 2
"""Tools that may break a relation which is stated; one that is not may be broken by one."""
_KEPT = 3
"""Changes that touched a relation and kept it."""
_REFERS = r"exist|reference|valid|known|linked|belong|(is|are) in the"
_SIGNS = {
    "reference": _REFERS,
    "membership": rf"{_REFERS}|gone|delet|remov|leave",
    "derived": r"total|sum|count|number of|adds? up|made of|consists?|times",
    "acyclic": r"cycl|circ|itself|ancestor|loop|own",
    "unique": r"no two|never share|not share|uniq",
    "sign": r"negative|below (zero|0)|>= ?0|exceed|at least|enough|sufficient|cannot (fall|drop)",
    "order": (r"exceed|more than|less than|at most|limit|capacity|within|up to|>=|<=|not above"),
    "order_in_time": r"before|after|earlier|later|within|exceed|>=|<=",
    "order_across": r"before|after|older|younger|earlier|later|less|more|exceed|>=|<=",
    "order_between": r"before|after|earlier|later|within|outside|valid|cover|until|expire|from",
    "count": r"exceed|at most|no more than|never more|capacity",
    "room": r"exceed|at most|no more than|never (?:\w+ )?more|capacity|full|room|places? left",
    "apart": r"overlap|at the same time|meet|clash|coincid|twice at|occupied",
    "together": r"exactly (while|when|as long|if)|if and only if",
    "emptiness": r"exactly (while|when|as long|if)|if and only if",
}
_ALONE = frozenset(("acyclic", "sign", "order_across", "derived"))
"""What is told as possible without any sentence."""
_UNSTATED = _ALONE | {"membership"}
"""What is looked at without one."""


@dataclass
class _Record:
    """What the changes of an examination did to one relation."""

    kept: Counter[str] = field(default_factory=Counter[str])
    broke: dict[str, list[CallRecord]] = field(default_factory=dict[str, list[CallRecord]])


async def inferred_rules(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that tools break relations which hold everywhere else."""
    stated = _relations(explorer)
    told: set[str] = set()
    for relation, record in _judged([*stated], explorer.ledger.shortest_changes(_MOST_STEPS)):
        if not _convinces(relation, record, stated[relation]):
            continue
        for tool, broken in record.broke.items():
            if tool not in told:
                told.add(tool)
                yield _claim(relation, broken[0], stated[relation])


def _relations(explorer: Explorer) -> dict[Relation, str]:
    """Return what holds in the given states and may be told, each with a sentence about it."""
    given = [state for state in explorer.stage.initial_states[: explorer.given] if state]
    if not given or explorer.stage.invented:
        return {}
    ruling = _ruling(explorer.stage.subject)
    stated = {one: sentence_about(one, ruling) for one in relations_of(given)}
    return {one: said for one, said in stated.items() if said or one.kind in _UNSTATED}


def _judged(
    relations: Sequence[Relation], steps: Sequence[CallRecord]
) -> Iterator[tuple[Relation, _Record]]:
    """Yield the relations that some step breaks, those with the fewest names first."""
    views: dict[int, View] = {}
    paths = [" ".join(seen.changed_paths) for seen in steps]

    def view(state: JsonObject) -> View:
        if id(state) not in views:
            views[id(state)] = View(state)
        return views[id(state)]

    for relation in relations:
        record, named = _Record(), _pattern_of(relation)
        for seen, changed in zip(steps, paths, strict=True):
            before, after = relation.broken(view(seen.before)), relation.broken(view(seen.after))
            if after - before and re.search(rf"\b{re.escape(relation.own)}\b", changed):
                record.broke.setdefault(seen.call.tool, []).append(seen)
            elif named.search(changed):  # the change had to do with what the relation is about
                record.kept[seen.call.tool] += 1
        if record.broke:
            yield relation, record


def _pattern_of(relation: Relation) -> re.Pattern[str]:
    """Return a pattern that finds the names which a relation is about; without any, nothing."""
    names = "|".join(map(re.escape, relation.names))
    return re.compile(rf"\b(?:{names})\b" if names else r"(?!)")


def _convinces(relation: Relation, record: _Record, sentence: str) -> bool:
    """Say whether a relation may be told: it is stated, or nearly all changes keep it."""
    if sentence:
        return len(record.broke) <= _MOST_BREAK
    if len(record.broke) > 1:
        return False
    if relation.kind == "membership":
        return all(_takes_away(seen) for kept in record.broke.values() for seen in kept)
    others = sum(count for tool, count in record.kept.items() if tool not in record.broke)
    return relation.kind in _ALONE and others >= _KEPT


def _takes_away(seen: CallRecord) -> bool:
    """Say whether a call removed a whole record."""
    before, after = View(seen.before).ids, View(seen.after).ids
    return any(ids - after.get(path, set[str]()) for path, ids in before.items())


def sentence_about(relation: Relation, ruling: Sequence[str]) -> str:
    """Return which sentence of the rules or descriptions speaks of a relation; else empty."""
    single = relation.kind == "unique" and len(relation.names) == 1
    sign = re.compile(r"uniq|no two" if single else _SIGNS[relation.kind], re.IGNORECASE)
    whole = single or relation.kind == "order"
    for sentence in ruling:
        may_be = _may_state(sentence, relation) and sign.search(sentence)
        if (
            may_be
            and _names_all(sentence, relation, whole=whole)
            and (relation.kind != "order" or _compares(sentence, relation))
        ):
            return sentence
    return ""


def _compares(sentence: str, relation: Relation) -> bool:
    """Say whether a sentence sets one field of a relation against the other, not a number."""
    core = [_stems(name) or frozenset((name,)) for name in relation.core]
    for found in re.finditer(_SIGNS["order"], sentence, re.IGNORECASE):
        before = _stems(sentence[: found.start()])
        after = " ".join(sentence[found.end() :].split()[:_NEAR])
        limit = [one for one in core if one <= _stems(after)]
        if (
            limit
            and not re.match(r"\W*\d", after)
            and any(one <= before for one in core if one not in limit)
        ):
            return True
    return False


def _ruling(subject: Subject) -> tuple[str, ...]:
    """Return the sentences that may be about the state: not those on what queries answer."""
    asking = [name for name, kind in subject.kinds.items() if kind == "query"]
    texts = [" ".join((ast.get_docstring(subject.methods[one]) or "").split()) for one in asking]
    names = frozenset(re.findall(r"[\"']([A-Za-z_]\w*)[\"']", subject.skeleton.source))
    return tuple(
        one
        for one in subject.sentences
        if not tells_answer(one, names) and not any(one in text for text in texts)
    )


def _may_state(sentence: str, relation: Relation) -> bool:
    """Say whether a sentence is short and no list, without a condition where none may be."""
    if relation.kind in _WITHOUT_CONDITIONS and _CONDITION.search(sentence):
        return False
    return len(sentence) <= _LONGEST and not _is_listing(sentence)


def _names_all(sentence: str, relation: Relation, *, whole: bool) -> bool:
    """Say whether a sentence has all words, or one word, of each name of a relation."""
    words = _stems(sentence) | set(re.findall(r"[a-z]+", sentence.lower()))
    core = [_stems(name) or frozenset((name,)) for name in relation.core]
    return all(one <= words if whole else bool(one & words) for one in core)


def _is_listing(sentence: str) -> bool:
    """Say whether a sentence only lists names, as one does that says which fields there are."""
    parts = sentence.split(",")
    return len(parts) >= _MANY and sum(len(part.split()) <= _FEW for part in parts) > len(parts) / 2


_DULL = frozenset(("id", "ids", "the", "of", "by", "at", "is", "a", "name", "key"))


@lru_cache(4096)
def _stems(text: str) -> frozenset[str]:
    """Return the words of a text in the singular, without their endings."""
    words: Iterable[str] = re.findall(r"[a-z]+", text.lower().replace("_", " "))
    return frozenset(_stem(word) for word in words if word not in _DULL)


def _stem(word: str) -> str:
    word = singular(word)
    for ending in ("ing", "ed", "en", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


def _claim(relation: Relation, seen: CallRecord, sentence: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        before, after = View(replay[-1].before), View(replay[-1].after)
        return bool(relation.broken(after) - relation.broken(before)) and replay[-1].succeeded

    new = relation.broken(View(seen.after)) - relation.broken(View(seen.before))
    where = ", ".join(sorted(new)[:3])
    said = f"{relation.text}: it held before the call, and not after it ({where})"
    said += f". Stated: {sentence[:160]!r}" if sentence else ". It is stated nowhere"
    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        seen.start,
        seen.sequence,
        shows,
        key=sentence or relation.text,
        severity="possible",
    )
