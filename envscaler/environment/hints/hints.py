"""What the source of a class says about values."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from envscaler.environment.code.syntax import FunctionNode, parse
from envscaler.environment.hints.expressions import Word, literals_of
from envscaler.environment.hints.from_code import Miner
from envscaler.environment.hints.from_comments import notes_of, words_told
from envscaler.environment.state.plurals import singular

_ItemT = TypeVar("_ItemT")
_KNOWN = 64
"""Sources that are read once."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What was found, by name of a parameter, field or attribute."""

    words: Mapping[str, tuple[Word, ...]]
    """Literals that it is compared with, assigned, or said to be one of."""
    stated: Mapping[str, frozenset[Word]]
    """Those of them that are not only compared with: assigned, listed, or told in a text."""
    keys: Mapping[str, tuple[str, ...]]
    """Keys that are read from it, or from its items: `product_id` for `items`."""
    records: Mapping[str, Mapping[str, str]]
    """Record type → field → type as text."""
    formats: tuple[str, ...]
    """Formats with which dates are parsed."""
    holders: Mapping[str, tuple[str, ...]]
    """Attributes in which a name is looked up as a key: `vouchers` for `code`."""
    equals: Mapping[str, tuple[str, ...]]
    """Fields of records that a name is compared with: `id` for `ticket_id`."""

    notes: Mapping[str, str]
    """Comments beside or above the declaration of an attribute or field; of a field that several
    records have, also by `Record.field`."""

    examples: tuple[Mapping[str, Word | None], ...]
    """Each dict that the source writes out: key → constant, None for what is none."""

    def examples_for(self, fields: Collection[str], name: str) -> list[Word]:
        """Return the values that a field has where records with such fields are written out."""
        found = [
            example[name]
            for example in self.examples
            if name in example and 2 * len(example.keys() & set(fields)) > len(fields)
        ]
        return [word for word in found if word is not None]

    def words_for(self, name: str) -> tuple[Word, ...]:
        """Return the words of a name; those of `status` for `new_status`."""
        parts = name.split("_")
        for start in range(len(parts)):
            found = self.words.get("_".join(parts[start:]))
            if found:
                return found
        return ()

    def record_for(self, name: str) -> Mapping[str, str]:
        """Return the fields of the record type that a name such as `orders` holds."""
        wanted = singular(name).replace("_", "").lower()
        endings = ("", "info", "record", "entry", "data", "dict", "type", "model")
        plain = {record.lower(): fields for record, fields in self.records.items()}
        found = [plain[wanted + end] for end in endings if wanted + end in plain]
        return found[0] if found else {}


def mine(source: str, rules: Iterable[str] = ()) -> Hints:
    """Look for values in a module and in the rules of its environment.

    Raises:
        ReplyError: The source does not parse.
    """
    return _mine(source, tuple(rules))


@lru_cache(_KNOWN)
def _mine(source: str, rules: tuple[str, ...]) -> Hints:
    tree = parse(source)
    records = _record_types(tree)
    miner = Miner()
    miner.read(tree)
    known = {name for fields in records.values() for name in fields}
    for name, words in words_told(source, tree, rules, known | miner.words.keys()):
        miner.add(name, *words)
    return Hints(
        words=_in_order(miner.words),
        stated={name: frozenset(found) for name, found in miner.stated.items()},
        keys=_in_order(miner.keys),
        records=records,
        formats=tuple(miner.formats),
        holders=_in_order(miner.holders),
        equals=_in_order(miner.equals),
        notes=dict(notes_of(source)),
        examples=tuple(_examples(tree)),
    )


def _in_order(told: Mapping[str, Iterable[_ItemT]]) -> dict[str, tuple[_ItemT, ...]]:
    return {name: tuple(found) for name, found in told.items()}


def _examples(tree: ast.Module) -> Iterator[dict[str, Word | None]]:
    """Yield the dicts that the source writes out with names as keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and len(node.keys) > 1:
            yield {
                key.value: next(literals_of(value), None)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }


def _record_types(tree: ast.Module) -> dict[str, Mapping[str, str]]:
    """Return the classes that only declare fields."""
    found: dict[str, Mapping[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = {
                item.target.id: ast.unparse(item.annotation)
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
            methods = any(isinstance(item, FunctionNode) for item in node.body)
            if fields and not methods:
                found[node.name] = fields
    return found
