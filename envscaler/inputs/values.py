"""Which values an argument may take: from its schema, the live state and the source."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import (
    Scalar,
    collections_of,
    pairs_of,
    scalars_of,
    stem_of,
    target_of,
    values_held,
)
from envscaler.environment.state.plurals import singular
from envscaler.inputs.texts import is_told_as_day, plain_values
from envscaler.records import JsonObject, Tool

MOST_EXISTING = 24
HUGE = 20_000
"""Characters of a huge string, and items of a huge list divided by 20."""

_FITS: dict[str, Callable[[JsonValue], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_HOSTILE: tuple[JsonValue, ...] = ("seven", -1, None, [], {}, ["x"], {"x": None})


@dataclass(frozen=True, slots=True)
class Candidates:
    """Values by what they are for; each fits the schema at its top."""

    existing: tuple[JsonValue, ...]
    """Ids that the state has, and what fields of this name hold."""
    enum: tuple[JsonValue, ...]
    """Words of the schema, or those that the source and the rules mention."""
    plausible: tuple[JsonValue, ...]
    """What a caller may well say: by type and name."""
    missing: tuple[JsonValue, ...]
    """Of the right form, but not in the state."""
    boundary: tuple[JsonValue, ...]
    empty: tuple[JsonValue, ...]
    null: tuple[JsonValue, ...]
    """None where the schema takes it."""
    wrong_type: tuple[JsonValue, ...]
    """Fitting outside, wrong inside: a list or object with odd contents."""
    huge: tuple[JsonValue, ...]

    @property
    def sensible(self) -> tuple[JsonValue, ...]:
        """What may succeed, the likeliest first."""
        return distinct([*self.existing, *self.enum, *self.plausible])

    @property
    def odd(self) -> tuple[JsonValue, ...]:
        """What may well be refused, and must not do harm."""
        return distinct(
            [*self.missing, *self.boundary, *self.empty, *self.null, *self.wrong_type, *self.huge]
        )


def candidates(tool: Tool, parameter: str, state: JsonObject, hints: Hints) -> Candidates:
    """List the values that a parameter of a tool may take in a state.

    Args:
        tool: The tool.
        parameter: Name of one of its parameters.
        state: Tagged JSON, where ids and values are looked for.
        hints: What the source of the class says.
    """
    properties = cast("dict[str, JsonObject]", tool.parameters.get("properties") or {})
    others = [name for name in properties if name != parameter]
    return _Finder(state, hints, others, tool.description).find(
        parameter, properties.get(parameter, {})
    )


def distinct(values: Iterable[JsonValue]) -> tuple[JsonValue, ...]:
    """Drop repeated values; 1, 1.0 and true are different ones."""
    return tuple({(type(value), repr(value)): value for value in values}.values())


@dataclass(frozen=True, slots=True)
class _Finder:
    state: JsonObject
    hints: Hints
    others: Sequence[str]
    """The other parameters of the tool."""
    described: str = ""
    """What is said of the tool."""

    def find(self, name: str, schema: JsonObject) -> Candidates:
        kind = schema.get("type")
        if kind == "array":
            return self._find_array(name, schema)
        if kind == "object":
            return self._find_object(name, schema)
        return self._find_scalar(name, schema)

    def _find_scalar(self, name: str, schema: JsonObject) -> Candidates:
        choices = schema.get("enum")
        existing, words = self._existing(name), [*self.hints.words_for(name)]
        if isinstance(choices, list):
            allowed = [choice for choice in choices if choice is not None]
            existing, words, plain = [], allowed, list[JsonValue]()
            odd = Odd((), (), (), ())
        else:
            told = is_told_as_day(name, f"{schema.get('description', '')} {self.described}")
            dated = f"{name}_day" if told else name
            plain = [*plain_values(dated, schema, [*existing], self.hints.formats)]
            odd = _odd(name, schema, [*existing, *words])
        return Candidates(
            existing=_fitting([_as(value, schema) for value in existing], schema)[:MOST_EXISTING],
            enum=_fitting(words, schema),
            plausible=_fitting(plain, schema),
            missing=odd.missing,
            boundary=odd.boundary,
            empty=odd.empty,
            null=(None,) if schema.get("nullable") else (),
            wrong_type=() if str(schema.get("type")) in _FITS else _HOSTILE,
            huge=odd.huge,
        )

    def _existing(self, name: str) -> list[JsonValue]:
        """List the ids or field values that the name stands for, in the source or by likeness."""
        looked_up = self._looked_up(name) or self._behind_kind(name)
        target = target_of(name, collections_of(self.state))
        ids = [*target.ids] if target is not None else []
        named = ids if stem_of(name) is not None else []
        if looked_up or named:
            return [*looked_up, *named]
        found = self._field_values(name) or self._compared(name) or ids
        return [*(found or dict.fromkeys(rest for _, rest in self._of_kinds()))]

    def _looked_up(self, name: str) -> list[JsonValue]:
        """List the keys among which the source looks a name up."""
        return [
            key
            for holder in self.hints.holders.get(name, ())
            for key, _ in pairs_of(self.state.get(holder)) or ()
        ]

    def _behind_kind(self, name: str) -> list[JsonValue]:
        """List the ids of a kind in a flat store: of `vessel:A` and `lot:7` A for a vessel."""
        kinds = {*map(singular, name.split("_"))}
        return [rest for kind, rest in self._of_kinds() if kind in kinds]

    def _of_kinds(self) -> Iterator[tuple[str, str]]:
        """Yield the parts of keys such as `vessel:A`."""
        keys = (str(key) for held in self.state.values() for key, _ in pairs_of(held) or ())
        for kind, colon, rest in (key.partition(":") for key in keys):
            if colon and rest and kind.isidentifier():
                yield kind, rest

    def _compared(self, name: str) -> list[JsonValue]:
        """List what is held by the fields that the source compares a name with."""
        return [
            value
            for field in self.hints.equals.get(name, ())
            for value in scalars_of(values_held(self.state, field))
        ]

    def _field_values(self, name: str) -> list[Scalar]:
        words = name.split("_")
        for start in range(len(words)):
            found = scalars_of(values_held(self.state, "_".join(words[start:])))
            if found:
                return found
        return []

    def _find_array(self, name: str, schema: JsonObject) -> Candidates:
        shape = _shape_of_items(schema)
        loose = not shape.get("type")
        if loose and self.hints.keys.get(name):
            shape = JsonObject(type="object")
        one = self.find(name, shape)
        good = one.sensible[:4] or one.plausible
        together: list[JsonValue] = [[*good[:2]]] if len(good) > 1 else []
        odd = [*one.missing[:1], *one.boundary[:12], *one.empty[:1], *one.wrong_type]
        return Candidates(
            existing=_alone(one.existing[:4]),
            enum=_alone(one.enum),
            plausible=(*_alone(good), *together),
            missing=_alone(one.missing[:2]),
            boundary=tuple([value, value] for value in good[:1]),
            empty=([],),
            null=_null(schema),
            wrong_type=_alone(_HOSTILE if loose else odd),
            huge=tuple([value] * (HUGE // 20) for value in good[:1]),
        )

    def _find_object(self, name: str, schema: JsonObject) -> Candidates:
        shapes = dict(self._shapes(name, schema))
        parts = {key: self.find(key, shape) for key, shape in shapes.items()}
        best = {
            key: value for key, part in parts.items() for value in self._new_first(key, part)[:1]
        }
        declared = bool(schema.get("properties") or schema.get("additionalProperties"))
        return Candidates(
            existing=(),
            enum=(),
            plausible=tuple(_wholes(best, parts)),
            missing=({"no_such_field": "x"},),
            boundary=tuple(_with_odd(best, parts)),
            empty=({},),
            null=_null(schema),
            wrong_type=() if declared else tuple(_with_hostile(best)),
            huge=(),
        )

    def _shapes(self, name: str, schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
        """Yield the keys that an object may have, with what is known of each."""
        declared = schema.get("properties")
        if isinstance(declared, dict) and declared:
            yield from cast("dict[str, JsonObject]", declared).items()
            return
        keys = self.hints.keys.get(name, ())
        fields = self.hints.record_for(name) or self._sibling_record()
        for key in keys or fields:
            yield key, _shape_of(fields.get(key, "")) or _shape_like(self._existing(key))

    def _new_first(self, key: str, part: Candidates) -> tuple[JsonValue, ...]:
        """Order the values of a field: those there are where it is an id, else new ones."""
        is_id = stem_of(key) is not None or key in self.hints.holders
        if part.enum or (part.existing and is_id):
            return part.sensible
        return (*part.plausible, *part.existing)

    def _sibling_record(self) -> dict[str, str]:
        """Return the fields of the record that another parameter names: what `updates` changes."""
        collections = collections_of(self.state)
        for other in self.others:
            target = target_of(other, collections) if stem_of(other) else None
            if target is not None and target.records:
                known = self.hints.record_for(target.name)
                return {field: known.get(field, "") for field in target.records[0]}
        return {}


def _wholes(best: JsonObject, parts: dict[str, Candidates]) -> Iterator[JsonValue]:
    """Yield objects that make sense: with the best values, one key alone, one other value."""
    yield best
    for key, value in best.items():
        yield {key: value}
    for key, part in parts.items():
        yield from ({**best, key: value} for value in part.sensible[:3] if value != best[key])
    for key, part in parts.items():
        if stem_of(key) is not None and key in best:
            yield from ({**best, key: value} for value in part.missing[:1])


def _shape_of_items(schema: JsonObject) -> JsonObject:
    items = schema.get("items")
    return items if isinstance(items, dict) else {}


def _alone(values: Iterable[JsonValue]) -> tuple[JsonValue, ...]:
    """Put each value in a list of its own."""
    return tuple([value] for value in values)


def _null(schema: JsonObject) -> tuple[JsonValue, ...]:
    return (None,) if schema.get("nullable") else ()


def _with_odd(best: JsonObject, parts: dict[str, Candidates]) -> Iterator[JsonValue]:
    """Yield objects with one odd value of the right type."""
    for key in best:
        for value in parts[key].odd[:4]:
            yield {**best, key: value}


def _with_hostile(best: JsonObject) -> Iterator[JsonValue]:
    """Yield objects with a key missing, or with a value of any other type."""
    for key in best:
        yield {other: value for other, value in best.items() if other != key}
        for value in _HOSTILE[:5]:
            yield {**best, key: value}


@dataclass(frozen=True, slots=True)
class Odd:
    """Values that a scalar should not have."""

    missing: tuple[JsonValue, ...]
    boundary: tuple[JsonValue, ...]
    empty: tuple[JsonValue, ...]
    huge: tuple[JsonValue, ...]


def _odd(name: str, schema: JsonObject, known: Sequence[JsonValue]) -> Odd:
    """List odd values, those around the known ones among them."""
    numbers = [value for value in known if isinstance(value, int | float)][:4]
    around = [near for value in numbers for near in (value - 1, value + 1)]
    match schema.get("type"):
        case "integer":
            absent = max([900, *map(int, numbers)]) + 97
            return Odd((absent,), (0, -1, 1_000_000, *map(int, around)), (), ())
        case "number":
            return Odd((), (0, -1, 0.01, 1e6, *around), (), ())
        case "boolean" | "null":
            return Odd((), (), (), ())
        case _:
            odd = ("[(*{0}%s", "-1", "abc", "2024-13-45", "  ")
            return Odd((f"no-such-{name}",), odd, ("",), ("x" * HUGE,))


def _fitting(values: Iterable[JsonValue], schema: JsonObject) -> tuple[JsonValue, ...]:
    fits = _FITS.get(str(schema.get("type")))
    return distinct(value for value in values if fits is None or fits(value))


def _as(value: JsonValue, schema: JsonObject) -> JsonValue:
    """Return an id in the type that the schema wants: keys that are digits may go by numbers."""
    kind = schema.get("type")
    if kind == "integer" and isinstance(value, str) and value.isdecimal():
        return int(value)
    return str(value) if kind == "string" and type(value) is int else value


def _shape_of(hint: str) -> JsonObject:
    """Return the schema of a plain type; anything for others."""
    names = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
    text = hint.removeprefix("Optional[").removesuffix("]")
    return {"type": names[text]} if text in names else {}


def _shape_like(values: Sequence[JsonValue]) -> JsonObject:
    """Return the schema of the values that a field has now, if they are all of one plain type."""
    names: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
    kinds = {names.get(type(value)) for value in values}
    return {"type": kinds.pop()} if len(kinds) == 1 and None not in kinds else {}
